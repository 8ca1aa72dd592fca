import type { Row } from './chunk.ts'
import type { Table } from './head.ts'
import type { Place } from './place.ts'
import { type Fingerprint, findPrint, type Sidecar } from './sidecar.ts'
import { forEachTouched, type Slice, type Slices } from './slice.ts'

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
  const lists = [...table.runs, table.level]
  const sidecars = await sidecarsOf(place, lists, wanted)
  for (const list of lists) {
    forEachTouched(list, wanted, (slice, from, to) => {
      const sidecar = sidecars.get(slice) as Sidecar
      for (let i = from; i < to; i++) if (found[i] === undefined) found[i] = lookUp(sidecar, slice, wanted[i] as Wanted)
    })
  }
  return found
}

function lookUp(sidecar: Sidecar, where: Slice, { key0, key1 }: Wanted): Found | undefined {
  const at = findPrint(sidecar, key0, key1)
  if (at < 0) return undefined
  return { content0: sidecar.words[at + 2] as number, content1: sidecar.words[at + 3] as number, where }
}

async function sidecarsOf(place: Place, lists: readonly Slices[], wanted: readonly Wanted[]) {
  const touched: Slice[] = []
  for (const list of lists) forEachTouched(list, wanted, (slice) => touched.push(slice))
  const sidecars = await place.sidecars(touched)
  return new Map(touched.map((slice, i) => [slice, sidecars[i] as Sidecar]))
}
