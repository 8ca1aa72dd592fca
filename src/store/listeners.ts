/** Who in this context wants to hear of something: what a `ChunkStore` can make its `watch` of. */
export class Listeners {
  readonly #all = new Set<() => void>()

  /** Returns what removes it. The same function may be added any number of times. */
  add(listener: () => void): () => void {
    const own = () => {
      if (this.#all.has(own)) listener()
    }
    this.#all.add(own)
    return () => void this.#all.delete(own)
  }

  /** Later, so that one who throws disturbs neither the others nor who tells. */
  tell(): void {
    for (const each of this.#all) queueMicrotask(each)
  }
}
