import type { DataBody, ParamValue, RequestSpec } from '../http/request.ts'
import { isPairs, joinUrl } from '../http/url.ts'
import type { JsonValue } from '../json.ts'
import { type Lookup, renderPath, renderText, renderValue } from '../render-template.ts'
import { placeholdersOf } from '../template.ts'
import type { Endpoint, ResolvedClient, Resource } from './resolved.ts'

/**
 * The first request of a resource, before paging: everything filled in from `lookup`, which knows the expressions
 * `resources.parent.field` and `incremental.start_value`. A parameter or header without a value is left out.
 *
 * @throws `path_param_invalid` when the path has no value, or one that is no segment
 */
export function buildRequest(
  client: ResolvedClient,
  { endpoint }: Pick<Resource, 'endpoint'>,
  lookup: Lookup,
): RequestSpec {
  const { path, method, json, data } = endpoint
  const inPath = new Set(placeholdersOf(path).map(({ expression }) => expression))
  const params = fillParams(
    Object.entries(endpoint.params).filter(([name]) => !inPath.has(name)),
    lookup,
  )
  return {
    method,
    url: joinUrl(client.baseUrl, renderPath(path, inPathLookup(endpoint, lookup))),
    params: Object.fromEntries([...params, ...cursorParams(endpoint, lookup)]),
    headers: mergeHeaders(client.headers, endpoint.headers, lookup),
    ...(json !== undefined && { json: renderValue(json, lookup) }),
    ...(data !== undefined && { data: fillData(data, lookup) }),
    pathTemplate: path,
  }
}

/** A parameter whose name stands in the path as `{name}` goes there instead. */
function inPathLookup({ params }: Endpoint, lookup: Lookup): Lookup {
  return (expression) => {
    const param = Object.hasOwn(params, expression) ? params[expression] : undefined
    return param === undefined ? lookup(expression) : renderValue(param as JsonValue, lookup)
  }
}

function fillParams(params: readonly (readonly [string, ParamValue])[], lookup: Lookup): [string, ParamValue][] {
  return params
    .map(([name, value]) => [name, fillParam(value, lookup)] as [string, ParamValue])
    .filter(([, value]) => value !== null)
}

function fillParam(value: ParamValue, lookup: Lookup): ParamValue {
  if (typeof value === 'string') return renderText(value, lookup)
  if (value === null || typeof value !== 'object') return value
  return value.flatMap((item) => (typeof item === 'string' ? (renderText(item, lookup) ?? []) : item))
}

function cursorParams({ incremental, token }: Endpoint, lookup: Lookup): [string, ParamValue][] {
  const sent: [string | undefined, JsonValue | undefined][] = [
    [incremental?.startParam, lookup('incremental.start_value')],
    [incremental?.endParam, lookup('incremental.end_value')],
    [token?.startParam, lookup('incremental.token')],
  ]
  return sent.flatMap(([name, value]) =>
    name === undefined || value === undefined || value === null ? [] : [[name, value as ParamValue]],
  )
}

/** Names are the same in any spelling. What has no value leaves the client's as it is; `null` takes it away. */
function mergeHeaders(
  client: ResolvedClient['headers'],
  own: Endpoint['headers'],
  lookup: Lookup,
): Record<string, string> {
  const headers = new Map(Object.entries(client).map(([name, value]) => [name.toLowerCase(), value]))
  for (const [template, text] of Object.entries(own)) {
    const name = renderText(template, lookup)?.toLowerCase()
    const value = text === null ? undefined : renderText(text, lookup)
    if (name === undefined || value === null) continue
    if (value === undefined) headers.delete(name)
    else headers.set(name, value)
  }
  return Object.fromEntries(headers)
}

function fillData(data: DataBody, lookup: Lookup): DataBody {
  if (typeof data === 'string') return renderText(data, lookup) ?? ''
  if (isPairs(data))
    return data.flatMap(([name, value]) => {
      const filled = renderText(value, lookup)
      return filled === null ? [] : [[name, filled] as const]
    })
  return Object.fromEntries(fillParams(Object.entries(data), lookup))
}
