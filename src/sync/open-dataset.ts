import type { JsonObject } from '../json.ts'
import { loaded } from '../loaded.ts'
import { type Ports, resolvePorts } from '../ports.ts'
import type { TableSchema } from '../schema/describe.ts'
import { type ResourceNames, type RowOf, resolve, type Source } from '../source.ts'
import type { Dataset, Store } from '../store/dataset.ts'
import type { Key } from '../store/key.ts'
import type { ChangeListener, SubscribeOptions } from './subscription.ts'
import { readPosition, systemTable } from './unit/position.ts'
import type { StoredSchema } from './unit/unit.ts'

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
  /** Ends all subscriptions, too. */
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
  /**
   * Tells the listener which rows commits change, whoever makes them: this program or, where the store hears of it,
   * others elsewhere. Nothing that is committed after the call is missed, and rows that stay as they are raise no event.
   * Several commits may come in one call, the latest state of each row once, at most 500 rows a call; a row that came
   * and went in between is `deleted`. `'reset'`: the table was replaced or dropped, or too much has happened to tell.
   * Returns what ends it.
   *
   * @example
   * const data = await openDataset(source, store)
   * const rows = new Map()
   * const stop = data.table('transactions').subscribe((changes) => {
   *   if (changes === 'reset') return rows.clear() // and read the table again
   *   for (const change of changes) {
   *     if (change.type === 'deleted') rows.delete(change.key)
   *     else rows.set(change.key, change.value)
   *   }
   * })
   */
  subscribe(listener: ChangeListener<Row>, options?: SubscribeOptions): () => void
}

/** A record that could not be taken, as `OpenDataset.quarantine` gives it. */
export interface QuarantinedRecord {
  resource: string
  /** An error code, such as `key_invalid`. */
  code: string
  /** Names and types, never values. */
  reason: string
  /** When it last came, as an ISO time. */
  at: string
  /** The pass that brought it then: they count up. */
  pass: number
  /** Whole, with the fields of its parent, before the processing steps. Numbers that JSON cannot hold are text. */
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
  options: { dataset?: string; ports?: Partial<Ports> } = {},
): Promise<OpenDataset<S>> {
  const { name, resources } = resolve(source)
  const dataset = await store.open(options.dataset ?? name)
  const { timer } = resolvePorts(options.ports)
  const closing = new AbortController()
  return {
    table: (table) => openTable(dataset, table, closing.signal, timer),
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
        // A sync token says nothing to people, and may open doors.
        if (cursor !== undefined && cursor.config === undefined) cursors[resource.name] = cursor.last
      }
      return cursors
    },
    async *quarantine() {
      for await (const entries of dataset.scan(systemTable.quarantine)) {
        for (const { value } of entries) yield value as unknown as QuarantinedRecord
      }
    },
    close() {
      closing.abort()
      return dataset.close()
    },
  }
}

function openTable<Row>(
  dataset: Dataset,
  table: string,
  closed: AbortSignal,
  timer: Required<Ports>['timer'],
): Table<Row> {
  return {
    get: async (key) => (await dataset.get(table, key)) as Row | undefined,
    getMany: async (keys) => (await dataset.getMany(table, keys)) as (Row | undefined)[],
    async *scan(options) {
      for await (const entries of dataset.scan(table, options)) yield entries.map(({ value }) => value as Row)
    },
    count: () => dataset.count(table),
    subscribe(listener, options = {}) {
      const end = new AbortController()
      const subscription = { dataset, table, since: dataset.seen, listener, options, end, closed, timer }
      loaded(import('./subscription.ts'))
        .then(({ follow }) => follow(subscription))
        .catch(options.onError)
      return () => end.abort()
    },
  }
}
