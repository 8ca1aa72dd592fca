import { SynclineError } from '../../errors.ts'
import type { Version } from '../dataset.ts'
import { Chunk, lineValue, printOf, type Row, unseal } from './chunk.ts'
import type { Ref } from './chunk-store.ts'
import { Hasher, type Seed } from './hash.ts'
import { runOf, type Slice, type Slices } from './slice.ts'

/** The version of the layout: what `docs/storage.md` describes. */
export const FORMAT = 1

export interface Unit {
  /** As JSON: nobody can change it from outside. */
  readonly position: string
  readonly version: Version
}

export interface Table {
  /** Rows, tombstones left out. */
  readonly count: number
  /** Changes newer than every run, kept in the head itself; by key, ascending. */
  readonly tail: ReadonlyMap<string, Row>
  /** Newest first. A key's newest entry counts. */
  readonly runs: readonly Slices[]
  /** What compaction has put in order, older than every run. */
  readonly level: Slices
  /** Up to where compaction has come. */
  readonly sweep: string
}

/** Which rows a commit changed, for `changes`. */
export interface HistoryEntry {
  readonly version: Version
  /** Tables that were dropped or swapped: too much to list. */
  readonly reset?: readonly string[]
  /** Per table: marks and keys if they were kept in the head, else the chunks that hold them. */
  readonly tables: readonly (readonly [table: string, keys: readonly string[] | null, refs: readonly Ref[]])[]
}

/** Everything that a commit changes at once. Never modified: a commit makes the next one. */
export interface Head {
  readonly seed: Seed
  /** Of the last commit. */
  readonly version: Version
  readonly units: ReadonlyMap<string, Unit>
  readonly tables: ReadonlyMap<string, Table>
  readonly history: readonly HistoryEntry[]
  /** The version before the first entry of `history`. */
  readonly historyFrom: Version
  /** Runs that no head from this one on names, and since when. */
  readonly dropped: readonly (readonly [at: number, run: Ref])[]
  /** When all that is stored was looked through for what writers left that died, in ms. */
  readonly listed: number
  /** Chunks that the last commit wrote: if they are not readable, it did not survive. */
  readonly fresh: readonly Ref[]
}

export const emptyTable: Table = { count: 0, tail: new Map(), runs: [], level: [], sweep: '' }

export function emptyHead(seed: Seed, now: number): Head {
  const none = { units: new Map(), tables: new Map(), history: [], dropped: [], fresh: [] }
  return { seed, version: '', historyFrom: '', listed: now, ...none }
}

/** A slice in the head; `end` is 0 where the next one begins there. A text is a page of slices in a chunk. */
export type SlimSlice = [ref: Ref, sidecar: Ref, min: string, end: string | 0, rows: number, chars: number]
export type SlimSlices = (SlimSlice | string)[]

/** The head's first line. */
export interface Meta extends Omit<Head, 'units' | 'tables'> {
  units: [name: string, version: Version, position: string][]
  tables: [name: string, count: number, sweep: string, tail: number, runs: SlimSlices[], level: SlimSlices][]
}

/** The head of a text, or `undefined` when it is damaged. Throws `store_too_new`. */
export async function decodeHead(
  text: string,
  full: (slices: SlimSlices) => Promise<Slices>,
): Promise<Head | undefined> {
  const format = /^syncline (\d{1,6})\n/.exec(text)
  if (format !== null && Number(format[1]) > FORMAT) throw tooNew()
  const body = format === null ? undefined : unseal(text.slice(format[0].length))
  if (body === undefined) return undefined
  const line = body.indexOf('\n') + 1
  const { units, tables, ...rest } = JSON.parse(body.slice(0, line)) as Meta
  const rows = tailRows(body.slice(line), rest.seed)
  const loaded: [string, Table][] = []
  for (const [name, count, sweep, length, runs, level] of tables) {
    const tail = new Map(rows.splice(0, length).map((row) => [row.key, row]))
    loaded.push([name, { count, sweep, tail, runs: await Promise.all(runs.map(full)), level: await full(level) }])
  }
  return {
    ...rest,
    units: new Map(units.map(([name, version, position]) => [name, { version, position }])),
    tables: new Map(loaded),
  }
}

/** Refs leave out their run where it is the one of the ref before. */
export function fullSlices(slim: readonly SlimSlice[]): Slice[] {
  let last = ''
  const full = (ref: Ref) => {
    const whole = ref.startsWith(':') ? last + ref : ref
    last = runOf(whole)
    return whole
  }
  return slim.map(([ref, sidecar, min, end, rows, chars], i) => {
    const refs = { ref: full(ref), sidecar: full(sidecar) }
    return { ...refs, min, end: end === 0 ? (slim[i + 1] as SlimSlice)[2] : end, rows, chars }
  })
}

/** Fingerprints of the tail are not stored: its rows are few and at hand. */
function tailRows(body: string, seed: Seed): Row[] {
  const chunk = new Chunk(body)
  const hasher = new Hasher(seed)
  return chunk.keys.map((key, at) => {
    const line = chunk.line(at)
    return { key, line, ...printOf(hasher, key, lineValue(line)) }
  })
}

function tooNew(): SynclineError {
  return new SynclineError('store_too_new', 'The dataset was written by a newer version of Syncline', {
    hint: 'Update Syncline, or use another dataset.',
  })
}
