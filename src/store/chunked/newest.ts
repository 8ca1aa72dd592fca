import type { Row } from './chunk.ts'
import type { Table } from './head.ts'
import type { Place } from './place.ts'
import { type Fingerprint, findPrint, type Sidecar } from './sidecar.ts'
import { forEachTouched, type Slice } from './slice.ts'

/** A key as it is looked up. */
export type Wanted = Pick<Fingerprint, 'key0' | 'key1'> & { readonly key: string }

/** The newest entry of a key: its content's fingerprint, and where the row is. */
export interface Found {
  readonly content0: number
  readonly content1: number
  readonly where: Row | Slice
}

/** The newest entry of each of the ascending keys; reads fingerprints only, those of the touched ranges. */
export async function newest(place: Place, table: Table, wanted: readonly Wanted[]): Promise<(Found | undefined)[]> {
  const { tail } = table
  const found: (Found | undefined)[] = []
  for (const { key } of wanted) {
    const row = tail.size > 0 ? tail.get(key) : undefined
    found.push(row && { content0: row.content0, content1: row.content1, where: row })
  }
  const touched: [slice: Slice, from: number, to: number][] = []
  for (const list of [...table.runs, table.level]) forEachTouched(list, wanted, (...range) => touched.push(range))
  const sidecars = await place.sidecars(touched.map(([slice]) => slice))
  for (const [i, [slice, from, to]] of touched.entries()) {
    lookUp(found, wanted, from, to, sidecars[i] as Sidecar, slice)
  }
  return found
}

/** Looks up those of a range that have not been found yet. */
function lookUp(
  found: (Found | undefined)[],
  wanted: readonly Wanted[],
  from: number,
  to: number,
  sidecar: Sidecar,
  where: Slice,
): void {
  for (let i = from; i < to; i++) {
    if (found[i] !== undefined) continue
    const { key0, key1 } = wanted[i] as Wanted
    const at = findPrint(sidecar, key0, key1)
    if (at < 0) continue
    found[i] = { content0: sidecar.words[at + 2] as number, content1: sidecar.words[at + 3] as number, where }
  }
}
