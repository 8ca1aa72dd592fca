import {
  type ChunkLimits,
  type ChunkStore,
  chunked,
  Listeners,
  Mutex,
  type Ports,
  type Ref,
  type Store,
  SynclineError,
} from '../src/store/index.ts'

/** Keeps everything in memory: for tests, and for data that need not outlive the process. */
export function memoryStore(options: { ports?: Partial<Ports>; limits?: Partial<ChunkLimits> } = {}): Store {
  const places = new Map<string, MemoryChunks>()
  return {
    async open(dataset) {
      const place = places.get(dataset) ?? memoryChunks(options)
      places.set(dataset, place)
      return chunked(place, options)
    },
    async drop(dataset) {
      places.get(dataset)?.clear()
    },
  }
}

/** A chunk store that can be emptied. */
export interface MemoryChunks extends ChunkStore {
  /** Forgets everything. Who has it open gets a conflict on the next commit. */
  clear(): void
}

/** Chunks in memory. */
export function memoryChunks({
  ports,
  limits,
}: {
  ports?: Partial<Ports>
  limits?: Partial<ChunkLimits>
} = {}): MemoryChunks {
  const now = () => (ports?.now ?? Date.now)()
  const runs = new Map<Ref, { chunks: string[]; writtenAt: number }>()
  const mutex = new Mutex()
  const watching = new Listeners()
  let heads: { value: string; version: string }[] = []
  let count = 0
  return {
    limits: {
      chunkBytes: 1 << 16,
      inlineBytes: 1 << 12,
      maxOps: Number.POSITIVE_INFINITY,
      minPublishMs: 0,
      dropAfterMs: 1000,
      cas: true,
      ...limits,
    },
    async head(before) {
      return before === undefined ? heads[0] : heads[heads.findIndex(({ version }) => version === before) + 1]
    },
    async read(refs) {
      return refs.map((ref) => {
        const [run = '', at] = ref.split(':')
        return runs.get(run)?.chunks[Number(at)]
      })
    },
    async writeRun(source) {
      const chunks: string[] = []
      for await (const chunk of source) chunks.push(chunk)
      const run = String(++count)
      runs.set(run, { chunks, writtenAt: now() })
      return chunks.map((_, at) => `${run}:${at}`)
    },
    async publish(value, expect) {
      if (heads[0]?.version !== expect) {
        throw new SynclineError('conflict', 'Another writer has published a head', { retryable: true })
      }
      const version = String(++count)
      heads = [{ value, version }, ...heads.slice(0, 1)]
      watching.tell()
      return version
    },
    async *list() {
      for (const [ref, { writtenAt }] of runs) yield { ref, writtenAt }
    },
    async remove(refs) {
      for (const ref of refs) runs.delete(ref)
    },
    lease: (run, { signal } = {}) => mutex.run(run, signal),
    watch: (look) => watching.add(look),
    clear() {
      heads = []
      runs.clear()
      watching.tell()
    },
  }
}
