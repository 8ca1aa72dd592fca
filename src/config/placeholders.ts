import { isSynclineError } from '../errors.ts'
import { type Placeholder, placeholdersOf } from '../template.ts'
import { hasToken } from './endpoint.ts'
import type { ExpandedEndpoint } from './expand-params.ts'
import { didYouMean, type Path, type Report } from './issues.ts'
import type { MergedResource } from './merge.ts'

const CURSOR_NAMES = ['start_value', 'last_value', 'initial_value', 'end_value', 'lag']

/** Checks all placeholders of an endpoint and returns the parents that they name, each with a place where. */
export function checkPlaceholders(
  endpoint: ExpandedEndpoint,
  merged: MergedResource,
  report: Report,
): Map<string, Path> {
  const parents = new Map<string, Path>()
  for (const [text, path] of textsOf(endpoint, merged)) {
    for (const placeholder of attempt(() => placeholdersOf(text), path, report) ?? []) {
      if (placeholder.kind === 'resource') parents.set(placeholder.resource, parents.get(placeholder.resource) ?? path)
      else checkName(placeholder, endpoint, path, path === merged.atEndpoint('path') || isPath(path, merged), report)
    }
  }
  return parents
}

const isPath = (path: Path, { atEndpoint }: MergedResource) => path.join() === atEndpoint('path').join()

function checkName(
  placeholder: Exclude<Placeholder, { kind: 'resource' }>,
  endpoint: ExpandedEndpoint,
  path: Path,
  inPath: boolean,
  report: Report,
) {
  const { kind, name } = placeholder
  if (kind === 'incremental') {
    const names = hasToken(endpoint.incremental) ? ['token'] : CURSOR_NAMES
    if (!names.includes(name)) {
      report({
        path,
        what: `unknown placeholder {incremental.${name}}`,
        hint: didYouMean(name, names, `There are: ${names.join(', ')}.`),
      })
    } else if (!endpoint.incremental) {
      report({ path, what: `{incremental.${name}} without an incremental`, hint: 'Set endpoint.incremental.' })
    }
  } else if (!inPath) {
    report({
      path,
      what: `unknown placeholder {${name}}`,
      hint: 'Write {resources.parent.field} or {incremental.start_value}; for braces {{ and }}.',
    })
  } else if (!Object.hasOwn(endpoint.params, name) || endpoint.params[name] === null) {
    report({
      path,
      what: `{${name}} is not bound`,
      hint: didYouMean(name, Object.keys(endpoint.params), `Set endpoint.params.${name}.`),
    })
  }
}

/** The paths into a parent's record that an endpoint's placeholders name. */
export function boundFields(endpoint: ExpandedEndpoint): string[] {
  const { path, params, json, data, headers } = endpoint
  const texts = [...textsIn([path, params, json, data, headers, Object.keys(headers ?? {})], [])]
  const fields = texts.flatMap(([text]) =>
    placeholdersOf(text).flatMap((each) => (each.kind === 'resource' ? each.field : [])),
  )
  return [...new Set(fields)]
}

/** Every text that may have placeholders, and where it stands. */
function* textsOf(endpoint: ExpandedEndpoint, { atEndpoint }: MergedResource): Iterable<[string, Path]> {
  yield [endpoint.path, atEndpoint('path')]
  for (const key of ['params', 'json', 'data', 'headers'] as const) yield* textsIn(endpoint[key], atEndpoint(key))
  for (const name of Object.keys(endpoint.headers ?? {})) yield [name, atEndpoint('headers')]
}

function* textsIn(value: unknown, path: Path): Iterable<[string, Path]> {
  if (typeof value === 'string') yield [value, path]
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* textsIn(item, [...path, i])
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* textsIn(item, [...path, key])
  }
}

/** Runs what throws our errors, and reports instead. */
export function attempt<T>(run: () => T, path: Path, report: Report): T | undefined {
  try {
    return run()
  } catch (error) {
    if (!isSynclineError(error)) throw error
    report({ path, what: error.what, hint: error.hint, code: error.code })
    return undefined
  }
}
