import type { ResolvedSource } from './config/resolved.ts'
import type { SourceConfig } from './config/source-config.ts'
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

export function defineSource<const Config extends AnyConfig>(config: Checked<Config>): Source<RowsOf<Config>> {
  throw new SynclineError('not_implemented', 'x')
}
