import type { Ref } from './chunk-store.ts'
import { Hasher } from './hash.ts'
import { fullSlices, type Head, type SlimSlice, type SlimSlices, slimSlices } from './head.ts'
import type { Place } from './place.ts'
import type { Slice, Slices } from './slice.ts'

/** Beyond so many slices the head would cost more than the rows of a commit: long lists move to chunks of their own. */
const MOST_IN_HEAD = 2000
const PAGE_SLICES = 256

interface Page {
  readonly ref: Ref
  readonly slices: Slices
}

/**
 * The part of the index that is split off the head. Lists are cut where the hash of a ref says so, so that a change in
 * one place leaves all other pages as they are.
 */
export class Pages {
  readonly #place: Place
  readonly #byFirst = new WeakMap<Slice, Page>()
  #byRef = new Map<Ref, Slices>()
  readonly #hasher = new Hasher([0, 0])

  constructor(place: Place) {
    this.#place = place
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
    for (const [i, part] of missing.entries()) this.#learn(refs[i] as Ref, part)
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

  async full(slim: SlimSlices): Promise<Slices> {
    const unknown = slim.filter((item): item is string => typeof item === 'string' && !this.#byRef.has(item))
    for (const [i, text] of (await this.#place.read(unknown)).entries()) {
      this.#learn(unknown[i] as Ref, fullSlices(JSON.parse(text) as SlimSlice[]))
    }
    const full: Slice[] = []
    let inline: SlimSlice[] = []
    for (const item of [...slim, '']) {
      if (typeof item !== 'string') inline.push(item)
      else {
        full.push(...fullSlices(inline), ...(this.#byRef.get(item) ?? []))
        inline = []
      }
    }
    return full
  }

  /** The chunks of the pages that stand for some of these slices. */
  refs(slices: Slices): Ref[] {
    return this.#cut(slices).flatMap((part) => this.#page(part)?.ref ?? [])
  }

  #learn(ref: Ref, slices: Slices): void {
    this.#byFirst.set(slices[0] as Slice, { ref, slices })
    this.#byRef.set(ref, slices)
    if (this.#byRef.size > MOST_IN_HEAD) this.#byRef = new Map([...this.#byRef].slice(MOST_IN_HEAD / 2))
  }

  #page(part: Slices): Page | undefined {
    const page = this.#byFirst.get(part[0] as Slice)
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
