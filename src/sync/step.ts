import { loaded } from '../loaded.ts'
import { resolvePorts } from '../ports.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import type { Store } from '../store/dataset.ts'
import type { StepOptions, StepResult } from './run/options.ts'

/**
 * Does a bounded piece of work: reads pages and commits each together with the position after it. It may be interrupted
 * anywhere and called again from anywhere: nothing but the store carries state between calls.
 *
 * @example A worker that may send 40 requests per call
 * const { status, retryAt = 0 } = await step(source, store, { budget: { requests: 40 } })
 * if (status === 'more') await queue.send({})
 * if (status === 'wait') await queue.send({}, { delaySeconds: (retryAt - Date.now()) / 1000 })
 */
export async function step<S extends Source<object>>(
  source: S,
  store: Store,
  options: StepOptions<ResourceNames<S>> = {},
): Promise<StepResult> {
  const ports = resolvePorts(options.ports)
  const { signal } = options
  signal?.throwIfAborted()
  const name = options.dataset ?? resolve(source).name
  const { runStep } = await loaded(import('./engine.ts'))
  const dataset = await store.open(name)
  try {
    return await dataset.lease(() => runStep(source, dataset, name, ports, options), signal ? { signal } : {})
  } finally {
    await dataset.close()
  }
}
