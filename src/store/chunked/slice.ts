import type { Ref } from './chunk-store.ts'

/**
 * A chunk as the head names it. It answers for the keys from `min` to before `end`: what it holds beyond, compaction
 * has moved elsewhere. The bounds are as short as they can be, not keys that exist.
 */
export interface Slice {
  readonly ref: Ref
  /** Where the fingerprints of the chunk are. */
  readonly sidecar: Ref
  readonly min: string
  readonly end: string
  readonly rows: number
  readonly chars: number
}

/** Slices in key order that do not overlap: a run, or the level below the runs. */
export type Slices = readonly Slice[]

export function charsOf(slices: Slices): number {
  let sum = 0
  for (const slice of slices) sum += slice.chars
  return sum
}

/** The slices that answer for keys from `min` to before `end`. */
export function within(slices: Slices, min: string, end: string | undefined): Slice[] {
  return slices.filter((slice) => slice.end > min && (end === undefined || slice.min < end))
}

/** The slice that answers for a key. */
export function sliceOf(slices: Slices, key: string): Slice | undefined {
  const slice = slices[firstEndingAfter(slices, key)]
  return slice !== undefined && slice.min <= key ? slice : undefined
}

/** Calls back with each slice that answers for some of the ascending keys, and the range of their indices. */
export function forEachTouched(
  slices: Slices,
  keys: readonly { readonly key: string }[],
  visit: (slice: Slice, from: number, to: number) => void,
): void {
  let from = 0
  for (let at = 0; at < slices.length && from < keys.length; at++) {
    const slice = slices[at] as Slice
    from = firstKeyFrom(keys, slice.min, from)
    const to = firstKeyFrom(keys, slice.end, from)
    if (to > from) visit(slice, from, to)
    from = to
  }
}

/** A string greater than `left` and not greater than `right`, as short as possible. */
export function separator(left: string, right: string): string {
  let same = 0
  while (left[same] === right[same]) same++
  return right.slice(0, same + 1)
}

/** The part before the first `:` of a ref: what can be removed by itself. */
export function runOf(ref: Ref): Ref {
  const colon = ref.indexOf(':')
  return colon < 0 ? ref : ref.slice(0, colon)
}

function firstEndingAfter(slices: Slices, key: string): number {
  let low = 0
  let high = slices.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((slices[middle] as Slice).end > key) high = middle
    else low = middle + 1
  }
  return low
}

function firstKeyFrom(keys: readonly { readonly key: string }[], bound: string, from: number): number {
  let low = from
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as { key: string }).key >= bound) high = middle
    else low = middle + 1
  }
  return low
}
