import type { JsonObject } from '../../src/json.ts'
import type { ResourceReport } from '../../src/report.ts'
import { compareKeys, type Dataset, type Key } from '../../src/store/index.ts'
import type { Pass } from '../../src/sync/unit/position.ts'
import type { TableName } from './api.ts'
import { expectBalanceOf, Violation } from './laws.ts'
import { canonical } from './source-model.ts'

/** A row as stored. */
export interface StoredRow {
  readonly key: Key
  readonly id: number
  readonly v: unknown
  readonly parent: number | undefined
  readonly text: string
}

/** What the store holds at one moment. */
export interface Observation {
  readonly rows: Record<TableName, readonly StoredRow[]>
  /** By table: the rows in quarantine, as text. */
  readonly quarantined: ReadonlySet<string>
  readonly cursors: Partial<Record<TableName, string | number>>
  readonly passes: Partial<Record<TableName, Pass>>
  readonly reports: Partial<Record<TableName, ResourceReport>>
  /** The last run that is done with the resource. */
  readonly settled: Partial<Record<TableName, number>>
}

export const NAMES: readonly TableName[] = ['items', 'others', 'notes']

export async function observe(dataset: Dataset): Promise<Observation> {
  const rows: Record<TableName, StoredRow[]> = { items: [], others: [], notes: [] }
  const observation: Observation = {
    ...{ rows, quarantined: new Set(), cursors: {}, passes: {}, reports: {}, settled: {} },
  }
  const { cursors, passes, reports, settled } = observation
  for (const name of NAMES) {
    for (const { key, value } of await scan(dataset, name)) {
      const parent = value.parent === undefined ? undefined : Number(value.parent)
      rows[name].push({ key, id: Number(value.id), v: value.v, parent, text: canonical(value) })
    }
    const counted = await dataset.count(name)
    if (counted !== rows[name].length)
      throw new Violation('count', `${name} counts ${counted} rows, and has ${rows[name].length}`)
    const { value } = await dataset.position(name)
    if (value === undefined) continue
    const position = value as unknown as {
      cursor?: { last: string | number }
      pass?: Pass
      report: ResourceReport
      settled: number
    }
    if (position.cursor !== undefined) cursors[name] = position.cursor.last
    if (position.pass !== undefined) passes[name] = position.pass
    reports[name] = position.report
    settled[name] = position.settled
    expectBalanceOf(name, position.report)
  }
  const quarantined = await scan(dataset, '_quarantine')
  return { ...observation, quarantined: new Set(quarantined.map(({ value }) => canonical(value.record as JsonObject))) }
}

async function scan(dataset: Dataset, table: string): Promise<{ key: Key; value: JsonObject }[]> {
  const all: { key: Key; value: JsonObject }[] = []
  for await (const entries of dataset.scan(table)) all.push(...entries)
  for (const [i, { key }] of all.entries()) {
    const before = all[i - 1]
    if (before !== undefined && compareKeys(before.key, key) >= 0)
      throw new Violation('unique', `${table}: keys do not ascend`)
  }
  return all
}
