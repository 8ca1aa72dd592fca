import type { ErrorCode } from './error-codes.ts'
import type { JsonValue } from './json.ts'

/** A `SynclineError` as plain JSON. */
export interface FailureInfo {
  code: ErrorCode
  message: string
  /** The message without where it happened and what to do. */
  what: string
  resource?: string
  hint?: string
  status?: number
  method?: string
  origin?: string
  pathTemplate?: string
  attempt?: number
  path?: string
  retryable?: boolean
  retryAt?: number
}

/** What one run did with one resource. Counts are of this run, over all its steps. */
export interface ResourceReport {
  /** `pending`: not begun; `skipped`: disposition `skip`. */
  status: 'pending' | 'running' | 'done' | 'waiting' | 'failed' | 'skipped'
  /** HTTP attempts, token refreshes and redirects included. */
  requests: number
  /** Attempts after the first of a request. */
  retries: number
  /** Milliseconds spent waiting: backoff, `Retry-After`, rate limits. */
  waitedMs: number
  /** Pages read. */
  pages: number
  /** Records received, before any processing step. */
  received: number
  /**
   * Rows after the processing steps: `received`, plus what `yieldMap` made in addition, plus those behind a 304. Always
   * `added + updated + unchanged + deleted + duplicates + filtered + quarantined`.
   */
  rows: number
  /** New in the table. */
  added: number
  /** Stored before with other content. */
  updated: number
  /** Left as it is stored: same content, or `insert-only`, or older by `dedupSort`. No write, no event. */
  unchanged: number
  /** Marked as deleted by the API (`hardDelete`), stored before or not. */
  deleted: number
  /** Another row of the same page has the same key and was taken: the later one, or what `dedupSort` says. */
  duplicates: number
  /** Dropped by a `filter` step or by the range of the cursor; with `insert-only`, marked as deleted. */
  filtered: number
  /** Kept in quarantine instead of the table. */
  quarantined: number
  /** Of the rows that were stored: those without a value that a contract refuses. Whole they are in quarantine. */
  trimmed?: number
  /** Values that were brought to the `dataType` of their column. */
  coerced?: number
  /** Rows that were removed, since a full refresh no longer found them or the row that they hung on was deleted. */
  swept: number
  /** Signs that the source changed while it was paged. */
  drift: number
  /** Answers 304 to conditional requests: the rows behind them count as `unchanged`. */
  notModified?: number
  /** Decoded bytes of response bodies. */
  bytes: number
  /** Milliseconds from the first request to the last commit, pauses between steps left out. */
  durationMs: number
  /** The incremental cursor before and after. */
  cursor?: { before: JsonValue; after: JsonValue }
  /** True when every page was read to a proved end. Only then do cursors move and rows get swept. */
  complete: boolean
  /** Why not, when `complete` is false. */
  incomplete?: string
  /** Why rows that were not seen are kept, although the pass is complete. */
  unswept?: string
  /** Why everything was read again, although that was not asked for: the API refused the sync token. */
  renewed?: string
  /** What is known of the columns, and what the run has changed of it. Absent while nothing is. */
  schema?: SchemaReport
  /** Why it failed: the fields of the `SynclineError`. */
  error?: FailureInfo
}

/** A version of a table's inferred schema, and how it came to be. */
export interface SchemaReport {
  /** Counts up with every commit that changes the schema. */
  version: number
  /** The same for the same schema, whatever the order in which the data came. */
  hash: string
  /** Columns that are new. */
  added: string[]
  /** Columns that were known, and of which more is known now: a type, nulls, gaps, or something within. */
  changed: string[]
}

/** What a run did. Plain JSON. */
export interface SyncReport<Name extends string = string> {
  dataset: string
  /** Counts up with every run of a dataset. */
  run: number
  status: StepStatus
  /** Milliseconds since 1970. */
  startedAt: number
  durationMs: number
  /** With `needs_confirmation`: the token to pass as `confirm`. */
  confirm?: string
  resources: Record<Name, ResourceReport>
}

/** What became of the quarantined records of one resource. `records` is the sum of `replayed` to `kept`. */
export interface ReplayedResource {
  /** Records that were in quarantine. */
  records: number
  /** Taken: they have left quarantine in the commit that has their rows. */
  replayed: number
  /** Left quarantine without a row, since the table or a later record in quarantine has a newer state of theirs. */
  superseded: number
  /** Left quarantine, since a processing step drops them. */
  filtered: number
  /** Still in quarantine: they do not pass, or nothing shows whether the stored row is newer. */
  kept: number
  /** Of the rows of those that were taken: new in the table. */
  added: number
  /** Stored before with other content. */
  updated: number
  /** Stored before with the same content. */
  unchanged: number
  /** Marked as deleted (`hardDelete`). */
  deleted: number
}

/** What `replayQuarantine` did. Plain JSON. */
export interface ReplayReport<Name extends string = string> {
  dataset: string
  resources: Record<Name, ReplayedResource>
}

/** A report of nothing yet. */
export function emptyReport(): ResourceReport {
  return {
    status: 'pending',
    requests: 0,
    retries: 0,
    waitedMs: 0,
    pages: 0,
    received: 0,
    rows: 0,
    added: 0,
    updated: 0,
    unchanged: 0,
    deleted: 0,
    duplicates: 0,
    filtered: 0,
    quarantined: 0,
    swept: 0,
    drift: 0,
    bytes: 0,
    durationMs: 0,
    complete: false,
  }
}

/** `more`: call again; `wait`: call again after `retryAt`; `needs_confirmation`: call again with `confirm`. */
export type StepStatus = 'more' | 'done' | 'wait' | 'needs_confirmation' | 'failed'

/** What `onEvent` gets, as it happens. Safe to log: no record, no secret, no URL query. */
export type SyncEvent =
  | { type: 'start'; dataset: string; run: number; resources: string[]; resumed: boolean }
  /** Counts are those of the run so far. `total`: what the API says there is. */
  | { type: 'page'; resource: string; page: number; received: number; total?: number }
  | { type: 'retry'; resource: string; attempt: number; waitMs: number; reason: ErrorCode; status?: number }
  | { type: 'wait'; resource: string; waitMs: number; reason: 'rate_limit' }
  | { type: 'commit'; resource: string; added: number; updated: number; unchanged: number; deleted: number }
  | { type: 'quarantine'; resource: string; code: ErrorCode; rows: number }
  | { type: 'sweep'; resource: string; swept: number }
  | ({ type: 'schema'; resource: string } & SchemaReport)
  /** A 304: this many rows are as they were. */
  | { type: 'not_modified'; resource: string; rows: number }
  | { type: 'restart'; resource: string; why: string }
  | { type: 'resource'; resource: string; report: ResourceReport }
  | { type: 'end'; report: SyncReport }
