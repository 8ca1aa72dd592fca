import { loaded } from '../loaded.ts'
import { resolvePorts } from '../ports.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import type { Store } from '../store/dataset.ts'
import type { PlannedResource } from './plan/plan-run.ts'
import type { StepOptions } from './run/options.ts'

/**
 * What `sync` with the same options would do, or, with a `budget`, the next `step`. Parents come first. Sends no request and
 * changes nothing. Rejects with what would fail before the first request (`full_refresh_needed`, say).
 *
 * @example
 * for (const { name, fromPage, cost } of await plan(source, store)) {
 *   console.log(`${name}: from page ${fromPage}, ${cost === undefined ? 'nobody knows how many' : cost.requests} requests`)
 * }
 */
export async function plan<S extends Source<object>>(
  source: S,
  store: Store,
  options: StepOptions<ResourceNames<S>> = {},
): Promise<PlannedResource[]> {
  const { parts } = await loaded(import('./engine.ts'))
  const { planRun } = await loaded(import('./plan/plan-run.ts'))
  const resolved = resolve(source)
  const dataset = await store.open(options.dataset ?? resolved.name)
  try {
    return await planRun(resolved, dataset, resolvePorts(options.ports), options, parts)
  } finally {
    await dataset.close()
  }
}
