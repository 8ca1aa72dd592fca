import { firstMatch } from '../select/path.ts'
import { selectorOf } from '../select/select.ts'
import { checkIncremental } from './check-incremental.ts'
import { hasToken } from './endpoint.ts'
import type { ExpandedEndpoint } from './expand-params.ts'
import type { Path, Report } from './issues.ts'
import type { MergedResource } from './merge.ts'
import { attempt } from './placeholders.ts'
import { resolveAction } from './response-action.ts'

/** What the schemas cannot see: rules between the options of one resource, after the defaults were merged in. */
export function checkResource(merged: MergedResource, endpoint: ExpandedEndpoint, report: Report): void {
  checkBody(merged, endpoint, report)
  checkKeys(merged, report)
  const { dataSelector, incremental, responseActions } = endpoint
  if (dataSelector) attempt(() => selectorOf(dataSelector), merged.atEndpoint('dataSelector'), report)
  for (const [i, action] of (responseActions ?? []).entries())
    attempt(() => resolveAction(action), [...merged.atEndpoint('responseActions'), i, 'jsonPath'], report)
  if (!incremental || hasToken(incremental)) return
  const path = merged.atEndpoint(merged.endpoint.incremental ? 'incremental' : 'params')
  attempt(() => firstMatch(incremental.cursorPath), [...path, 'cursorPath'], report)
  checkIncremental(incremental, path, report)
}

function checkBody(
  { atEndpoint }: MergedResource,
  { method, json, data, paginator, headers }: ExpandedEndpoint,
  report: Report,
): void {
  const has = (body: unknown) => body !== undefined && body !== null
  const body = has(json) ? 'json' : 'data'
  if (has(json) && has(data)) {
    report({
      code: 'body_conflict',
      path: atEndpoint('data'),
      what: 'json and data are both set',
      hint: 'Use one of them.',
    })
  }
  if (/^(?:get|head)$/i.test(method ?? 'GET')) {
    const hint = "Use params, or the method 'POST'."
    if (has(json) || has(data)) {
      report({ code: 'get_with_body', path: atEndpoint(body), what: 'a GET request cannot have a body', hint })
    }
    for (const key of typeof paginator === 'object' ? Object.keys(paginator ?? {}) : []) {
      const path = [...atEndpoint('paginator'), key]
      if (key.endsWith('BodyPath'))
        report({ code: 'get_with_body', path, what: 'a GET request cannot have a body', hint })
    }
  }
  for (const [name, value] of Object.entries(headers ?? {}))
    checkHeader(name, value, [...atEndpoint('headers'), name], report)
}

/** What `Headers` refuses, and placeholders, which are looked at when they are filled. */
export function checkHeader(name: string, value: string | null, path: Path, report: Report): void {
  if (!/^[\w!#$%&'*+.^`|~{}-]+$/.test(name))
    report({ path, what: 'expected a header name made of letters, digits and -' })
  if (/[\0\r\n]/.test(value ?? '')) report({ path, what: 'expected a header value without line breaks' })
}

function checkKeys({ options, at }: MergedResource, report: Report): void {
  const { primaryKey, writeDisposition, columns } = options
  const keys = typeof primaryKey === 'string' ? [primaryKey] : (primaryKey ?? [])
  for (const [i, key] of keys.entries()) {
    if (keys.indexOf(key) < i) report({ path: [...at('primaryKey'), i], what: 'the same field again' })
  }
  const merges = typeof writeDisposition === 'object' ? writeDisposition !== null : writeDisposition === 'merge'
  if (merges && keys.length === 0) {
    const hint = 'Set primaryKey to the field that tells records apart.'
    report({ code: 'schema_invalid', path: at('writeDisposition'), what: 'merge needs a primaryKey', hint })
  }
  for (const hint of ['hardDelete', 'dedupSort'] as const) {
    const [first, second] = Object.entries(columns ?? {}).filter(([, column]) => column[hint])
    if (second !== undefined) {
      report({
        path: [...at('columns'), second[0], hint],
        what: `a second column with ${hint}`,
        hint: `The first is \`${first?.[0]}\`.`,
      })
    }
  }
}
