import type { Ref } from './chunk-store.ts'
import { fullSlices, type SlimSlice, type SlimSlices } from './head.ts'
import type { Place } from './place.ts'
import type { Slice, Slices } from './slice.ts'

/** So many pages are kept at hand. */
const MOST_KEPT = 2000

/** A part of a long list of slices, split off the head into a chunk of its own. */
export interface Page {
  readonly ref: Ref
  readonly slices: Slices
}

/** The pages that were read or written, found by their chunk or by their first slice. */
export class Pages {
  readonly #place: Place
  readonly #byFirst = new WeakMap<Slice, Page>()
  #byRef = new Map<Ref, Slices>()

  constructor(place: Place) {
    this.#place = place
  }

  /** The slices of a list as the head names it: its pages are read where they are not known. */
  async full(slim: SlimSlices): Promise<Slices> {
    const pages = await this.#get(slim.filter((item): item is Ref => typeof item === 'string'))
    const full: Slice[] = []
    let inline: SlimSlice[] = []
    for (const item of slim) {
      if (typeof item !== 'string') inline.push(item)
      else {
        full.push(...fullSlices(inline), ...(pages.get(item) as Slices))
        inline = []
      }
    }
    return [...full, ...fullSlices(inline)]
  }

  async #get(refs: readonly Ref[]): Promise<ReadonlyMap<Ref, Slices | undefined>> {
    // In hand before any is learned: to make room, others are forgotten then.
    const pages = new Map(refs.map((ref) => [ref, this.#byRef.get(ref)]))
    const unknown = refs.filter((ref) => pages.get(ref) === undefined)
    for (const [i, text] of (await this.#place.read(unknown)).entries()) {
      const [ref, slices] = [unknown[i] as Ref, fullSlices(JSON.parse(text) as SlimSlice[])]
      pages.set(ref, slices)
      this.learn(ref, slices)
    }
    return pages
  }

  learn(ref: Ref, slices: Slices): Page {
    const page = { ref, slices }
    this.#byFirst.set(slices[0] as Slice, page)
    this.#byRef.set(ref, slices)
    if (this.#byRef.size > MOST_KEPT) this.#byRef = new Map([...this.#byRef].slice(MOST_KEPT / 2))
    return page
  }

  forget({ ref, slices }: Page): void {
    this.#byFirst.delete(slices[0] as Slice)
    this.#byRef.delete(ref)
  }

  /** The page that begins with a slice. */
  at(first: Slice): Page | undefined {
    return this.#byFirst.get(first)
  }
}
