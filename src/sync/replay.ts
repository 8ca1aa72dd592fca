import { loaded } from '../loaded.ts'
import { resolvePorts } from '../ports.ts'
import type { ReplayReport } from '../report.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import type { Store } from '../store/dataset.ts'
import type { ReplayOptions } from './run/options.ts'

/**
 * Runs the records in quarantine again, after a fix: of `schema`, `primaryKey`, `columns`, `schemaContract` or
 * `client.bigint`. Sends no request. Records are validated, compared with the contract and keyed as a sync does it, and
 * merged; what passes leaves quarantine in the same commit. A stored row that is newer stays, and so does one of which
 * nothing shows whether it is.
 *
 * @example
 * const report = await replayQuarantine(source, store)
 * report.resources.transactions.replayed // 12
 */
export async function replayQuarantine<S extends Source<object>>(
  source: S,
  store: Store,
  options: ReplayOptions<ResourceNames<S>> = {},
): Promise<ReplayReport<ResourceNames<S>>> {
  options.signal?.throwIfAborted()
  const resolved = resolve(source)
  const name = options.dataset ?? resolved.name
  const { parts } = await loaded(import('./engine.ts'))
  const { replayAll } = await loaded(import('./replay/replay-run.ts'))
  const dataset = await store.open(name)
  try {
    const run = () => replayAll(resolved, dataset, resolvePorts(options.ports), options, parts)
    const resources = await dataset.lease(run, options.signal ? { signal: options.signal } : {})
    return { dataset: name, resources }
  } finally {
    await dataset.close()
  }
}
