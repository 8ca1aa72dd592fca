import { loaded } from '../loaded.ts'
import { type ResourceNames, type RowOf, resolve, type Source } from '../source.ts'
import type { ExtractOptions } from './run/options.ts'

/** One page of one resource, shaped: fields of the parent added, steps run, rows outside the cursor's range left out. */
export type ExtractedPage<S extends Source<object>> = {
  [Name in ResourceNames<S>]: { readonly resource: Name; readonly page: number; readonly rows: RowOf<S, Name>[] }
}[ResourceNames<S>]

/**
 * Reads without a store: pages of shaped records of every selected resource, children after the page of their parents.
 * Rows are not validated against `schema`, cursors start at `initialValue`, and nothing is remembered.
 *
 * @example
 * for await (const { resource, rows } of extract(source)) console.log(resource, rows.length)
 */
export async function* extract<S extends Source<object>>(
  source: S,
  options: ExtractOptions<ResourceNames<S>> = {},
): AsyncGenerator<ExtractedPage<S>> {
  const { extractPages } = await loaded(import('./engine.ts'))
  yield* extractPages(resolve(source), options) as AsyncGenerator<ExtractedPage<S>>
}
