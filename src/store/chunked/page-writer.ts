import type { Ref } from './chunk-store.ts'
import { slimSlices } from './encode-head.ts'
import { Hasher } from './hash.ts'
import type { Head, SlimSlices } from './head.ts'
import type { Page, Pages } from './pages.ts'
import type { Place } from './place.ts'
import type { Slice, Slices } from './slice.ts'

/** Beyond so many slices the head would cost more than the rows of a commit: long lists move to chunks of their own. */
const MOST_IN_HEAD = 2000
const PAGE_SLICES = 256

/**
 * Splits long lists off the head. They are cut where the hash of a ref says so, so that a change in one place leaves all
 * other pages as they are.
 */
export class PageWriter {
  readonly #place: Place
  readonly #pages: Pages
  readonly #hasher = new Hasher([0, 0])
  /** Written for a head that is not published yet. If it never is, they are garbage, and someone may collect them. */
  #unnamed: Page[] = []

  constructor(place: Place, pages: Pages) {
    this.#place = place
    this.#pages = pages
  }

  /** Forgets what was written for a head that has not been published: the next one must not count on it. */
  forget(): void {
    for (const page of this.#unnamed.splice(0)) this.#pages.forget(page)
  }

  /** The head was published: what was written for it stays. */
  keep(): void {
    this.#unnamed = []
  }

  /** Writes the pages that the head needs and that are not there yet. */
  async write(head: Head): Promise<void> {
    const lists = [...head.tables.values()].flatMap(({ runs, level }) => [...runs, level])
    if (lists.reduce((sum, list) => sum + list.length, 0) <= MOST_IN_HEAD) return
    const missing = lists.flatMap((list) => this.#cut(list)).filter((part) => this.#isPage(part) && !this.#page(part))
    if (missing.length === 0) return
    const texts = missing.map((part) => JSON.stringify(slimSlices(part)))
    const refs = await this.#place.writeRun(
      (async function* () {
        yield* texts
      })(),
    )
    for (const [i, slices] of missing.entries()) this.#unnamed.push(this.#pages.learn(refs[i] as Ref, slices))
  }

  /** As the head names the slices; pages that were written stand for theirs. */
  slim(slices: Slices): SlimSlices {
    const slim: SlimSlices = []
    for (const part of this.#cut(slices)) {
      const page = this.#page(part)
      if (page === undefined) slim.push(...slimSlices(part))
      else slim.push(page.ref)
    }
    return slim
  }

  /** The chunks of the pages that stand for some of these slices. */
  refs(slices: Slices): Ref[] {
    return this.#cut(slices).flatMap((part) => this.#page(part)?.ref ?? [])
  }

  #page(part: Slices): Page | undefined {
    const page = this.#pages.at(part[0] as Slice)
    if (page?.slices.length !== part.length) return undefined
    return part.every((slice, i) => slice === page.slices[i]) ? page : undefined
  }

  #isPage(part: Slices): boolean {
    return part.length >= PAGE_SLICES / 8
  }

  #cut(slices: Slices): Slices[] {
    if (slices.length < PAGE_SLICES / 8) return slices.length === 0 ? [] : [slices]
    const parts: Slice[][] = [[]]
    for (const slice of slices) {
      const part = parts[parts.length - 1] as Slice[]
      part.push(slice)
      if (part.length >= 4 * PAGE_SLICES || this.#hasher.text(slice.ref).low % PAGE_SLICES === 0) parts.push([])
    }
    return parts.filter((part) => part.length > 0)
  }
}
