import { expect } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { fromDlt } from '../../src/config/dlt.ts'
import type { JsonObject } from '../../src/json.ts'
import { resolve, type Source } from '../../src/source.ts'
import type { Store } from '../../src/store/dataset.ts'
import { type OpenDataset, openDataset } from '../../src/sync/open-dataset.ts'
import type { SyncOptions } from '../../src/sync/run/options.ts'
import { sync } from '../../src/sync/sync.ts'
import { expectBalance } from '../support/balance.ts'
import type { Expectation, ExpectedColumn, LoadCase, LoadRun } from './cases.ts'
import { checkOutcome, sorted } from './compare.ts'
import { caught } from './run-extract.ts'
import { createWorld, type World } from './world.ts'

/** Runs one after another, over one store; each begins as a new process would, with nothing but the store. */
export async function runLoad({ config, runtime, runs }: LoadCase): Promise<void> {
  const store = memoryStore()
  const read = () => fromDlt(config, { ...(runtime && { runtime }) })
  for (const [index, run] of runs.entries()) {
    const world = createWorld(run.server, index)
    const error = await caught(() => load(read(), store, world, run))
    checkOutcome(run.expect, { world, error })
    if (run.expect.tables ?? run.expect.columns ?? run.expect.state) await checkStored(run.expect, read(), store)
  }
}

async function load(source: Source, store: Store, { ports }: World, { options = {} }: LoadRun): Promise<void> {
  const { refresh, write_disposition: writeDisposition, schema_contract: contract } = options
  // dlt's `refresh` forgets rows, schema and cursors before the run.
  if (refresh !== undefined) await store.drop(source.name)
  const schemaContract = contract as SyncOptions['schemaContract']
  const report = await sync(source, store, {
    ports,
    ...(writeDisposition && { writeDisposition }),
    ...(schemaContract && { schemaContract }),
  })
  expectBalance(report)
}

async function checkStored(expected: Expectation, source: Source, store: Store): Promise<void> {
  for (const [name, rows] of Object.entries(expected.tables ?? {})) {
    const stored = await readTable(source, store, name)
    expect(sorted(stored.map(plain)), `rows of ${name}`).toEqual(sorted(rows.map(plain)))
  }
  const data = await openDataset(source, store)
  if (expected.columns !== undefined) expect(await columnsOf(data), 'columns').toEqual(ourTypes(expected.columns))
  if (expected.state !== undefined) expect(await stateOf(source, data), 'state').toEqual(expected.state)
}

/** The rows of a resource, in the order of their keys. */
export async function readTable(source: Source, store: Store, name: string): Promise<JsonObject[]> {
  const rows: JsonObject[] = []
  for await (const batch of (await openDataset(source, store)).table(name).scan()) rows.push(...batch)
  return rows
}

export function resourcesOf(source: Source): string[] {
  return resolve(source).resources.map(({ name }) => name)
}

/** A row without our own fields and without nulls: a field that is null equals one that is absent. */
function plain(row: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== null && !isOurs(name)))
}

function isOurs(name: string): boolean {
  return name.startsWith('_syncline')
}

type Columns = Record<string, Record<string, ExpectedColumn>>

async function columnsOf(data: OpenDataset<Source>): Promise<Columns> {
  const tables: Columns = {}
  for (const [table, { columns }] of Object.entries(await data.schema())) {
    tables[table] = {}
    for (const [name, { type, nullable, optional = false, primaryKey }] of Object.entries(columns)) {
      if (isOurs(name)) continue
      // To dlt, what is absent is null.
      tables[table][name] = {
        data_type: String(type),
        nullable: nullable || optional,
        ...(primaryKey && { primary_key: true }),
      }
    }
  }
  return tables
}

/** dlt's names for types that we have under another name. */
const OUR_TYPES: Record<string, string> = { bigint: 'integer', double: 'number', text: 'string', bool: 'boolean' }

function ourTypes(tables: Columns): Columns {
  const mapValues = <A, B>(values: Record<string, A>, map: (value: A) => B) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]))
  const rename = (column: ExpectedColumn) => ({ ...column, data_type: OUR_TYPES[column.data_type] ?? column.data_type })
  return mapValues(tables, (columns) => mapValues(columns, rename))
}

async function stateOf(source: Source, data: OpenDataset<Source>): Promise<Expectation['state']> {
  const cursors = await data.cursors()
  const state: NonNullable<Expectation['state']> = {}
  for (const { name, endpoint } of resolve(source).resources) {
    const last = cursors[name]
    if (last === undefined) continue
    const { cursorPath, initialValue = null } = endpoint.incremental ?? {}
    state[`${name}.${cursorPath}`] = { initial_value: initialValue, last_value: last }
  }
  return state
}
