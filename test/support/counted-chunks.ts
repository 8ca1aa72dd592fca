import type { ChunkStore, Ref } from '../../src/store/index.ts'

export interface Counts {
  /** Calls of `read`, each of any number of refs. */
  readCalls: number
  /** Chunks, fingerprints and pages of the head that were read. */
  refs: Ref[]
  /** Calls of `head`. */
  heads: number
  /** The same that were written, and the runs that they are. */
  chunks: number
  runs: number
  publishes: number
  /** Of chunks and heads. */
  bytes: number
  headBytes: number
  lists: number
  removed: number
}

/** A chunk store whose calls are counted; `take` returns the counts since the last time. */
export function countedChunks(chunks: ChunkStore): ChunkStore & { take(): Counts } {
  const none = { readCalls: 0, heads: 0, chunks: 0, runs: 0, publishes: 0 }
  const zero = (): Counts => ({ ...none, refs: [], bytes: 0, headBytes: 0, lists: 0, removed: 0 })
  let counts = zero()
  async function* written(source: AsyncIterable<string>) {
    for await (const text of source) {
      counts.chunks++
      counts.bytes += text.length
      yield text
    }
  }
  return {
    ...chunks,
    head(before) {
      counts.heads++
      return chunks.head(before)
    },
    read(refs, seen) {
      counts.readCalls++
      counts.refs.push(...refs)
      return chunks.read(refs, seen)
    },
    writeRun(source) {
      counts.runs++
      return chunks.writeRun(written(source))
    },
    publish(head, expect) {
      counts.publishes++
      counts.bytes += head.length
      counts.headBytes += head.length
      return chunks.publish(head, expect)
    },
    list() {
      counts.lists++
      return chunks.list()
    },
    remove(refs) {
      counts.removed += refs.length
      return chunks.remove(refs)
    },
    take() {
      const taken = counts
      counts = zero()
      return taken
    },
  }
}
