import type { Version } from '../dataset.ts'

/**
 * Names a chunk. Chosen by the place; the engine only keeps it in the head. Where several chunks can only be removed
 * together, a ref is `run:rest`, and `list` and `remove` use the part before the first colon.
 */
export type Ref = string

/** What a blob-like place costs and bears. */
export interface ChunkLimits {
  /** The size of a chunk, in characters, that this place reads and writes best. */
  readonly chunkBytes: number
  /** Commits up to this size go into the head itself: one write instead of two. */
  readonly inlineBytes: number
  /** The most operations that one commit may cost, compaction included. */
  readonly maxOps: number
  /** The least time between two publishes of a head, in ms. */
  readonly minPublishMs: number
  /** How long a chunk that no head names any more is kept for readers with an old head, in ms. Never 0. */
  readonly dropAfterMs: number
  /** Whether `publish` compares and swaps. Where not, there must be one writer. */
  readonly cas: boolean
}

/**
 * The smaller contract for places that hold blobs: files, IndexedDB, key-value stores, object stores. `chunked()`
 * lifts it to a `Dataset`. Chunks are immutable; the head is the only thing that changes, and changing it is the commit.
 */
export interface ChunkStore {
  readonly limits: ChunkLimits
  /**
   * The newest published head; with `before`, the newest one older than that, for when it turns out to be damaged.
   * `undefined` if there is none, or if the place keeps none but the newest.
   */
  head(before?: Version): Promise<{ value: string; version: Version } | undefined>
  /** The version of the newest head, where that is told for less than reading the head. */
  version?(): Promise<Version | undefined>
  /**
   * In the order of `refs`; `undefined` for one that is gone. A place that has `version` calls `seen` with it, as it is
   * when the reading begins or later.
   */
  read(refs: readonly Ref[], seen?: (version: Version | undefined) => void): Promise<(string | undefined)[]>
  /**
   * Stores the chunks of one run, and names them. They are garbage until a head names them, and must be durable by the time
   * that `publish` makes one that does the newest.
   */
  writeRun(chunks: AsyncIterable<string>): Promise<Ref[]>
  /** Makes this the head if the newest one is still `expect` (`undefined`: none yet); else throws `conflict`. */
  publish(head: string, expect: Version | undefined): Promise<Version>
  /** Every chunk that is stored, named by a head or not. */
  list(): AsyncIterable<{ ref: Ref; writtenAt: number }>
  remove(refs: readonly Ref[]): Promise<void>
  /** Mutual exclusion across processes or tabs, where the place has it. */
  lease?<R>(run: () => Promise<R>, options?: { signal?: AbortSignal }): Promise<R>
  /** Calls `look` soon after a head may have been published, by whomever the place hears of; see `Dataset.watch`. */
  watch?(look: () => void): () => void
  close?(): Promise<void>
}
