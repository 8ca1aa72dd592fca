import type { Key } from '../store/key.ts'
import type { KeyedRow, Keying } from './entries.ts'
import { systemTable } from './position.ts'
import { inCommits } from './sweep.ts'
import type { Run, Unit } from './unit.ts'

/** Of an appended row. */
type PlaceKey = [pass: number, page: number, index: number]

/**
 * The keys of appended rows that a pass which was not completed has left on one page, and that the pass which reads it
 * again does not put its own rows in the place of.
 */
export async function leftOn(
  run: Run,
  table: string,
  { pass, page }: Keying,
  rows: ReadonlyMap<string, KeyedRow>,
): Promise<Key[]> {
  const keys: Key[] = []
  for await (const key of leftFrom(run, table, pass, page)) {
    const [, at, index] = key
    if (at !== page) break
    if (!rows.has(`${page}.${index}`)) keys.push(key)
  }
  return keys
}

/** What such a pass has left of one page in quarantine, behind the `count` records that are put there now. */
export async function leftAside(
  { dataset }: Run,
  resource: string,
  { pass, page }: Keying,
  count: number,
): Promise<Key[]> {
  const keys: Key[] = []
  for await (const entries of dataset.scan(systemTable.quarantine, { after: [resource, pass, page, count - 1] })) {
    for (const { key } of entries) {
      const [of, by, at] = key as Key[]
      if (of !== resource || by !== pass || at !== page) return keys
      keys.push(key)
    }
  }
  return keys
}

/** Deletes the appended rows of a pass from a page on: that many pages it has now, and it had more before. */
export async function deleteFrom(unit: Unit, run: Run, table: string, pass: number, page: number): Promise<void> {
  await inCommits(unit, run, leftFrom(run, table, pass, page), (key) => unit.batch.delete(table, key), false)
}

async function* leftFrom({ dataset }: Run, table: string, pass: number, page: number): AsyncGenerator<PlaceKey> {
  for await (const entries of dataset.scan(table, { after: [pass, page] })) {
    for (const { key } of entries) {
      const place = key as PlaceKey
      if (place[0] !== pass) return
      yield place
    }
  }
}
