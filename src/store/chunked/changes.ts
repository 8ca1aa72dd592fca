import type { JsonObject } from '../../json.ts'
import type { Change, Version } from '../dataset.ts'
import { decodeKey } from '../key.ts'
import { Chunk, mark } from './chunk.ts'
import type { Head } from './head.ts'
import type { Place } from './place.ts'
import { markOf } from './write.ts'

/** Per table and encoded key: the mark of the first change since a version. It tells whether the row was there before. */
export type Touched = Map<string, Map<string, string>>

/** Which rows changed since a version; `undefined` when the head does not remember that far back. */
export async function touchedSince(place: Place, head: Head, since: Version): Promise<Touched | undefined> {
  const at = head.history.findIndex(({ version }) => version === since)
  if (at < 0 && since !== head.historyFrom) return undefined
  const entries = head.history.slice(at + 1)
  if (entries.some(({ reset }) => reset)) return undefined
  const touched: Touched = new Map()
  for (const [name, keys, refs] of entries.flatMap(({ tables }) => tables)) {
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

/** What to say of a row, knowing its state now; nothing when it came and went in between. */
export function toChange(table: string, key: string, first: string, value: JsonObject | undefined): Change[] {
  const added = first === mark.added
  if (value !== undefined) return [{ type: added ? 'added' : 'updated', table, key: decodeKey(key), value }]
  return added ? [] : [{ type: 'deleted', table, key: decodeKey(key) }]
}
