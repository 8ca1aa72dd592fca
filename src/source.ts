import { resolveConfig } from './config/resolve.ts'
import type { ResolvedSource } from './config/resolved.ts'
import type { AnyConfig, Checked } from './config/types/check.ts'
import type { RowsOf } from './config/types/rows.ts'
import { SynclineError } from './errors.ts'
import type { JsonObject } from './json.ts'

declare const ROWS: unique symbol

/**
 * A checked config, ready to be synced. Made by `defineSource`; its type knows the names of the resources and what a
 * row of each is.
 */
export interface Source<Rows = Record<string, JsonObject>> {
  readonly name: string
  /** Only there for the types. */
  readonly [ROWS]?: Rows
}

/** The names of a source's resources. */
export type ResourceNames<S> = S extends Source<infer Rows> ? keyof Rows & string : never

/** What a row of a resource is: its schema's output, or any JSON object. */
export type RowOf<S, Name extends ResourceNames<S>> =
  S extends Source<infer Rows> ? (Name extends keyof Rows ? Rows[Name] : never) : never

/** Shared between copies of the package: a config file may have been loaded with another copy than the one that runs. */
const RESOLVED = Symbol.for('syncline.source')

/**
 * Checks a config and makes a source of it. The config is plain data, in the words of dlt's `rest_api`; it is not
 * changed, and nothing is fetched.
 *
 * @example
 * const crm = defineSource({
 *   name: 'crm',
 *   client: { baseUrl: 'https://api.example.com', auth: { type: 'bearer', token: () => env.API_TOKEN } },
 *   resourceDefaults: { primaryKey: 'id' },
 *   resources: [
 *     { name: 'customers', endpoint: { path: '/v1/customers', paginator: { type: 'offset', limit: 100 } } },
 *     { name: 'orders', endpoint: '/v1/customers/{resources.customers.id}/orders' },
 *   ],
 * })
 *
 * @throws {SynclineError} `config_invalid` with the `path` of the first mistake; the message lists all. More special
 * codes: `body_conflict`, `get_with_body`, `selector_invalid`, `schema_invalid` (merge without a primary key).
 */
export function defineSource<const Config extends AnyConfig>(config: Checked<Config>): Source<RowsOf<Config>> {
  return sourceOf(resolveConfig(config))
}

/** Makes a source of a config that has been resolved. */
export function sourceOf<Rows>(resolved: ResolvedSource): Source<Rows> {
  return Object.freeze(Object.defineProperty({ name: resolved.name }, RESOLVED, { value: resolved }))
}

/** The config that the engine reads. */
export function resolve(source: Source<object>): ResolvedSource {
  const resolved = (source as { [RESOLVED]?: ResolvedSource } | undefined)?.[RESOLVED]
  if (resolved !== undefined) return resolved
  throw new SynclineError('config_invalid', 'this is not a source', { hint: 'Make it with defineSource or fromDlt.' })
}
