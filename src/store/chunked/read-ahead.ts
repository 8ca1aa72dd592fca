import { type Place, sound } from './place.ts'
import type { Slice, Slices } from './slice.ts'

/** So many characters are read before they are needed. */
const MOST_AHEAD = 4 << 20

/**
 * Reads the chunks of lists that are being merged, each once. The first ones of all lists are read together, then the
 * next ones while those before are in use, more and more at a time: a short scan reads little that it does not need.
 */
export function readAhead(place: Place, lists: readonly Slices[]): (slice: Slice) => Promise<string> {
  const first = lists.flatMap((list) => list.slice(0, 1))
  // About the order in which the merge will ask for them.
  const later = lists.flatMap((list) => list.slice(1)).sort((a, b) => (a.min < b.min ? -1 : 1))
  const order = [...first, ...later]
  const index = new Map(order.map((slice, at) => [slice, at]))
  const coming = new Map<Slice, Promise<string>>()
  let begun = 0
  let ahead = 0
  let most = 0

  function begin(needed: number): void {
    const from = begun
    for (; begun < order.length && (begun < needed || ahead < most); begun++) ahead += (order[begun] as Slice).chars
    const slices = order.slice(from, begun)
    const texts = place.readSealed(slices.map(({ ref }) => ref))
    for (const [i, slice] of slices.entries()) {
      const text = texts.then((all) => all[i] as string)
      text.catch(() => {}) // it may not be needed
      coming.set(slice, text)
    }
  }

  return async (slice) => {
    const at = index.get(slice) as number
    if (begun <= at || 2 * ahead < most) {
      if (at >= first.length) most = Math.min(MOST_AHEAD, 2 * most + slice.chars)
      begin(Math.max(first.length, at + 1))
    }
    const text = coming.get(slice) as Promise<string>
    coming.delete(slice)
    ahead -= slice.chars
    // What is wrong with one chunk is no reason to go without those before it.
    return sound(await text.catch(async () => (await place.readSealed([slice.ref]))[0] as string))
  }
}
