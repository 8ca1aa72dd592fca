import { isPlainObject } from '../json.ts'
import type { StandardSchema } from '../schema/standard.ts'
import type { EndpointConfig } from './endpoint.ts'
import type { Path } from './issues.ts'
import type { ResourceConfig, ResourceDefaults, ResourceOptions } from './resource.ts'

/** A resource in its long form, with the defaults merged in. */
export interface MergedResource {
  readonly name: string
  readonly options: ResourceOptions & { readonly schema?: StandardSchema }
  readonly endpoint: EndpointConfig & { readonly path: string }
  /** Where an option stands: in the resource itself or in the defaults. */
  at(key: keyof ResourceConfig): Path
  atEndpoint(key: keyof EndpointConfig): Path
}

/**
 * dlt's rules: the resource wins key by key; only `params` and `json` of the endpoint are merged one level deep, and
 * `columns` column by column. `null` in the resource takes the default away.
 */
export function mergeDefaults(
  resource: string | ResourceConfig,
  defaults: ResourceDefaults,
  index: number,
): MergedResource {
  const path: Path = ['resources', index]
  const { name, endpoint, ...own } = given(typeof resource === 'string' ? { name: resource } : resource)
  const ownEndpoint: EndpointConfig = typeof endpoint === 'string' ? { path: endpoint } : given(endpoint ?? {})
  const { endpoint: defaultEndpoint = {}, ...defaultOptions } = defaults
  return {
    name,
    options: { ...given(defaultOptions), ...own, columns: mergeColumns(defaults.columns, own.columns) },
    endpoint: {
      path: name,
      ...given(defaultEndpoint),
      ...ownEndpoint,
      params: mergeObjects(defaultEndpoint.params, ownEndpoint.params) ?? null,
      json: mergeObjects(defaultEndpoint.json, ownEndpoint.json) ?? null,
    },
    at: (key) => (key in own || key === 'name' ? [...path, key] : ['resourceDefaults', key]),
    atEndpoint(key) {
      if (key in ownEndpoint && typeof endpoint === 'string') return [...path, 'endpoint']
      if (key in ownEndpoint) return [...path, 'endpoint', key]
      return key in defaultEndpoint ? ['resourceDefaults', 'endpoint', key] : path
    },
  }
}

/** Without the keys whose value is `undefined`: they are as good as absent. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

function mergeObjects<T>(defaults: T | undefined, own: T | undefined): T | undefined {
  if (own === undefined) return defaults
  return isPlainObject(own) && isPlainObject(defaults) ? { ...defaults, ...own } : own
}

function mergeColumns(
  defaults: ResourceOptions['columns'],
  own: ResourceOptions['columns'],
): NonNullable<ResourceOptions['columns']> | null {
  if (!defaults || !own) return (own === undefined ? defaults : own) ?? null
  const columns = Object.entries(own).map(([name, column]) => [
    name,
    { ...(Object.hasOwn(defaults, name) ? defaults[name] : {}), ...given(column) },
  ])
  return { ...defaults, ...Object.fromEntries(columns) }
}
