import type { JsonObject } from '../../json.ts'
import type { Entry, Version } from '../dataset.ts'
import { decodeKey } from '../key.ts'
import { Chunk, findLine, lineValue, printOf, type Row, rowValue, unchecked } from './chunk.ts'
import type { Hasher } from './hash.ts'
import type { Table } from './head.ts'
import { chunksSource, type Hit, merge, slicesSource } from './merge.ts'
import { type Found, newest, type Wanted } from './newest.ts'
import { type Place, sound } from './place.ts'
import { readAhead } from './read-ahead.ts'
import { type Slice, sliceOf, within } from './slice.ts'

/** Where a row may be; `print` if it is known to be there, with this content. */
type Wanting = readonly [key: string, where: Row | Slice, print?: Found]

/**
 * The rows of some encoded keys. Reads each chunk once, and only those that hold one of them. `seen`: the newest version,
 * where the place tells it.
 */
export async function readRows(
  place: Place,
  hasher: Hasher,
  table: Table,
  keys: Iterable<string>,
  seen?: (version: Version | undefined) => void,
): Promise<Map<string, JsonObject>> {
  const rows = new Map<string, JsonObject>()
  const add = (key: string, value: JsonObject | undefined) => value !== undefined && rows.set(key, value)
  const bySlice = new Map<Slice, Wanting[]>()
  for (const wanting of await locate(place, hasher, table, [...new Set(keys)].sort())) {
    const [key, where] = wanting
    if ('line' in where) add(key, rowValue(where))
    else bySlice.set(where, [...(bySlice.get(where) ?? []), wanting])
  }
  const refs = [...bySlice.keys()].map(({ ref }) => ref)
  const texts = await place.readSealed(refs, seen)
  for (const [i, wanted] of [...bySlice.values()].entries()) {
    const text = texts[i] as string
    let body: string | undefined
    for (const [key, , print] of wanted) {
      const value = print && provenValue(unchecked(text), hasher, key, print)
      if (value === undefined) body ??= sound(text)
      add(key, value ?? findValue(body as string, key))
    }
  }
  return rows
}

function findValue(body: string, key: string): JsonObject | undefined {
  const line = findLine(body, key)
  return line === undefined ? undefined : lineValue(line)
}

/**
 * A row that has the content that its fingerprint says. That proves as much as the checksum of the whole chunk, for a
 * hundredth of the work. `undefined` if it has not: then the checksum decides.
 */
function provenValue(body: string, hasher: Hasher, key: string, known: Found): JsonObject | undefined {
  try {
    const value = findValue(body, key)
    const print = value && printOf(hasher, key, value)
    return print?.content0 === known.content0 && print.content1 === known.content1 ? value : undefined
  } catch {
    return undefined // damaged: no JSON
  }
}

/** Where each key may be: asks the fingerprints unless there is only one chunk that can have it. */
async function locate(place: Place, hasher: Hasher, table: Table, keys: readonly string[]): Promise<Wanting[]> {
  const places: Wanting[] = []
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
      places.push([(unsure[i] as Wanted).key, found.where, found])
    }
  }
  return places
}

/** The entries of a table from a key on, in key order. */
export function scanHits(place: Place, table: Table, min: string): AsyncGenerator<Hit[]> {
  const tail = new Chunk([...table.tail.values()].map(({ line }) => `${line}\n`).join(''), min)
  const lists = [...table.runs, table.level].map((list) => within(list, min, undefined))
  const read = readAhead(place, lists)
  return merge([chunksSource(0, [tail]), ...lists.map((list, i) => slicesSource(i + 1, list, min, read))])
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
