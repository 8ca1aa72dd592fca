import type { JsonObject, JsonValue } from '../json.ts'
import type { Key } from './key.ts'

/** Opaque. Compare for equality only. */
export type Version = string

/** A row of a table. */
export interface Entry {
  readonly key: Key
  readonly value: JsonObject
}

/** What a place costs and bears; the engine groups its commits by it. */
export interface StoreLimits {
  /** Bytes of rows (as JSON) after which a commit is worth its cost. A commit may be larger: a page is never split. */
  readonly commitBytes: number
  /** The least time between two commits, in ms, where the place bears no more. 0: commit as often as you like. */
  readonly commitMs: number
  /** The most storage operations that one invocation of the platform allows. `Infinity` where there is no limit. */
  readonly maxOps: number
}

/** The rows of one table that a commit changes. A key occurs at most once in `put` and `delete` together. */
export interface TableChanges {
  readonly put?: readonly Entry[]
  readonly delete?: readonly Key[]
  /**
   * Rows that are stored stay as they are: of `put` only those go in whose key is not. Judged by the newest state, in the
   * commit itself, so a row that another unit has changed is no conflict.
   */
  readonly keep?: boolean
}

/** One atomic change: rows, and the position that says they are there. */
export interface Commit {
  /** Whose position this is. Units do not share positions; they may share tables. */
  readonly unit: string
  /** A function gets the counts of this commit, so that a position can hold them. It may be called again: keep it pure. */
  readonly position: JsonValue | ((tables: Readonly<Record<string, TableCounts>>) => JsonValue)
  /** The version of this unit's position that this commit builds on: `position(unit).version`. */
  readonly expect: Version
  /** Tables that are emptied, before anything else of this commit happens. */
  readonly drop?: readonly string[]
  readonly tables?: Readonly<Record<string, TableChanges>>
  /**
   * After the rows are in: the table named by the key is replaced by the one named by the value, which is then gone.
   * A staged table without rows empties the live one.
   */
  readonly swap?: Readonly<Record<string, string>>
}

/** What a commit did to the rows of one table. `put` = added + updated + unchanged. */
export interface TableCounts {
  added: number
  updated: number
  /** Stored already with equal content, whatever the order of their fields; with `keep`, with any content. */
  unchanged: number
  /** Keys of `delete` that were there. */
  deleted: number
}

export interface CommitResult {
  /** The new version of this unit's position. */
  readonly version: Version
  readonly tables: Readonly<Record<string, TableCounts>>
}

/** One row that changed since a version. */
export type Change =
  | { readonly type: 'added' | 'updated'; readonly table: string; readonly key: Key; readonly value: JsonObject }
  | { readonly type: 'deleted'; readonly table: string; readonly key: Key }

/** Rows that changed, in batches, up to `version`: what to ask from the next time. */
export interface Changes extends AsyncIterable<Change[]> {
  readonly version: Version
}

/** Operations and bytes since the dataset was opened: what budgets and reports count. */
export interface Usage {
  readonly operations: number
  readonly bytesWritten: number
}

/** A place that holds datasets. What an adapter exports. */
export interface Store {
  /** Opens a dataset; one that was never written is empty. Data that cannot be read is an error, never "empty". */
  open(dataset: string): Promise<Dataset>
  /** Forgets everything of a dataset: rows, positions, schema. Other datasets stay. */
  drop(dataset: string): Promise<void>
}

/**
 * Tables of rows by key, and positions by unit, changed together.
 *
 * A table exists as soon as it has rows; reading one that does not is reading an empty one. Keys ascend in the order
 * of `compareKeys`, which is the same in every store. A name is any string; those that begin with `_` are the engine's.
 */
export interface Dataset {
  readonly limits: StoreLimits
  usage(): Usage
  /** The last committed position of a unit; `undefined` if there is none. The version is there in any case. */
  position(unit: string): Promise<{ value: JsonValue | undefined; version: Version }>
  /** The units that have a position. */
  units(): Promise<string[]>
  /**
   * All or nothing, also when the process dies in the midst of it. Throws `conflict` when this unit's position is not
   * at `expect` any more, or when a row that this commit touches was changed by another unit since this dataset last
   * looked; nothing is changed then.
   */
  commit(commit: Commit): Promise<CommitResult>
  get(table: string, key: Key): Promise<JsonObject | undefined>
  /** In the order of `keys`. */
  getMany(table: string, keys: readonly Key[]): Promise<(JsonObject | undefined)[]>
  /**
   * Rows in key order, in batches; from after the key `after`, at most `limit` of them. Not a snapshot: rows that are
   * committed meanwhile may or may not be seen, but keys strictly ascend and what stays is always seen.
   */
  scan(table: string, options?: { after?: Key; limit?: number }): AsyncIterable<Entry[]>
  count(table: string): Promise<number>
  /** The names of the tables that have rows. */
  tables(): Promise<string[]>
  /** The version of the dataset as a whole: what `changes` takes. */
  version(): Promise<Version>
  /** The version that was looked at last. What is committed after it was read, `changes(seen)` tells. */
  readonly seen: Version
  /**
   * Rows that changed since a version, of one table or of all, the latest state of each once: one that came and went in
   * between is `deleted`, since a scan may have met it. `'reset'` when that is no longer known, as after `drop` and `swap`
   * of such a table.
   */
  changes(since: Version, table?: string): Promise<Changes | 'reset'>
  /**
   * Calls `look` soon after someone may have committed, here or, where the place allows, elsewhere. A hint: it may come
   * for nothing, and now and then not at all. Returns what ends it. Keeps no process alive.
   */
  watch?(look: () => void): () => void
  /** Runs alone: no other holder here or, where the place allows, elsewhere. Waits its turn. */
  lease<R>(run: () => Promise<R>, options?: { signal?: AbortSignal }): Promise<R>
  close(): Promise<void>
}
