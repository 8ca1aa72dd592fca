import { SynclineError } from '../../errors.ts'
import type { Usage, Version } from '../dataset.ts'
import { seal, unseal } from './chunk.ts'
import type { ChunkStore, Ref } from './chunk-store.ts'
import { bytesOf, decodeSidecar, type Sidecar } from './sidecar.ts'
import type { Slice } from './slice.ts'

/** Memory for fingerprints: those of 1.4 million rows. */
const CACHE_BYTES = 24 << 20

/** A chunk store with checks on what is read, counts of what is done, and the fingerprints read last in memory. */
export class Place {
  readonly chunks: ChunkStore
  #operations = 0
  #bytesWritten = 0
  readonly #sidecars = new Map<Ref, Sidecar>()
  #cached = 0

  constructor(chunks: ChunkStore) {
    this.chunks = chunks
  }

  usage(): Usage {
    return { operations: this.#operations, bytesWritten: this.#bytesWritten }
  }

  head(before?: Version): Promise<{ value: string; version: Version } | undefined> {
    this.#operations++
    return this.chunks.head(before)
  }

  get tellsVersion(): boolean {
    return this.chunks.version !== undefined
  }

  /** Whether this is the newest head's version; no, where that cannot be told for less than reading the head. */
  async isNewest(version: Version | undefined): Promise<boolean> {
    if (this.chunks.version === undefined) return false
    this.#operations++
    return (await this.chunks.version()) === version
  }

  publish(head: string, expect: Version | undefined): Promise<Version> {
    this.#operations++
    this.#bytesWritten += head.length
    return this.chunks.publish(head, expect)
  }

  async writeRun(chunks: AsyncIterable<string>): Promise<Ref[]> {
    return this.chunks.writeRun(this.#sealed(chunks))
  }

  async remove(refs: readonly Ref[]): Promise<void> {
    this.#operations += refs.length
    await this.chunks.remove(refs)
  }

  list(): AsyncIterable<{ ref: Ref; writtenAt: number }> {
    this.#operations++
    return this.chunks.list()
  }

  /** The chunks' texts. A chunk that is gone is `store_corrupt` too: whoever reads looks for a newer head first. */
  async read(refs: readonly Ref[]): Promise<string[]> {
    return (await this.readSealed(refs)).map(sound)
  }

  /** The chunks' texts, each with its checksum, which is not looked at: see `sound`. */
  async readSealed(refs: readonly Ref[], seen?: (version: Version | undefined) => void): Promise<string[]> {
    if (refs.length === 0) return []
    this.#operations += refs.length
    const texts = await this.chunks.read(refs, seen)
    return texts.map((text) => {
      if (text === undefined) throw corrupt('A chunk is missing')
      return text
    })
  }

  async sidecars(slices: readonly Slice[]): Promise<Sidecar[]> {
    // Compaction may have cut a chunk in two: its fingerprints are read once all the same.
    const missing = [...new Set(slices.map(({ sidecar }) => sidecar))].filter((ref) => !this.#sidecars.has(ref))
    const read = new Map<Ref, Sidecar>()
    for (const [i, text] of (await this.read(missing)).entries()) read.set(missing[i] as Ref, decodeSidecar(text))
    const found = slices.map(({ sidecar }) => (read.get(sidecar) ?? this.#sidecars.get(sidecar)) as Sidecar)
    // What is used moves to the end of the queue; while there is much room, only what is new needs to.
    const crowded = this.#cached > CACHE_BYTES / 2
    for (const [i, { sidecar }] of slices.entries()) {
      if (crowded || read.has(sidecar)) this.keep(sidecar, found[i] as Sidecar)
    }
    return found
  }

  hasSidecar(slice: Slice): boolean {
    return this.#sidecars.has(slice.sidecar)
  }

  /** Keeps fingerprints in memory; those not used for longest give way. */
  keep(ref: Ref, sidecar: Sidecar): void {
    if (this.#sidecars.delete(ref)) this.#cached -= bytesOf(sidecar)
    this.#sidecars.set(ref, sidecar)
    this.#cached += bytesOf(sidecar)
    if (this.#cached <= CACHE_BYTES) return
    for (const [oldest, given] of this.#sidecars) {
      if (this.#cached <= CACHE_BYTES) break
      this.#sidecars.delete(oldest)
      this.#cached -= bytesOf(given)
    }
  }

  async *#sealed(chunks: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      const text = seal(chunk)
      this.#operations++
      this.#bytesWritten += text.length
      yield text
    }
  }
}

/** What was sealed. */
export function sound(text: string): string {
  const body = unseal(text)
  if (body === undefined) throw corrupt('A chunk is damaged')
  return body
}

export function corrupt(what: string): SynclineError {
  return new SynclineError('store_corrupt', what, {
    hint: 'Restore the storage from a backup, or drop the dataset and sync again.',
  })
}
