import type { JsonObject } from '../json.ts'
import { loaded } from '../loaded.ts'
import type { TableSchema } from '../schema/describe.ts'
import { type ResourceNames, type RowOf, resolve, type Source } from '../source.ts'
import type { Dataset, Store } from '../store/dataset.ts'
import type { Key } from '../store/key.ts'
import { readPosition, systemTable } from './position.ts'
import type { StoredSchema } from './unit.ts'

/** The local copy, typed by the source. */
export interface OpenDataset<S extends Source<object>> {
  /** The rows of a resource. One that was never synced has none. */
  table<Name extends ResourceNames<S>>(name: Name): Table<RowOf<S, Name>>
  /** Columns with types and nullability, as seen so far, of each table that has rows. */
  schema(): Promise<Record<string, TableSchema>>
  /** Where the incremental cursors stand, by resource. */
  cursors(): Promise<Record<string, string | number>>
  /** Records that could not be taken, whole, with the reason. */
  quarantine(): AsyncIterable<QuarantinedRecord>
  close(): Promise<void>
}

/** One table of the local copy. Rows come in the order of their keys. */
export interface Table<Row> {
  /** `undefined` where there is none. `1` and `'1'` are two keys; a composite key is a list. */
  get(key: Key): Promise<Row | undefined>
  /** In the order of `keys`. */
  getMany(keys: readonly Key[]): Promise<(Row | undefined)[]>
  /** Rows in batches, from after the key `after`, at most `limit`. Not a snapshot: a sync may go on meanwhile. */
  scan(options?: { after?: Key; limit?: number }): AsyncIterable<Row[]>
  /** The number of rows; costs the same however many there are. */
  count(): Promise<number>
}

/** A record that could not be taken, as `OpenDataset.quarantine` gives it. */
export interface QuarantinedRecord {
  resource: string
  /** An error code, such as `key_invalid`. */
  code: string
  /** Names and types, never values. */
  reason: string
  /** When, as an ISO time. */
  at: string
  /** Whole, after the processing steps. Numbers that JSON cannot hold are text. */
  record: JsonObject[string]
}

/**
 * Opens the local copy for reading. It may be read while a sync is under way.
 *
 * @example
 * const data = await openDataset(source, store)
 * await data.table('transactions').get('t_1')
 */
export async function openDataset<S extends Source<object>>(
  source: S,
  store: Store,
  options: { dataset?: string } = {},
): Promise<OpenDataset<S>> {
  const { name, resources } = resolve(source)
  const dataset = await store.open(options.dataset ?? name)
  return {
    table: (table) => openTable(dataset, table),
    async schema() {
      const { describeTable } = await loaded(import('../schema/describe.ts'))
      const schemas: Record<string, TableSchema> = {}
      for (const resource of resources) {
        const stored = (await dataset.get(systemTable.schema, resource.name)) as StoredSchema | undefined
        if (stored !== undefined) schemas[resource.name] = describeTable(stored, resource.primaryKey)
      }
      return schemas
    },
    async cursors() {
      const cursors: Record<string, string | number> = {}
      for (const resource of resources) {
        const { value } = await dataset.position(resource.name)
        const cursor = readPosition(value)?.cursor
        if (cursor !== undefined) cursors[resource.name] = cursor.last
      }
      return cursors
    },
    async *quarantine() {
      for await (const entries of dataset.scan(systemTable.quarantine)) {
        for (const { value } of entries) yield value as unknown as QuarantinedRecord
      }
    },
    close: () => dataset.close(),
  }
}

function openTable<Row>(dataset: Dataset, name: string): Table<Row> {
  return {
    get: async (key) => (await dataset.get(name, key)) as Row | undefined,
    getMany: async (keys) => (await dataset.getMany(name, keys)) as (Row | undefined)[],
    async *scan(options) {
      for await (const entries of dataset.scan(name, options)) yield entries.map(({ value }) => value as Row)
    },
    count: () => dataset.count(name),
  }
}
