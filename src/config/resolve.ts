import * as v from 'valibot'
import { hash64 } from '../hash.ts'
import { isPlainObject, type JsonValue } from '../json.ts'
import { selectorOf } from '../select/select.ts'
import { isSingleEntityPath } from '../template.ts'
import { checkHeader, checkResource } from './check-resource.ts'
import { resolveContract } from './contract.ts'
import { hasToken } from './endpoint.ts'
import { type ExpandedEndpoint, expandParams } from './expand-params.ts'
import { resolveIncremental } from './incremental.ts'
import { type Issue, type Report, type Spell, schemaIssue, throwIssues } from './issues.ts'
import { type MergedResource, mergeDefaults } from './merge.ts'
import { checkLinks, checkReplaced } from './parents.ts'
import { boundFields, checkPlaceholders } from './placeholders.ts'
import { resolveClient } from './resolve-client.ts'
import type { Endpoint, ResolvedSource, Resource } from './resolved.ts'
import { resolveAction } from './response-action.ts'
import { sharedAuth } from './shared-auth.ts'
import { type SourceConfig, sourceSchema } from './source-config.ts'
import { resolveWrite } from './write-disposition.ts'

/**
 * Checks a config and brings it into the form that the engine reads. The config is not changed, and later changes of it
 * have no effect.
 *
 * @param authOf Makes its auth: of one, where configs that follow each other are to share tokens.
 * @throws `config_invalid`, or the code of the first mistake; the message lists all
 */
export function resolveConfig(
  config: unknown,
  spell: Spell = (option) => option,
  authOf = sharedAuth(),
): ResolvedSource {
  if (!isPlainObject(config)) throwIssues([{ path: [], what: 'expected a config object' }], spell)
  const { issues, output, success } = v.safeParse(sourceSchema, config)
  if (!success)
    throwIssues(
      issues.map((issue) => schemaIssue(issue, spell)),
      spell,
    )
  return resolveChecked(output as SourceConfig, spell, authOf)
}

function resolveChecked(config: SourceConfig, spell: Spell, authOf: ReturnType<typeof sharedAuth>): ResolvedSource {
  const issues: Issue[] = []
  const report: Report = (issue) => void issues.push(issue)
  for (const [name, value] of Object.entries(config.client.headers ?? {}))
    checkHeader(name, value, ['client', 'headers', name], report)
  if (config.resources.length === 0) report({ path: ['resources'], what: 'expected at least one resource' })
  const resources = config.resources.map((resource, index) => {
    const merged = mergeDefaults(resource, config.resourceDefaults ?? {}, index)
    const endpoint = expandParams(merged, report)
    checkResource(merged, endpoint, report)
    return { merged, endpoint, parents: checkPlaceholders(endpoint, merged, report) }
  })
  checkLinks(resources, report)
  throwIssues(issues, spell)

  const resolved = resources.map(({ merged, endpoint, parents }) =>
    resolveResource(merged, endpoint, resolveEndpoint(endpoint, config, authOf), [...parents.keys()][0]),
  )
  for (const [index, { merged }] of resources.entries()) checkReplaced(index, resolved, merged, report)
  throwIssues(issues, spell)
  return { name: config.name, client: resolveClient(config.client, authOf(config.client.auth)), resources: resolved }
}

function resolveResource(
  { name, options }: MergedResource,
  raw: ExpandedEndpoint,
  endpoint: Endpoint,
  parent: string | undefined,
): Resource {
  const { primaryKey } = options
  const keys = typeof primaryKey === 'string' ? [primaryKey] : (primaryKey ?? [])
  return {
    name,
    fingerprint: fingerprintOf(raw, keys),
    parent,
    bindings: boundFields(raw),
    selected: options.selected ?? true,
    primaryKey: keys,
    write: resolveWrite(options.writeDisposition ?? undefined, {
      keyed: keys.length > 0,
      cursor: !!(endpoint.incremental ?? endpoint.token),
    }),
    columns: options.columns ?? {},
    schema: options.schema,
    schemaContract: resolveContract(options.schemaContract ?? undefined),
    includeFromParent: options.includeFromParent ?? [],
    processingSteps: options.processingSteps ?? [],
    endpoint,
  }
}

/** Headers are left out, since they may carry tokens that change; what functions do cannot be seen. */
function fingerprintOf(
  { path, method, params, json, data, paginator, parse, dataSelector, incremental, conditional }: ExpandedEndpoint,
  keys: readonly string[],
) {
  const { cursorPath, initialValue, endValue, tokenPath }: Readonly<Record<string, unknown>> = { ...incremental }
  const cursor = [cursorPath, initialValue, endValue, tokenPath, conditional]
  return hash64(
    JSON.stringify([
      path,
      method,
      params,
      json,
      data,
      paginator,
      dataSelector,
      cursor,
      keys,
      ...(parse ? ['parse'] : []),
    ]),
  )
}

/** A path that ends in a placeholder leads to one record: one page, and the body is the record, if nothing else is said. */
function resolveEndpoint(
  endpoint: ExpandedEndpoint,
  { client }: SourceConfig,
  authOf: ReturnType<typeof sharedAuth>,
): Endpoint {
  const { path, params, json, data, headers, auth, paginator, dataSelector, incremental, responseActions } = endpoint
  const single = isSingleEntityPath(path)
  const selector = dataSelector ?? (single ? '$' : undefined)
  return {
    path,
    method: (endpoint.method ?? 'GET').toUpperCase(),
    params,
    // A copy: the only part of the config that its schema does not copy, since it may be of any depth.
    json: json === null || json === undefined ? undefined : (structuredClone(json) as JsonValue),
    data: data ?? undefined,
    headers: headers ?? {},
    auth: authOf(auth === undefined ? client.auth : auth),
    paginator: paginator ?? (single ? 'single_page' : (client.paginator ?? 'auto')),
    parse: endpoint.parse ?? undefined,
    dataSelector: selector === undefined ? undefined : selectorOf(selector),
    incremental: incremental && !hasToken(incremental) ? resolveIncremental(incremental) : undefined,
    token: hasToken(incremental) ? incremental : undefined,
    conditional: endpoint.conditional ?? false,
    responseActions: (responseActions ?? []).map(resolveAction),
  }
}
