import type { Row } from './chunk.ts'
import { encodeSidecar, orderPrints } from './encode-sidecar.ts'
import type { Place } from './place.ts'
import type { Sidecar } from './sidecar.ts'
import { type Slice, separator } from './slice.ts'

/** A bound longer than this is cut: bounds are in the head, and keys may have a million characters. */
const BOUND_CHARS = 64

type Planned = Omit<Slice, 'ref' | 'sidecar'> & { prints: Sidecar }

/** Writes rows, ascending by key, as one run: each chunk is followed by its fingerprints. */
export async function writeSlices(
  place: Place,
  rows: AsyncIterable<readonly Row[]>,
  range: { min: string; end: string | undefined } = { min: '', end: undefined },
): Promise<Slice[]> {
  const planned: Planned[] = []
  const refs = await place.writeRun(chunksOf(rows, place.chunks.limits.chunkBytes, range, planned))
  return planned.map(({ prints, ...slice }, i) => {
    const [ref, sidecar] = [refs[2 * i] as string, refs[2 * i + 1] as string]
    place.keep(sidecar, prints)
    return { ref, sidecar, ...slice }
  })
}

async function* chunksOf(
  batches: AsyncIterable<readonly Row[]>,
  chunkChars: number,
  range: { min: string; end: string | undefined },
  planned: Planned[],
): AsyncGenerator<string> {
  let rows: Row[] = []
  let chars = 0
  let min: string | undefined
  function* flush(next?: Row): Generator<string> {
    const [first, last] = [rows[0] as Row, rows[rows.length - 1] as Row]
    const end = next === undefined ? atMost(boundAfter(last.key), range.end) : separator(last.key, next.key)
    const start = min ?? atLeast(first.key.slice(0, BOUND_CHARS), range.min)
    const prints = orderPrints(rows)
    planned.push({ min: start, end, rows: rows.length, chars, prints })
    const lines = rows.map((row) => row.line)
    lines.push('') // ends the last line, without copying them all once more
    yield lines.join('\n')
    yield encodeSidecar(prints)
    rows = []
    chars = 0
    min = end
  }
  for await (const batch of batches) {
    for (const row of batch) {
      if (chars > 0 && chars + row.line.length > chunkChars) yield* flush(row)
      rows.push(row)
      chars += row.line.length + 1
    }
  }
  if (rows.length > 0) yield* flush()
}

/** A short string greater than the key. */
function boundAfter(key: string): string {
  if (key.length < BOUND_CHARS) return `${key}\0`
  for (let at = BOUND_CHARS - 1; at > 0; at--) {
    const code = key.charCodeAt(at)
    // Encoded keys have no surrogates, so neither has a bound.
    if (code < 0xffff) return key.slice(0, at) + String.fromCharCode(code === 0xd7ff ? 0xe000 : code + 1)
  }
  return `${key}\0`
}

function atLeast(bound: string, min: string): string {
  return bound < min ? min : bound
}

function atMost(bound: string, end: string | undefined): string {
  return end !== undefined && end < bound ? end : bound
}
