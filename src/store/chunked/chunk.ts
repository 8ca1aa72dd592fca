import type { JsonObject } from '../../json.ts'
import { checksum, type Hasher } from './hash.ts'
import { type Fingerprint, isTombstone } from './sidecar.ts'

/**
 * A row as it is written: `line` is the key as JSON, a tab, a mark and the value as JSON; of a tombstone only the mark.
 * JSON escapes control characters, so tabs and line feeds are free to separate.
 */
export interface Row extends Fingerprint {
  /** Encoded. */
  readonly key: string
  readonly line: string
}

/** What a commit did to the row, read by `changes`. Rows that it only carried along have `kept`. */
export const mark = { added: '+', updated: '=', deleted: '-', kept: '.' } as const

/** What JSON may escape. Surrogates are none: an encoded key has no lone ones. */
const ESCAPED = /["\\\p{Cc}]/u

export function formatLine(key: string, mark: string, value: string): string {
  return `${ESCAPED.test(key) ? JSON.stringify(key) : `"${key}"`}\t${mark}${value}`
}

export function printOf(hasher: Hasher, key: string, value: JsonObject | undefined): Fingerprint {
  const { high: key0, low: key1 } = hasher.text(key)
  if (value === undefined) return { key0, key1, content0: 0, content1: 0 }
  const { high, low } = hasher.value(value)
  return { key0, key1, content0: high, content1: high === 0 && low === 0 ? 1 : low }
}

export function remark(row: Row, mark: string): Row {
  const at = row.line.indexOf('\t') + 1
  return { ...row, line: row.line.slice(0, at) + mark + row.line.slice(at + 1) }
}

export function markOf(line: string): string {
  return line[line.indexOf('\t') + 1] as string
}

/** The value of a line, `undefined` of a tombstone. */
export function lineValue(line: string): JsonObject | undefined {
  const text = line.slice(line.indexOf('\t') + 2)
  return text === '' ? undefined : (JSON.parse(text) as JsonObject)
}

export function rowValue(row: Row): JsonObject | undefined {
  return isTombstone(row) ? undefined : lineValue(row.line)
}

/** Text with its checksum before it. */
export function seal(body: string): string {
  return `${checksum(body)}\n${body}`
}

/** The text that was sealed, be it as it may. */
export function unchecked(text: string): string {
  return text.slice(17)
}

/** The text that was sealed, or `undefined` when it is damaged. */
export function unseal(text: string): string | undefined {
  const body = unchecked(text)
  return text[16] === '\n' && text.startsWith(checksum(body)) ? body : undefined
}

/** A chunk in memory: its lines in key order, cut to the range of keys that it answers for. */
export class Chunk {
  readonly keys: string[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #body: string

  /** What a slice answers for, within a range. */
  static of(body: string, slice: { min: string; end: string }, min: string, end: string | undefined): Chunk {
    const until = end === undefined || slice.end < end ? slice.end : end
    return new Chunk(body, slice.min > min ? slice.min : min, until)
  }

  constructor(body: string, min = '', end?: string) {
    this.#body = body
    for (let start = 0; start < body.length; ) {
      const stop = body.indexOf('\n', start)
      const key = keyAt(body, start)
      if (key >= min && (end === undefined || key < end)) {
        this.keys.push(key)
        this.#starts.push(start)
        this.#ends.push(stop)
      }
      start = stop + 1
    }
  }

  line(at: number): string {
    return this.#body.slice(this.#starts[at], this.#ends[at])
  }
}

/** The line of one key in a chunk, found by halving: the others are not decoded. */
export function findLine(body: string, key: string): string | undefined {
  let low = 0
  let high = body.length
  while (low < high) {
    // The line that the middle lies in.
    const start = Math.max(low, body.lastIndexOf('\n', ((low + high) >> 1) - 1) + 1)
    const stop = body.indexOf('\n', start)
    if (stop < 0) return undefined // damaged
    const found = keyAt(body, start)
    if (found === key) return body.slice(start, stop)
    if (found < key) low = stop + 1
    else high = start
  }
  return undefined
}

function keyAt(body: string, start: number): string {
  const json = body.slice(start, body.indexOf('\t', start))
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1)
}
