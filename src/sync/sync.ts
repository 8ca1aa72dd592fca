import { resolvePorts } from '../ports.ts'
import type { SyncReport } from '../report.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import type { Store } from '../store/dataset.ts'
import type { SyncOptions } from './run/options.ts'
import { step } from './step.ts'

interface UnderWay {
  readonly source: Source<object>
  readonly asked: string
  readonly report: Promise<SyncReport>
}

/** The last sync of each dataset that is under way in this context, and what it was asked for. */
const underWay = new WeakMap<Store, Map<string, UnderWay>>()

/**
 * Brings the local copy up to date: `step` in a loop, until there is nothing more to do. A second call for the same
 * dataset of the same store joins the first if it asks for the same, and waits for its end if not.
 *
 * Throws the error of a resource that failed, with the `report`, after the others are finished; what was read stays, and
 * the next call goes on from there. With `needs_confirmation` it returns: look at `report.confirm`.
 *
 * @example
 * const report = await sync(source, store, { onEvent: (event) => console.log(event.type) })
 * report.resources.transactions.added // 25000
 */
export function sync<S extends Source<object>>(
  source: S,
  store: Store,
  options: SyncOptions<ResourceNames<S>> = {},
): Promise<SyncReport<ResourceNames<S>>> {
  const dataset = options.dataset ?? resolve(source).name
  const { resources, limit, full = false, writeDisposition, schemaContract, confirm } = options
  const names = resources && [...resources].sort()
  const asked = JSON.stringify([names, limit, full, writeDisposition, schemaContract, confirm])
  const running = underWay.get(store) ?? new Map<string, UnderWay>()
  underWay.set(store, running)
  const last = running.get(dataset)
  if (last?.source === source && last.asked === asked) return last.report
  const report = (last?.report ?? Promise.resolve())
    .catch(() => {})
    .then(() => run(source, store, options))
    .finally(() => {
      if (running.get(dataset)?.report === report) running.delete(dataset)
    })
  running.set(dataset, { source, asked, report })
  return report
}

async function run<S extends Source<object>>(
  source: S,
  store: Store,
  options: SyncOptions<ResourceNames<S>>,
): Promise<SyncReport<ResourceNames<S>>> {
  const ports = resolvePorts(options.ports)
  for (;;) {
    const { status, retryAt, error, report } = await step(source, store, options)
    if (error !== undefined) throw error.with({ report })
    if (status !== 'more' && status !== 'wait') return report
    if (retryAt !== undefined) await ports.sleep(retryAt - ports.now(), options.signal)
  }
}
