import type { CursorValue } from '../../config/resolved.ts'
import { SynclineError } from '../../errors.ts'

/**
 * Cursor values are compared by what they mean, not by how they are spelled: instants whatever their offset and
 * fraction, dates as midnight UTC, whole numbers in text by size, other text by code units.
 */
export function compareCursors(a: CursorValue, b: CursorValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number' || typeof b === 'number') {
    throw new SynclineError(
      'cursor_type_mismatch',
      `the cursor is a ${typeof a} in one place and a ${typeof b} in another`,
      {
        hint: 'Give `initialValue` and `endValue` the type that the API uses, or point `cursorPath` at another field.',
      },
    )
  }
  // The usual case, once or twice per record: one spelling throughout, whose text order is the order of time.
  if (a.length === b.length && a.endsWith('Z') && b.endsWith('Z') && a.charAt(10) === b.charAt(10))
    return compareText(a, b)
  const [timeA, timeB] = [parseTime(a), parseTime(b)]
  if (timeA !== undefined && timeB !== undefined) return timeA.seconds - timeB.seconds || timeA.nanos - timeB.nanos
  if (DIGITS.test(a) && DIGITS.test(b)) return compareDigits(a, b)
  return compareText(a, b)
}

/** The value moved back by `lag` (forward with `min`), in its own spelling. Text that is no time stays. */
export function applyLag(value: CursorValue, lag: number, func: 'max' | 'min'): CursorValue {
  const by = func === 'max' ? -lag : lag
  if (typeof value === 'number') return value + by
  const time = parseTime(value)
  if (time === undefined) return value
  const nanos = time.nanos + Math.round((by % 1) * 1e9)
  const seconds = time.seconds + (time.dateOnly ? Math.trunc(by) * 86_400 : Math.trunc(by) + Math.floor(nanos / 1e9))
  return formatTime({ ...time, seconds, nanos: time.dateOnly ? 0 : ((nanos % 1e9) + 1e9) % 1e9 })
}

const DECADE_MS = 315_576e6

/**
 * Whether the value is a time after `ms`. A number is one if it lies in the ten years after `ms`, in seconds or in ms
 * since 1970: a counter that does is met by chance only, and then costs no more than reading some rows again.
 */
export function isAfter(value: CursorValue, ms: number): boolean {
  if (typeof value === 'number') return [value, value * 1000].some((at) => at > ms && at < ms + DECADE_MS)
  const time = parseTime(value)
  return time !== undefined && msOf(time) > ms
}

/** The value, or the instant `ms` in the value's spelling where the value is a later time. */
export function notAfter(value: CursorValue, ms: number): CursorValue {
  if (typeof value === 'number') {
    if (!isAfter(value, ms)) return value
    return value > ms ? ms : Math.floor(ms / 1000)
  }
  const time = parseTime(value)
  if (time === undefined || msOf(time) <= ms) return value
  return formatTime({ ...time, seconds: Math.floor(ms / 1000), nanos: (ms - Math.floor(ms / 1000) * 1000) * 1e6 })
}

interface Time {
  /** Since 1970, UTC. */
  seconds: number
  nanos: number
  dateOnly: boolean
  separator: string
  /** Digits of the fraction as written. */
  digits: number
  offset: string
  offsetSeconds: number
}

function msOf({ seconds, nanos }: Time): number {
  return seconds * 1000 + nanos / 1e6
}

const DIGITS = /^\d{1,40}$/
const TIME = /^(\d{4}-\d\d-\d\d)(?:([Tt ])(\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9})\d*)?(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/

/** ISO 8601 dates and date-times; a time without an offset is UTC. `undefined` for anything else. */
function parseTime(text: string): Time | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [, date, separator = '', clock = '00:00', fraction = '', offset = ''] = match
  const ms = Date.parse(`${date}T${clock}Z`)
  if (Number.isNaN(ms)) return undefined
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? []
  const offsetSeconds = (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
  return {
    seconds: ms / 1000 - offsetSeconds,
    nanos: Number(fraction.padEnd(9, '0')),
    dateOnly: separator === '',
    separator,
    digits: fraction.length,
    offset,
    offsetSeconds,
  }
}

/** Truncates to the digits of the original, so that the result is never later than the time itself. */
function formatTime({ seconds, nanos, dateOnly, separator, digits, offset, offsetSeconds }: Time): string {
  const iso = new Date((seconds + offsetSeconds) * 1000).toISOString()
  const fraction = digits === 0 ? '' : `.${String(Math.floor(nanos)).padStart(9, '0').slice(0, digits)}`
  return dateOnly ? iso.slice(0, 10) : `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction}${offset}`
}

function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return x.length - y.length || compareText(x, y)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
