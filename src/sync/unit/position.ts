import type { CursorValue } from '../../config/resolved.ts'
import type { ErrorCode } from '../../error-codes.ts'
import { SynclineError } from '../../errors.ts'
import { isJsonObject, type JsonValue } from '../../json.ts'
import { emptyReport, type ResourceReport } from '../../report.ts'
import type { Key } from '../../store/key.ts'
import type { Best, StoredCursor, Window } from '../incremental/incremental.ts'
import type { PagingState } from '../pages/paging.ts'
import type { TableKeys } from '../rows/entries.ts'

/**
 * Where a resource stands: plain JSON, committed together with the rows that it vouches for. It has no secrets, and
 * nothing that grows: that lives in rows of system tables.
 */
export interface Position {
  v: 1
  /** Fingerprint of what the config says about paging and keys: a pass under another config cannot go on. */
  config: string
  /** The last run that finished this resource, or gave it up with an error. */
  settled: number
  /** The last pass that was completed. Guards its completion against being done twice. */
  passed: number
  /** The last pass after which all that it had not seen was deleted: what it did not bring is gone. */
  swept?: number
  /** A pass that brought rows was complete: `schemaContract` holds from the next one on. */
  contracted?: true
  /** The cursor after the last complete pass. */
  cursor?: StoredCursor
  /** Where automatic selection has found records: they are looked for nowhere else. */
  selector?: string
  /** There are rows in `_validators`. */
  validators?: true
  /** Roots: the resources below that have had all rows since the first one, children of children included. */
  below?: string[]
  /** Rows that others hang on were deleted, and those others are still there: `_gone` says which. */
  orphans?: true
  /**
   * Roots that are appended to: the pass whose rows are no sure part of the table, since it is not complete, and where its
   * window starts. The pass that reads this window again puts its rows in their place.
   */
  appending?: { pass: number; start?: CursorValue }
  /** What passes take, for `plan`. Absent in positions of before there was such a thing. */
  took?: TookByKind
  /** A pass that has begun and not ended, however many runs it takes. */
  pass?: Pass
  /** What a run did with the resource so far. */
  run: number
  report: ResourceReport
}

/** One reading of all pages: of the resource, or of a child under all parents that a parent's pass brought. */
export interface Pass {
  /** The run in which it began. Children share it with their parent. */
  id: number
  /** Where the rows go, and what happens at the end. */
  mode: 'append' | 'merge' | 'replace' | 'read'
  /** Rows are keyed by their place: they are appended, or replace what was. */
  byPlace?: true
  /** Replacing: how the staged rows are keyed. */
  keys?: TableKeys
  /** A full refresh: stored cursors are not looked at, and unseen rows are swept at the end. */
  full?: true
  /** It is a full refresh because the API refused the sync token, whatever was asked for. */
  renewed?: true
  /** An answer 304 may stand for the rows of a list of one page. */
  conditional?: true
  /** Stored cursors are not looked at, since a resource below is new and needs the rows of all time. */
  fromStart?: true
  /** Roots: the `below` of this pass, where it is another than before. */
  below?: string[]
  /** `read`: pages are left; `sweep`: all was read, unseen rows are being removed. */
  stage: 'read' | 'sweep'
  /** Of the whole pass, as what follows. */
  pages: number
  received: number
  /** Those that came before a row are the key of an appended one. */
  rows: number
  /** Absent before its first commit. */
  spent?: Spent
  /** Rows that went into the table: more than there are keys where rows came on two pages. */
  kept: number
  /** Rows that were marked as deleted: each may have been among those before. */
  deleted?: number
  quarantined: number
  /** Rows that are keyed by their place were read twice: what the first reading has left is to be deleted. */
  again?: boolean
  /** Some of them for another reason than what `columns` and `schemaContract` ask for. */
  puzzling?: true
  reading: Reading
  /** All pages were read; children may not have been. */
  ended?: true
  /** Why the first row went to quarantine. */
  rejection?: { code: ErrorCode; reason: string }
  /** Too much went to quarantine: the pass is given up. */
  refused?: true
  /** Why rows that were not seen are kept, although every page was read. */
  unswept?: string
  /** Some of the parents were not read: they are in quarantine, or theirs are. */
  unread?: true
  /** Why the pass proves nothing about rows that it did not see. */
  incomplete?: string
  /** Rows are missing that the next pass may well find: this one replaces nothing. `limit`: they were not asked for. */
  partial?: 'limit' | 'moved'
  /** The last key that the sweep deleted. */
  sweptTo?: Key
}

/** How far the reading of one list of pages got: all of a root, or what one parent has of a child. */
export interface Reading {
  window: Window
  /** The server's time when it was begun, in ms. */
  sourceTime?: number
  best?: Best
  /** The sync token that the last page had. */
  token?: CursorValue
  /** Children: the API refused the token of this parent. */
  tokenless?: true
  /** Children: the parent in `_pending` whose pages these are, and its key. */
  entry?: PendingKey
  owner?: Key
  /** Children: `rows` and `quarantined` of the pass when this parent was begun, for when it has to be begun anew. */
  before?: [rows: number, quarantined: number]
  /** The next page; absent before the first page and after the last one. */
  paging?: PagingState
  /** Declared row order: the last cursor, or that it does not hold. */
  order?: { last: string | number } | 'violated'
  /** The API's count of all records, as it last said. */
  total?: number
  /** The greatest that it was. */
  most?: number
  /** The run in which it said so. */
  countedIn?: number
  /** That count went down while pages were read. */
  shrunk?: true
}

/** What a pass took so far, over all its steps. */
export type Spent = [requests: number, writes: number]

/** What a whole pass took, and what came. */
export type Took = [...Spent, pages: number, received: number]

/** What the last whole pass took that read all there is, and the last that read what had changed: seldom the same. */
export interface TookByKind {
  all?: Took
  changes?: Took
}

/** Pass, page and row of a parent: ascends in the order in which parents were read. */
export type PendingKey = [pass: number, page: number, row: number]

/** Fits a queue message or a step's result, whatever the platform. */
const MOST_BYTES = 8192

export function newPosition(config: string): Position {
  return { v: 1, config, settled: 0, passed: 0, run: 0, report: emptyReport() }
}

/** The pass that the keys of appended rows name. */
export function passInKeys({ position: { appending } }: { readonly position: Position }, { id, mode }: Pass): number {
  return mode === 'append' && appending !== undefined ? appending.pass : id
}

/** From what the store holds; `undefined` where there is nothing. */
export function readPosition(value: JsonValue | undefined): Position | undefined {
  if (value === undefined) return undefined
  if (isJsonObject(value) && value.v === 1) return value as unknown as Position
  throw new SynclineError('store_too_new', 'a stored position was written by a newer version of Syncline', {
    hint: 'Update Syncline, or drop the dataset to start anew.',
  })
}

export function writePosition(position: Position): JsonValue {
  let bytes = 0
  for (const kept of shorter(position)) {
    bytes = JSON.stringify(kept).length
    if (bytes <= MOST_BYTES) return kept as unknown as JsonValue
  }
  throw new SynclineError('position_too_large', `the position takes ${bytes} bytes; ${MOST_BYTES} are allowed`, {
    hint: 'The server sends a very long cursor or next link. Custom paginators: keep the state small.',
  })
}

/** Rows that a cursor remembers are the first to go where there is no room: they are appended again, not lost. */
function* shorter(position: Position): Generator<Position> {
  yield position
  const { pass, cursor } = position
  const kept = { ...position }
  if (pass?.reading.best) kept.pass = { ...pass, reading: { ...pass.reading, best: without(pass.reading.best) } }
  yield kept
  if (cursor) yield { ...kept, cursor: without(cursor) }
}

function without<T extends { boundary?: unknown }>({ boundary: _, ...rest }: T): Omit<T, 'boundary'> {
  return rest
}

/** Names of the engine's own tables. They begin with `_`, which no resource may. */
export const systemTable = {
  schema: '_schema',
  quarantine: '_quarantine',
  cursors: '_cursors',
  pending: (resource: string) => `_pending/${resource}`,
  staged: (resource: string) => `_staged/${resource}`,
  seen: (resource: string) => `_seen/${resource}`,
  validators: (resource: string) => `_validators/${resource}`,
  /** Children, by key: the parent that each was last read under. */
  parents: (resource: string) => `_parents/${resource}`,
  /** Keys of rows that were deleted, until what hangs on them is. */
  gone: (resource: string) => `_gone/${resource}`,
  /** Keys that the last complete full refresh did not see (`twoStrike`). */
  missing: (resource: string) => `_missing/${resource}`,
  /** When rows were marked as deleted, where `dedupSort` tells older states of them. */
  deleted: (resource: string) => `_deleted/${resource}`,
} as const
