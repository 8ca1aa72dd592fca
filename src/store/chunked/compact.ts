import { Chunk, type Row } from './chunk.ts'
import type { Hasher } from './hash.ts'
import type { Table } from './head.ts'
import { chunksSource, merge } from './merge.ts'
import { corrupt, type Place } from './place.ts'
import type { Job } from './plan.ts'
import { findPrint, isTombstone, type Sidecar } from './sidecar.ts'
import { charsOf, type Slice, type Slices, within } from './slice.ts'
import { writeSlices } from './write-slices.ts'

/** The table after the job; the chunks that this needs are written. */
export async function compact(place: Place, hasher: Hasher, table: Table, job: Job): Promise<Table> {
  if (job.type === 'fold') {
    const input = await load(place, table.runs.slice(0, job.runs), '', undefined)
    const run = await writeSlices(place, rowsOf(input, hasher, true))
    return { ...table, runs: [run, ...table.runs.slice(job.runs)] }
  }
  const { min, end } = job
  const input = await load(place, [...table.runs, table.level], min, end)
  const moved = await writeSlices(place, rowsOf(input, hasher, false), { min, end })
  const runs = table.runs.map((run) => run.flatMap((slice) => outside(slice, min, end, input.rows.get(slice))))
  const before = table.level.filter((slice) => slice.end <= min)
  const after = end === undefined ? [] : table.level.filter((slice) => slice.min >= end)
  return {
    ...table,
    runs: runs.filter((run) => run.length > 0),
    level: [...before, ...moved, ...after],
    sweep: end ?? '',
  }
}

/**
 * Runs that overlap nothing older become part of the level as they are: what ascending ids give. Those of small chunks
 * wait until they have been folded.
 */
export function promote(table: Table, chunkBytes: number): Table {
  let { runs, level } = table
  for (let oldest = runs.at(-1); oldest !== undefined; oldest = runs.at(-1)) {
    const [first, last] = [oldest[0] as Slice, oldest.at(-1) as Slice]
    if (charsOf(oldest) < (oldest.length * chunkBytes) / 2 || within(level, first.min, last.end).length > 0) break
    const at = level.findIndex((slice) => slice.min >= last.end)
    level = at < 0 ? [...level, ...oldest] : [...level.slice(0, at), ...oldest, ...level.slice(at)]
    runs = runs.slice(0, -1)
  }
  return { ...table, runs, level }
}

interface Input {
  /** Per list, newest first. */
  readonly lists: readonly (readonly Chunk[])[]
  readonly sidecars: ReadonlyMap<Chunk, Sidecar>
  /** How many rows of a slice are in the range. */
  readonly rows: ReadonlyMap<Slice, number>
}

/** Everything in the range, read in one go: how much that is, the plan has bounded. */
async function load(place: Place, lists: readonly Slices[], min: string, end: string | undefined): Promise<Input> {
  const slices = lists.map((list) => within(list, min, end))
  const flat = slices.flat()
  const bodies = await place.read(flat.map(({ ref }) => ref))
  const prints = await place.sidecars(flat)
  const sidecars = new Map<Chunk, Sidecar>()
  const rows = new Map<Slice, number>()
  let at = 0
  const chunks = slices.map((list) =>
    list.map((slice) => {
      const chunk = Chunk.of(bodies[at] as string, slice, min, end)
      sidecars.set(chunk, prints[at++] as Sidecar)
      rows.set(slice, chunk.keys.length)
      return chunk
    }),
  )
  return { lists: chunks, sidecars, rows }
}

async function* rowsOf({ lists, sidecars }: Input, hasher: Hasher, tombstones: boolean): AsyncGenerator<Row[]> {
  for await (const hits of merge(lists.map((chunks, rank) => chunksSource(rank, chunks)))) {
    const rows: Row[] = []
    for (const { key, chunk, at } of hits) {
      const sidecar = sidecars.get(chunk) as Sidecar
      const { high: key0, low: key1 } = hasher.text(key)
      const print = findPrint(sidecar, key0, key1)
      if (print < 0) throw corrupt('A chunk and its fingerprints differ')
      const [content0, content1] = [sidecar.words[print + 2] as number, sidecar.words[print + 3] as number]
      const row = { key, line: chunk.line(at), key0, key1, content0, content1 }
      if (tombstones || !isTombstone(row)) rows.push(row)
    }
    yield rows
  }
}

/** What is left of a slice when a range is taken out: nothing, a part, or a part on either side. */
function outside(slice: Slice, min: string, end: string | undefined, taken = 0): Slice[] {
  if (slice.end <= min || (end !== undefined && slice.min >= end)) return [slice]
  const left = slice.min < min
  const right = end !== undefined && slice.end > end
  // Estimates: they weigh ranges and decide nothing else. Whether a part is empty is not known from them.
  const rows = Math.max(1, Math.ceil((slice.rows - taken) / (left && right ? 2 : 1)))
  const chars = Math.ceil((slice.chars * rows) / slice.rows)
  const parts: Slice[] = []
  if (left) parts.push({ ...slice, end: min, rows, chars })
  if (right) parts.push({ ...slice, min: end, rows, chars })
  return parts
}
