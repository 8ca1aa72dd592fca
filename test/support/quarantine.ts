import { expect } from 'vitest'
import {
  type JsonObject,
  openDataset,
  type QuarantinedRecord,
  replayQuarantine,
  type Store,
  sync,
} from '../../src/index.ts'
import { expectBalance } from './balance.ts'
import { itemsSource, itemsWorld } from './items.ts'

/** An API with items, and a store. */
export type World = ReturnType<typeof itemsWorld>

/** A sync of the items, whose report adds up. `resource`: what the config says of them besides. */
export async function run(
  { store, ports }: Pick<World, 'store' | 'ports'>,
  resource: object = {},
  options: object = {},
) {
  const report = await sync(itemsSource(resource), store, { ports, ...options })
  expectBalance(report)
  return report.resources.items
}

/** What is in quarantine. */
export async function kept(store: Store): Promise<QuarantinedRecord[]> {
  const data = await openDataset(itemsSource(), store)
  const records: QuarantinedRecord[] = []
  for await (const record of data.quarantine()) records.push(record)
  await data.close()
  return records
}

/** A table with these rows, and one complete pass behind it. */
export async function loaded(resource: object, rows: JsonObject[]): Promise<World> {
  const world = itemsWorld(rows)
  await run(world, resource)
  return world
}

/** Runs the records in quarantine again; the report adds up. */
export async function replay(
  { store, ports }: Pick<World, 'store' | 'ports'>,
  resource: object = {},
  options: object = {},
) {
  const { resources } = await replayQuarantine(itemsSource(resource), store, { ports, ...options })
  const { records, replayed, superseded, filtered, kept, added, updated, unchanged, deleted } = resources.items
  expect(records).toBe(replayed + superseded + filtered + kept)
  expect(replayed).toBe(added + updated + unchanged + deleted)
  return resources.items
}
