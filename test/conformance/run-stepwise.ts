import { expect } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { fromDlt } from '../../src/config/dlt.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Source } from '../../src/source.ts'
import type { Store } from '../../src/store/dataset.ts'
import { step } from '../../src/sync/step.ts'
import type { ExtractCase, Route } from './cases.ts'
import { checkOutcome } from './compare.ts'
import { caught } from './run-extract.ts'
import { readTable, resourcesOf } from './run-load.ts'
import { createWorld, type World } from './world.ts'

/** More steps than any case has pages. */
const MOST_STEPS = 100

/**
 * An `extract` case into a store, one page a step, each step as in a new process: the same requests, waits, error and
 * rows. So every paginator, every placeholder and children at any depth resume where they were.
 */
export async function runStepwise({ config, runtime, expect: expected }: ExtractCase, server: Route[]): Promise<void> {
  const world = createWorld(server)
  const store = memoryStore()
  const read = () => fromDlt(config, { ...(runtime && { runtime }) })
  const error = await caught(() => walk(read, store, world))
  const records: Record<string, JsonObject[]> = {}
  if (error === undefined) {
    for (const name of resourcesOf(read())) records[name] = await readTable(read(), store, name)
  }
  // Tables have an order of their own.
  const { records: ordered, records_unordered: unordered = ordered, ...rest } = expected
  checkOutcome({ ...rest, ...(unordered && { records_unordered: unordered }) }, { world, error, records })
}

async function walk(read: () => Source, store: Store, { ports }: World): Promise<void> {
  const received = new Map<string, number>()
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    let pages = 0
    const { status, error } = await step(read(), store, {
      ports,
      budget: { records: 1 },
      concurrency: 1,
      onEvent: (event) => {
        if (event.type !== 'page') return
        // An empty page leaves the budget as it is.
        if ((received.get(event.resource) ?? 0) !== event.received) pages++
        received.set(event.resource, event.received)
      },
    })
    expect(pages, 'pages with records in one step').toBeLessThanOrEqual(1)
    if (status === 'done') return
    if (error !== undefined) throw error
    expect(status).toBe('more')
  }
  expect.fail(`no end after ${MOST_STEPS} steps`)
}
