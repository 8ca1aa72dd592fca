import type { ChunkLimits } from './chunk-store.ts'
import type { Table } from './head.ts'
import { charsOf, type Slice, type Slices, sliceOf, within } from './slice.ts'

/** What one commit may do for the order of a table: fold its newest runs into one, or move a range into the level. */
export type Job =
  | { readonly type: 'fold'; readonly runs: number }
  | { readonly type: 'move'; readonly min: string; readonly end: string | undefined }

/** So many runs of about one size become one. */
const FAN = 12
/** Runs fold together that are below 64 KiB, below eight times that, below sixty-four times. */
const SMALLEST_CLASS = 1 << 16
/**
 * Reading gets slower with every run; beyond so many they are moved even if that costs more. The more chunks the level
 * has, the smaller a part each move is, the longer runs live, and the more of them there must be at a time.
 */
const FEW_RUNS = 32
const mostRuns = (level: Slices) => Math.min(128, FEW_RUNS + level.length / 48)
/** Runs are moved when they hold more than sixteen such chunks, and more than the level. */
const LEAST_MOVE = 16
/** A commit moves at most so many times what it writes, so that the runs shrink while new ones come. */
const MOVE_RATIO = 6
const MOST_CHARS = 8 << 20

export function planJob(table: Table, limits: ChunkLimits, incoming: number): Job | undefined {
  const most = Math.min(64 * limits.chunkBytes, MOST_CHARS)
  return (
    fold(table, limits, most) ??
    move(table, limits, Math.min(most, Math.max(8 * limits.chunkBytes, MOVE_RATIO * incoming)))
  )
}

function fold({ runs }: Table, limits: ChunkLimits, most: number): Job | undefined {
  for (let size = Math.min(SMALLEST_CLASS, limits.chunkBytes); size <= most; size *= 8) {
    const larger = runs.findIndex((run) => charsOf(run) >= size)
    const streak = larger < 0 ? runs.length : larger
    if (streak < FAN) continue
    const inputs = runs.slice(0, streak).flat()
    if (charsOf(inputs) <= most && operations(inputs, limits) <= limits.maxOps) return { type: 'fold', runs: streak }
  }
  return undefined
}

function move(table: Table, limits: ChunkLimits, most: number): Job | undefined {
  const { runs, level, sweep, count } = table
  const waiting = runs.flat()
  const small = charsOf(waiting) <= LEAST_MOVE * Math.min(SMALLEST_CLASS, limits.chunkBytes)
  const stored = [...waiting, ...level].reduce((sum, { rows }) => sum + rows, 0)
  // A first load is written once, not twice: while few rows are out of date, moving frees little.
  const fresh = runs.length <= FEW_RUNS && stored <= 2 * count
  if ((small || fresh || charsOf(waiting) <= charsOf(level)) && runs.length <= mostRuns(level)) return undefined
  const cuts = cutsOf(table)
  const segments = weigh(cuts, table)
  const from = nextWithRuns(segments, firstFrom(cuts, sweep))
  let to = from + 1
  let { chars } = segments[from] as Segment
  const fits = () => operations(inputsOf(table, cuts[from] as string, cuts[to]), limits) <= limits.maxOps
  if (!fits()) return undefined
  while (to < cuts.length) {
    const { chars: more, inRuns } = segments[to] as Segment
    to++
    if (inRuns === 0 || chars + more > most || !fits()) {
      to--
      break
    }
    chars += more
  }
  return { type: 'move', min: from === 0 ? '' : (cuts[from] as string), end: cuts[to] }
}

/** All slices that a move of this range reads. */
function inputsOf({ runs, level }: Table, min: string, end: string | undefined): Slice[] {
  return [...runs, level].flatMap((list) => within(list, min, end))
}

/** Where a range may begin or end: at a slice's beginning, but never inside a slice of the level. */
function cutsOf({ runs, level }: Table): string[] {
  const inside = (cut: string) => (sliceOf(level, cut)?.min ?? cut) < cut
  const mins = runs.flat().map(({ min }) => min)
  return [...new Set([...level.map(({ min }) => min), ...mins.filter((cut) => !inside(cut))])].sort()
}

interface Segment {
  chars: number
  inRuns: number
}

/** How much is between one cut and the next: slices that span several are spread evenly. */
function weigh(cuts: readonly string[], { runs, level }: Table): Segment[] {
  const segments = cuts.map((): Segment => ({ chars: 0, inRuns: 0 }))
  const spread = (slices: Slices, count: (segment: Segment, chars: number) => void) => {
    for (const { min, end, chars } of slices) {
      const first = Math.max(0, lastUpTo(cuts, min))
      const span = Math.max(1, firstFrom(cuts, end) - first)
      for (let i = first; i < first + span; i++) count(segments[i] as Segment, chars / span)
    }
  }
  spread(level, (segment, chars) => {
    segment.chars += chars
  })
  for (const run of runs) {
    spread(run, (segment, chars) => {
      segment.chars += chars
      segment.inRuns += chars
    })
  }
  return segments
}

/** The first segment from here on that runs lie in; behind the last one it begins at the front again. */
function nextWithRuns(segments: readonly Segment[], from: number): number {
  const ahead = segments.findIndex(({ inRuns }, at) => at >= from && inRuns > 0)
  return ahead >= 0 ? ahead : segments.findIndex(({ inRuns }) => inRuns > 0)
}

/** Reads and writes, fingerprints included, and the commit's own. */
function operations(inputs: Slices, { chunkBytes }: ChunkLimits): number {
  return 2 * inputs.length + 2 * Math.ceil(charsOf(inputs) / chunkBytes) + 6
}

function firstFrom(cuts: readonly string[], bound: string): number {
  let low = 0
  let high = cuts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cuts[middle] as string) >= bound) high = middle
    else low = middle + 1
  }
  return low
}

function lastUpTo(cuts: readonly string[], bound: string): number {
  const at = firstFrom(cuts, bound)
  return cuts[at] === bound ? at : at - 1
}
