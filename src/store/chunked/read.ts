import type { JsonObject } from '../../json.ts'
import type { Entry } from '../dataset.ts'
import { decodeKey } from '../key.ts'
import { Chunk, findLine, lineValue, type Row, rowValue } from './chunk.ts'
import type { Hasher } from './hash.ts'
import type { Table } from './head.ts'
import { chunksSource, type Hit, merge, slicesSource } from './merge.ts'
import { newest, type Wanted } from './newest.ts'
import type { Place } from './place.ts'
import { type Slice, sliceOf } from './slice.ts'

/** The rows of some encoded keys. Reads each chunk once, and only those that hold one of them. */
export async function readRows(
  place: Place,
  hasher: Hasher,
  table: Table,
  keys: Iterable<string>,
): Promise<Map<string, JsonObject>> {
  const rows = new Map<string, JsonObject>()
  const bySlice = new Map<Slice, string[]>()
  for (const [key, where] of await locate(place, hasher, table, [...new Set(keys)].sort())) {
    if ('line' in where) {
      const value = rowValue(where)
      if (value !== undefined) rows.set(key, value)
    } else bySlice.set(where, [...(bySlice.get(where) ?? []), key])
  }
  const bodies = await place.read([...bySlice.keys()].map(({ ref }) => ref))
  for (const [i, wanted] of [...bySlice.values()].entries()) {
    for (const key of wanted) {
      const line = findLine(bodies[i] as string, key)
      const value = line === undefined ? undefined : lineValue(line)
      if (value !== undefined) rows.set(key, value)
    }
  }
  return rows
}

/** Where each key may be: asks the fingerprints unless there is only one chunk that can have it. */
async function locate(place: Place, hasher: Hasher, table: Table, keys: readonly string[]) {
  const places: [string, Row | Slice][] = []
  const unsure: Wanted[] = []
  for (const key of keys) {
    const slices = [...table.runs, table.level].flatMap((list) => sliceOf(list, key) ?? [])
    const where = table.tail.get(key) ?? slices[0]
    if (where === undefined) continue
    if ('line' in where || (slices.length === 1 && !place.hasSidecar(where))) places.push([key, where])
    else {
      const { high: key0, low: key1 } = hasher.text(key)
      unsure.push({ key, key0, key1 })
    }
  }
  for (const [i, found] of (await newest(place, table, unsure)).entries()) {
    if (found !== undefined && (found.content0 !== 0 || found.content1 !== 0)) {
      places.push([(unsure[i] as Wanted).key, found.where])
    }
  }
  return places
}

/** The entries of a table from a key on, in key order. */
export function scanHits(place: Place, table: Table, min: string): AsyncGenerator<Hit[]> {
  const tail = new Chunk([...table.tail.values()].map(({ line }) => `${line}\n`).join(''), min)
  const lists = [...table.runs, table.level].map((slices, i) => slicesSource(place, i + 1, slices, min))
  return merge([chunksSource(0, [tail]), ...lists])
}

/** At most `limit` rows of the hits, tombstones left out. */
export function toEntries(hits: readonly Hit[], limit: number): Entry[] {
  const entries: Entry[] = []
  for (const { key, chunk, at } of hits) {
    if (entries.length >= limit) break
    const value = lineValue(chunk.line(at))
    if (value !== undefined) entries.push({ key: decodeKey(key), value })
  }
  return entries
}
