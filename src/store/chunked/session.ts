import { isSynclineError } from '../../errors.ts'
import type { Ports } from '../../ports.ts'
import type { Version } from '../dataset.ts'
import { Hasher } from './hash.ts'
import { decodeHead, emptyHead, type Head } from './head.ts'
import { Pages } from './pages.ts'
import { corrupt, type Place } from './place.ts'

export interface Current {
  readonly head: Head
  readonly hasher: Hasher
  /** Of the newest published head, which is not this one if that is damaged. */
  readonly version: Version | undefined
}

/** The head that an open dataset works with: looked up, published, and looked up again when it is out of date. */
export class Session {
  readonly place: Place
  readonly pages: Pages
  readonly #ports: Ports
  #current: Current | undefined

  constructor(place: Place, ports: Ports) {
    this.place = place
    this.pages = new Pages(place)
    this.#ports = ports
  }

  /** The version that was looked at last; the first of all where it is not known what became of a commit. */
  get seen(): Version {
    return this.#current?.head.version ?? ''
  }

  async current(): Promise<Current> {
    if (this.#current === undefined) await this.refresh()
    return this.#current as Current
  }

  /** Looks for a newer head. */
  async refresh(): Promise<void> {
    const known = this.#current
    if (known !== undefined && (await this.place.isNewest(known.version))) return
    const found = await this.place.head()
    if (known !== undefined && found?.version === known.version) return
    const head = await this.#newestSound(found)
    // Another look may have brought an older one meanwhile, and a commit a newer one: then it takes one more. Each time
    // someone else has got on, so this ends when they do.
    if (this.#current === known) this.#set(head, found?.version)
    else await this.refresh()
  }

  /** Makes `head`, whose text this is, the newest one if that is still the one that it was made from. */
  async publish(head: Head, text: string, { version }: Current): Promise<void> {
    try {
      this.#set(head, await this.place.publish(text, version))
    } catch (error) {
      // Whether it was published is not known, except that a conflict says no.
      if (!isSynclineError(error, 'conflict')) this.#current = undefined
      throw error
    }
  }

  /** Reads with the head in hand, or with `from`; when a chunk has gone, with a newer one. */
  async reading<R>(read: (current: Current) => Promise<R>, from?: Current): Promise<R> {
    for (let current = from ?? (await this.current()); ; ) {
      try {
        return await read(current)
      } catch (error) {
        if (!isSynclineError(error, 'store_corrupt')) throw error
        await this.refresh()
        const newer = await this.current()
        // Another reader may have found the newer one.
        if (newer === current) throw error
        current = newer
      }
    }
  }

  /**
   * Reads with the head in hand, and looks for a newer one meanwhile: mostly there is none, and the answer holds. A place
   * that tells the newest version to whom reads chunks need not be asked for it, unless none was read.
   */
  async readingNewest<R>(
    read: (current: Current, seen?: (version: Version | undefined) => void) => Promise<R>,
  ): Promise<R> {
    const known = this.#current
    if (known !== undefined) {
      let told = false
      const answer = read(known, (version) => {
        told = version === known.version
      })
      answer.catch(() => {}) // it may not be needed
      if (!this.place.tellsVersion) await this.refresh()
      try {
        const result = await answer
        if (this.place.tellsVersion && !told) await this.refresh()
        if (this.#current === known) return result
      } catch (error) {
        if (!isSynclineError(error, 'store_corrupt')) throw error
      }
    }
    return this.reading(read)
  }

  async #newestSound(newest: { value: string; version: Version } | undefined): Promise<Head> {
    if (newest === undefined) return this.#empty()
    const first = this.#current === undefined
    for (let found: typeof newest | undefined = newest; found !== undefined; ) {
      const head = await this.#decode(found.value, first)
      if (head !== undefined) return head
      found = await this.place.head(found.version)
    }
    throw corrupt('No head of the dataset is readable')
  }

  /** The head, or `undefined` when it or, on opening, what its commit wrote did not survive. */
  async #decode(text: string, checkFresh: boolean): Promise<Head | undefined> {
    try {
      const head = await decodeHead(text, (slices) => this.pages.full(slices))
      if (checkFresh && head !== undefined) await this.place.read(head.fresh)
      return head
    } catch (error) {
      if (isSynclineError(error, 'store_corrupt')) return undefined
      throw error
    }
  }

  #empty(): Head {
    const word = () => Math.floor(this.#ports.random() * 2 ** 32) | 0
    return emptyHead([word(), word()], this.#ports.now())
  }

  #set(head: Head, version: Version | undefined): void {
    const known = this.#current
    const same = known?.head.seed[0] === head.seed[0] && known.head.seed[1] === head.seed[1]
    this.#current = { head, version, hasher: same ? known.hasher : new Hasher(head.seed) }
  }
}
