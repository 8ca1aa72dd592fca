import { isSynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import type { Change, Changes, Version } from '../dataset.ts'
import { decodeKey } from '../key.ts'
import { Chunk, mark, markOf } from './chunk.ts'
import type { Head } from './head.ts'
import type { Place } from './place.ts'

const BATCH = 500

/** The rows of encoded keys. */
type ReadRows = (table: string, keys: readonly string[]) => Promise<ReadonlyMap<string, JsonObject>>

/** The rows that changed between a version and a head; `'reset'` when that cannot be told any more. */
export async function changesSince(
  place: Place,
  head: Head,
  since: Version,
  table: string | undefined,
  rows: ReadRows,
): Promise<Changes | 'reset'> {
  try {
    const touched = await touchedSince(place, head, since, table)
    return touched === undefined ? 'reset' : Object.assign(changesOf(touched, rows), { version: head.version })
  } catch (error) {
    // The chunks of that commit have been compacted and collected.
    if (isSynclineError(error, 'store_corrupt')) return 'reset'
    throw error
  }
}

async function* changesOf(touched: Touched, rows: ReadRows): AsyncGenerator<Change[]> {
  for (const [table, marks] of touched) {
    const sorted = [...marks].sort(([a], [b]) => (a < b ? -1 : 1))
    for (let i = 0; i < sorted.length; i += BATCH) {
      const batch = sorted.slice(i, i + BATCH)
      const now = await rows(
        table,
        batch.map(([key]) => key),
      )
      yield batch.map(([key, first]) => toChange(table, key, first, now.get(key)))
    }
  }
}

/** Per table and encoded key: the mark of the first change since a version. It tells whether the row was there before. */
type Touched = Map<string, Map<string, string>>

/** Which rows changed since a version; `undefined` when the head does not remember that far back. */
async function touchedSince(
  place: Place,
  head: Head,
  since: Version,
  table: string | undefined,
): Promise<Touched | undefined> {
  const at = head.history.findIndex(({ version }) => version === since)
  if (at < 0 && since !== head.historyFrom) return undefined
  const entries = head.history.slice(at + 1)
  const isMeant = (name: string) => table === undefined || name === table
  if (entries.some(({ reset }) => reset?.some(isMeant))) return undefined
  const touched: Touched = new Map()
  for (const [name, keys, refs] of entries.flatMap(({ tables }) => tables)) {
    if (!isMeant(name)) continue
    const known = touched.get(name) ?? new Map<string, string>()
    touched.set(name, known)
    for (const marked of keys ?? (await markedKeys(place, refs))) {
      const key = marked.slice(1)
      if (!known.has(key)) known.set(key, marked[0] as string)
    }
  }
  return touched
}

async function markedKeys(place: Place, refs: readonly string[]): Promise<string[]> {
  const bodies = await place.read(refs)
  return bodies.flatMap((body) => {
    const chunk = new Chunk(body)
    return chunk.keys.map((key, at) => markOf(chunk.line(at)) + key).filter(([first]) => first !== mark.kept)
  })
}

/**
 * What to say of a row, knowing its state now. That it is gone is told even if it came in between: who has scanned the
 * table meanwhile may have met it.
 */
function toChange(table: string, key: string, first: string, value: JsonObject | undefined): Change {
  if (value === undefined) return { type: 'deleted', table, key: decodeKey(key) }
  return { type: first === mark.added ? 'added' : 'updated', table, key: decodeKey(key), value }
}
