import { loaded } from '../loaded.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import type { Store } from '../store/dataset.ts'
import type { SyncOptions } from './options.ts'
import type { PlannedResource } from './plan-run.ts'

/** What `sync` with the same options would do. Sends no request and changes nothing. Parents come first. */
export async function plan<S extends Source<object>>(
  source: S,
  store: Store,
  options: SyncOptions<ResourceNames<S>> = {},
): Promise<PlannedResource[]> {
  const { planRun } = await loaded(import('./engine.ts'))
  const resolved = resolve(source)
  const dataset = await store.open(options.dataset ?? resolved.name)
  try {
    return await planRun(resolved, dataset, options)
  } finally {
    await dataset.close()
  }
}
