import type { Key } from '../../store/key.ts'
import type * as Parts from '../pass/parts.ts'
import type { KeyedRow, Keying } from '../rows/entries.ts'
import type { Run, Unit } from '../unit/unit.ts'

/** Of an appended row; the second form where it came out of quarantine. */
type PlaceKey = [pass: number, row: number] | [pass: number, row: number, part: number]

/**
 * The keys of appended rows that a pass which was not completed has left in the places of a page, so many rows from the
 * first on, and that the pass which reads them again does not put its own rows in.
 */
export async function leftOn(
  run: Run,
  table: string,
  { pass, row }: Keying,
  count: number,
  rows: ReadonlyMap<string, KeyedRow>,
): Promise<Key[]> {
  const keys: Key[] = []
  for await (const key of leftFrom(run, table, pass, row)) {
    if (key[1] >= row + count) break
    if (key.length > 2 || !rows.has(String(key[1]))) keys.push(key)
  }
  return keys
}

/** What such a pass has left there in quarantine, behind the records that are put there now. */
export async function leftAside(
  { dataset }: Run,
  resource: string,
  { pass, row }: Keying,
  count: number,
  rejected: number,
  { systemTable }: typeof Parts,
): Promise<Key[]> {
  const keys: Key[] = []
  for await (const entries of dataset.scan(systemTable.quarantine, { after: [resource, pass, row + rejected - 1] })) {
    for (const { key } of entries) {
      const [of, by, at] = key as Key[]
      if (of !== resource || by !== pass || Number(at) >= row + count) return keys
      keys.push(key)
    }
  }
  return keys
}

/** Deletes the appended rows of a pass from a place on: that many rows it has now, and it had more before. */
export async function deleteFrom(
  unit: Unit,
  run: Run,
  table: string,
  pass: number,
  row: number,
  { inCommits }: typeof Parts,
): Promise<void> {
  await inCommits(unit, run, leftFrom(run, table, pass, row), (key) => unit.batch.delete(table, key), false)
}

async function* leftFrom({ dataset }: Run, table: string, pass: number, row: number): AsyncGenerator<PlaceKey> {
  for await (const entries of dataset.scan(table, { after: [pass, row - 1] })) {
    for (const { key } of entries) {
      const place = key as PlaceKey
      if (place[0] !== pass) return
      if (place[1] >= row) yield place
    }
  }
}
