import { type Place, sound } from './place.ts'
import type { Slice, Slices } from './slice.ts'

/** So many characters are read before they are needed. */
const MOST_AHEAD = 4 << 20

/**
 * Reads the chunks of lists that are being merged, each once. The first ones of all lists are read together, then the
 * next ones while those before are in use, more and more at a time: a short scan reads little that it does not need.
 */
export function readAhead(place: Place, lists: readonly Slices[]): (slice: Slice) => Promise<string> {
  const first = new Set(lists.flatMap((list) => list.slice(0, 1)))
  // About the order in which the merge will ask for them. One whose predecessor turns out to be empty comes sooner.
  const later = lists.flatMap((list) => list.slice(1)).sort((a, b) => (a.min < b.min ? -1 : 1))
  const begun = new Set<Slice>()
  const coming = new Map<Slice, Promise<string>>()
  let next = 0
  let ahead = 0
  let most = 0

  function begin(slices: Iterable<Slice>): void {
    const fresh = [...slices].filter((slice) => !begun.has(slice))
    const texts = place.readSealed(fresh.map(({ ref }) => ref))
    for (const [i, slice] of fresh.entries()) {
      const text = texts.then((all) => all[i] as string)
      text.catch(() => {}) // it may not be needed
      coming.set(slice, text)
      begun.add(slice)
      ahead += slice.chars
    }
  }

  function* wanted(slice: Slice): Generator<Slice> {
    if (first.has(slice)) return yield* first
    if (!begun.has(slice)) yield slice
    if (2 * ahead > most) return
    most = Math.min(MOST_AHEAD, 2 * most + slice.chars)
    for (let room = most - ahead; next < later.length && room > 0; next++) {
      const following = later[next] as Slice
      if (following === slice || begun.has(following)) continue
      yield following
      room -= following.chars
    }
  }

  return async (slice) => {
    begin(wanted(slice))
    const text = coming.get(slice) as Promise<string>
    coming.delete(slice)
    ahead -= slice.chars
    // What is wrong with one chunk is no reason to go without those before it.
    return sound(await text.catch(async () => (await place.readSealed([slice.ref]))[0] as string))
  }
}
