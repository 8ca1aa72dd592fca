import * as v from 'valibot'
import { amount, check, either, func, name } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { CursorValue, Incremental } from './resolved.ts'

/** Options of a cursor that an `incremental` and an incremental parameter share. */
export interface CursorConfig {
  /** Where the cursor is in a record as the API sends it, such as `updated_at` or `meta.changed`. */
  cursorPath: string
  /** Where to begin the first time. @default none: everything is read */
  initialValue?: CursorValue
  /** Whether the cursor rises (`max`) or falls (`min`). @default 'max' */
  lastValueFunc?: 'max' | 'min'
  /** The order in which the API sends the records, if it is sure. Lets a pass end early. */
  rowOrder?: 'asc' | 'desc'
  /** Whether records at the start value belong to the range (`closed`). @default 'closed' */
  rangeStart?: 'closed' | 'open'
  /** Whether records at the end value belong to the range (`closed`). @default 'open' */
  rangeEnd?: 'closed' | 'open'
  /** What happens to a record without a cursor: an error, or in or out of the table. @default 'raise' */
  onCursorValueMissing?: 'raise' | 'include' | 'exclude'
  /**
   * Reads again what came in shortly before the stored cursor: seconds for instants, days for dates, units for numbers.
   * Never goes back past `initialValue`; off with `endValue`. @default 0
   */
  lag?: number
  /**
   * Seconds by which this machine's clock may be ahead of the API's, used where its `Date` header cannot be read.
   * @default 300
   */
  clockSkew?: number
  /** Makes of the cursor what the API wants in requests, such as epoch seconds of an ISO time. */
  convert?: (value: CursorValue) => CursorValue
}

/**
 * Fetches only what has changed since the last complete pass.
 *
 * @example
 * incremental: { cursorPath: 'updated_at', startParam: 'since', initialValue: '2024-01-01T00:00:00Z' }
 */
export interface IncrementalConfig extends CursorConfig {
  /** The query parameter for the start value. Or write `{incremental.start_value}` where it belongs. */
  startParam?: string
  /** The query parameter for the end value. Or write `{incremental.end_value}` where it belongs. */
  endParam?: string
  /** Makes the pass a backfill from `initialValue` to here, which neither reads nor moves the stored cursor. */
  endValue?: CursorValue
}

const finite = check<number>('a finite number', Number.isFinite)
const cursorValue = either<CursorValue>((input) => (typeof input === 'number' ? finite : name))

/** Entries of `CursorConfig`. */
export const cursorEntries = {
  cursorPath: name,
  initialValue: v.optional(cursorValue),
  lastValueFunc: v.optional(v.picklist(['max', 'min'])),
  rowOrder: v.optional(v.picklist(['asc', 'desc'])),
  rangeStart: v.optional(v.picklist(['closed', 'open'])),
  rangeEnd: v.optional(v.picklist(['closed', 'open'])),
  onCursorValueMissing: v.optional(v.picklist(['raise', 'include', 'exclude'])),
  lag: v.optional(amount),
  clockSkew: v.optional(amount),
  convert: v.optional(func<(value: CursorValue) => CursorValue>()),
} as const

export const incrementalSchema = optionsSchema<IncrementalConfig>()({
  ...cursorEntries,
  startParam: v.optional(name),
  endParam: v.optional(name),
  endValue: v.optional(cursorValue),
})

export const resolveIncremental = (config: IncrementalConfig): Incremental => ({
  cursorPath: config.cursorPath,
  startParam: config.startParam,
  endParam: config.endParam,
  initialValue: config.initialValue,
  endValue: config.endValue,
  lastValueFunc: config.lastValueFunc ?? 'max',
  rowOrder: config.rowOrder,
  rangeStart: config.rangeStart ?? 'closed',
  rangeEnd: config.rangeEnd ?? 'open',
  onCursorValueMissing: config.onCursorValueMissing ?? 'raise',
  lag: config.lag ?? 0,
  clockSkew: config.clockSkew ?? 300,
  convert: config.convert,
})
