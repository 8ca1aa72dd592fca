import type { CursorValue, Incremental, Resource } from '../../config/resolved.ts'
import { SynclineError } from '../../errors.ts'
import { hash64 } from '../../hash.ts'
import type { JsonValue } from '../../json.ts'
import { applyLag, compareCursors, isAfter, notAfter } from './cursor-value.ts'

/** Finds `cursorPath` in a record. */
export type CursorReader = (record: JsonValue) => JsonValue | undefined

/** What is kept of a cursor between passes. */
export interface StoredCursor {
  /** The `cursorPath` that it was read at: of another field it says nothing. */
  path: string
  /** Sync tokens: fingerprint of the config that it was given for. */
  config?: string
  /** The best value of all complete passes, or the token of the last one. */
  last: CursorValue
  /** Appending only: hashes of the rows at `last` and beyond, which an inclusive filter brings again. */
  boundary?: string[]
}

/** What one pass asks for: pinned when it begins, so that a resumed pass asks for the same. */
export interface Window {
  /** `last_value` in dlt: the stored cursor, or the initial value. */
  last?: CursorValue
  /** `last` moved back by `lag`, never past the initial value. */
  start?: CursorValue
  end?: CursorValue
}

/** The best value seen in a pass so far. */
export interface Best {
  /**
   * For times never later than the source's time when the pass began: a row that is changed while we read may be on a
   * page that we had read already. Absent while all values were later.
   */
  value?: CursorValue
  /** Appending only: the best value without that limit. */
  most?: CursorValue
  /** Appending only: hash and cursor of the rows that the next pass will bring again. Absent: too many of them. */
  boundary?: [hash: string, value: CursorValue][]
}

/** More boundary rows than this are not remembered: they would be appended again, never lost. A position holds them. */
const MOST_BOUNDARY_ROWS = 100

/** The stored cursor, if it is one of the field that the config now names. */
export function sameField(
  incremental: Incremental | undefined,
  stored: StoredCursor | undefined,
): StoredCursor | undefined {
  return stored?.path === incremental?.cursorPath && stored?.config === undefined ? stored : undefined
}

/** The stored cursor, or the stored sync token, if it is one of what the config now names. */
export function cursorFor({ endpoint, fingerprint }: Resource, stored: StoredCursor | undefined) {
  const { incremental, token } = endpoint
  if (token === undefined) return sameField(incremental, stored)
  return stored?.path === token.tokenPath && stored.config === fingerprint ? stored : undefined
}

/** What a reading of pages has seen of cursors. */
interface Seen {
  token?: CursorValue
  best?: Best
  sourceTime?: number
}

/** The cursor after a complete reading of the pages: the best value seen, or the last token. */
export function cursorAfter(resource: Resource, before: StoredCursor | undefined, seen: Seen) {
  const { incremental, token: { tokenPath: path } = {} } = resource.endpoint
  const { token: last, best, sourceTime } = seen
  if (path !== undefined && last !== undefined) return { path, config: resource.fingerprint, last }
  return incremental === undefined ? before : advance(incremental, before, best, sourceTime)
}

/** The window of a pass: a backfill (`endValue`) and a full refresh do not look at the stored cursor. */
export function openWindow(incremental: Incremental, stored: StoredCursor | undefined): Window {
  const { initialValue, endValue, lag, lastValueFunc } = incremental
  const backfill = endValue !== undefined
  const known = sameField(incremental, stored)
  const last = backfill ? initialValue : (known?.last ?? initialValue)
  const window: Window = {}
  if (endValue !== undefined) window.end = endValue
  if (last === undefined) return window
  window.last = last
  window.start = last
  if (lag > 0 && !backfill && known !== undefined) {
    const lagged = applyLag(last, lag, lastValueFunc)
    window.start = initialValue !== undefined && isBetter(initialValue, lagged, lastValueFunc) ? initialValue : lagged
  }
  return window
}

/** The window of a pass of a resource. Of a sync token it has a hash: another one asks for other rows. */
export function windowOf(resource: Resource, stored: StoredCursor | undefined): Window {
  const { incremental } = resource.endpoint
  if (incremental !== undefined) return openWindow(incremental, stored)
  const known = cursorFor(resource, stored)
  return known === undefined ? {} : { start: hash64(String(known.last)) }
}

/** True when `a` is further along than `b`. */
export function isBetter(a: CursorValue, b: CursorValue, func: 'max' | 'min'): boolean {
  return func === 'max' ? compareCursors(a, b) > 0 : compareCursors(a, b) < 0
}

/**
 * The cursor of a record as received; `undefined` where it has none and `onCursorValueMissing` is not `raise`.
 * Throws `cursor_missing`, `cursor_null` or `cursor_type_mismatch`.
 */
export function cursorOf(
  record: JsonValue,
  readCursor: CursorReader,
  { cursorPath, onCursorValueMissing }: Incremental,
): CursorValue | undefined {
  const value = readCursor(record)
  if (typeof value === 'string' || typeof value === 'number') return value
  if (value === undefined || value === null) {
    if (onCursorValueMissing !== 'raise') return undefined
    const code = value === null ? 'cursor_null' : 'cursor_missing'
    throw new SynclineError(
      code,
      `a record has ${value === null ? 'null' : 'nothing'} at cursorPath \`${cursorPath}\``,
      {
        hint: "Set `onCursorValueMissing: 'include'` or 'exclude', or point `cursorPath` at a field that every record has.",
      },
    )
  }
  throw new SynclineError('cursor_type_mismatch', `the cursor at \`${cursorPath}\` is neither a string nor a number`, {
    hint: 'Point `cursorPath` at a field that holds a time or a number.',
  })
}

/** Where a cursor lies: before the start of the window, in it, or past its end. */
export function locate(value: CursorValue, window: Window, incremental: Incremental): 'before' | 'in' | 'past' {
  const { lastValueFunc, rangeStart, rangeEnd } = incremental
  const direction = lastValueFunc === 'max' ? 1 : -1
  if (window.start !== undefined) {
    const order = compareCursors(value, window.start) * direction
    if (order < 0 || (order === 0 && rangeStart === 'open')) return 'before'
  }
  if (window.end !== undefined) {
    const order = compareCursors(value, window.end) * direction
    if (order > 0 || (order === 0 && rangeEnd === 'open')) return 'past'
  }
  return 'in'
}

/** The best of what was seen and of the rows of a page. `hashOf` is given where boundary rows are remembered. */
export function trackBest(
  best: Best | undefined,
  values: readonly CursorValue[],
  func: 'max' | 'min',
  sourceTime: number,
  hashOf?: (index: number) => string,
): Best | undefined {
  const furthest = (some: readonly CursorValue[], from?: CursorValue) =>
    some.reduce<CursorValue | undefined>((a, b) => (a === undefined || isBetter(b, a, func) ? b : a), from)
  const reached = furthest(values)
  if (reached === undefined) return best
  const late = func === 'max' && isAfter(reached, sourceTime)
  const top = furthest(late ? values.filter((value) => !isAfter(value, sourceTime)) : [reached], best?.value)
  const tracked: Best = top === undefined ? {} : { value: top }
  const most = furthest([reached], best?.most)
  if (hashOf === undefined || most === undefined) return tracked
  tracked.most = most
  const belongs = (value: CursorValue) => top === undefined || !isBetter(top, value, func)
  // Rows that were too many are forgotten until the value has passed all of them.
  const passed = best?.most === undefined || !belongs(best.most)
  const boundary = passed ? [] : best.boundary?.filter(([, at]) => belongs(at))
  for (let i = 0; i < values.length && boundary !== undefined && boundary.length <= MOST_BOUNDARY_ROWS; i++) {
    const value = values[i] as CursorValue
    if (belongs(value)) boundary.push([hashOf(i), value])
  }
  if (boundary !== undefined && boundary.length <= MOST_BOUNDARY_ROWS) tracked.boundary = boundary
  return tracked
}

/**
 * The cursor after a complete pass. It never moves against `lastValueFunc`, and never to a value that was not seen: an
 * API whose times are cut to the minute may still give rows the time of a minute that has begun.
 */
export function advance(
  incremental: Incremental,
  before: StoredCursor | undefined,
  best: Best | undefined,
  sourceTime: number | undefined,
): StoredCursor | undefined {
  const { endValue, lastValueFunc, cursorPath: path } = incremental
  const stored = sameField(incremental, before)
  if (endValue !== undefined || best === undefined || sourceTime === undefined) return before
  // Appending must remember what it has appended, even if all of it is newer than what the cursor may be.
  const now = best.value ?? (best.most === undefined ? undefined : notAfter(best.most, sourceTime))
  if (now === undefined) return before
  const last = stored !== undefined && isBetter(stored.last, now, lastValueFunc) ? stored.last : now
  if (best.boundary === undefined) return { path, last }
  const still = stored !== undefined && compareCursors(stored.last, last) === 0 ? (stored.boundary ?? []) : []
  const seen = best.boundary.filter(([, at]) => !isBetter(last, at, lastValueFunc)).map(([hash]) => hash)
  const boundary = [...new Set([...still, ...seen])]
  return boundary.length > MOST_BOUNDARY_ROWS ? { path, last } : { path, last, boundary }
}
