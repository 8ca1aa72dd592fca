import {
  type ChunkLimits,
  type ChunkStore,
  chunked,
  Listeners,
  type Ports,
  type Ref,
  resolvePorts,
  type Store,
  SynclineError,
  uniqueId,
  type Version,
} from '../src/store/index.ts'
import { Database } from './indexeddb-database.ts'

export interface IndexedDbOptions {
  /** The name of the database, apart from the `syncline/` before it. It may hold any number of datasets. */
  name: string
  /** Other sizes of chunks and small commits than those measured to be good. */
  limits?: Partial<ChunkLimits>
  ports?: Partial<Ports>
}

/**
 * Keeps datasets in one database of IndexedDB. For browsers, and for what else has IndexedDB.
 *
 * Tabs may read and write one dataset at the same time: a commit is one transaction that looks first whether another
 * tab has committed. What was committed survives the death of the browser; a power cut may take back the last commits,
 * rows and positions together. A browser that runs short of space may delete all data of a site: see `persist`.
 *
 * @throws `store_full` when the quota is used up, `store_blocked` when the database does not open within 10 s because
 * another tab is deleting it, `store_lost` when the browser closed the database and closes it again after it was
 * opened anew, `store_unavailable` when the browser gives no access to it, as in a sandboxed frame.
 * @example
 * const store = indexedDbStore({ name: 'crm' })
 */
export function indexedDbStore(options: IndexedDbOptions): Store {
  const database = new Database(`syncline/${options.name}`, resolvePorts(options.ports))
  const news = new News()
  return {
    open: (dataset) => chunked(databaseChunks(database, dataset, news, options), options),
    async drop(dataset) {
      await database.write((store) => {
        store.delete(headKey(dataset))
        store.delete(versionKey(dataset))
        store.delete(allRuns(dataset))
      })
      news.tell(sharedName(options.name, dataset))
    },
  }
}

/**
 * Asks the browser to keep this site's data when space gets short. `false` if it will not, or cannot. Firefox asks the
 * user: call it when the user has done something that explains the question.
 */
export async function persist(): Promise<boolean> {
  return (await globalThis.navigator?.storage?.persist?.()) ?? false
}

/** JSON, because lone surrogates would all be the same name. */
const sharedName = (name: string, dataset: string) => `syncline/${JSON.stringify([name, dataset])}`

/** What a commit tells the other tabs, and this one. Without BroadcastChannel, those who use the same store. */
class News {
  readonly #here = new Listeners()

  tell(name: string, version?: string): void {
    this.#here.tell()
    try {
      // One of its own: a channel does not hear what it says itself.
      const channel = new BroadcastChannel(name)
      channel.postMessage(version)
      channel.close()
    } catch {
      // What was committed stands, whoever hears of it.
    }
  }

  hear(name: string, look: () => void): () => void {
    if (globalThis.BroadcastChannel === undefined) return this.#here.add(look)
    const channel = new BroadcastChannel(name)
    channel.onmessage = look
    return () => channel.close()
  }
}

/** Keys are arrays: whatever a dataset is called, its keys are no other's, and they lie together. */
const headKey = (dataset: string) => [dataset, 'head']
/** Apart from the head, since every read looks whether there is a newer one. */
const versionKey = (dataset: string) => [dataset, 'version']
const allRuns = (dataset: string) => IDBKeyRange.bound([dataset, 'run'], [dataset, 'run', []], true)
const oneRun = (dataset: string, run: Ref) => IDBKeyRange.bound([dataset, 'run', run], [dataset, 'run', run, []])

/** Chunks are collected up to this size and written in one transaction: none can stay open while more are waited for. */
const BATCH_CHARS = 4 << 20

function databaseChunks(
  database: Database,
  dataset: string,
  news: News,
  { name, limits }: IndexedDbOptions,
): ChunkStore {
  const { locks } = globalThis.navigator ?? {}
  const shared = sharedName(name, dataset)
  return {
    limits: {
      // Chromium compresses values above 64 KiB: they are read in half the time and written in a third.
      chunkBytes: 72 << 10,
      inlineBytes: 1 << 14,
      maxOps: Number.POSITIVE_INFINITY,
      minPublishMs: 0,
      dropAfterMs: 10_000,
      cas: true,
      ...limits,
    },
    async head(before) {
      if (before !== undefined) return undefined
      return database.read<{ value: string; version: Version } | undefined>((store, done) => {
        const version = store.get(versionKey(dataset))
        const value = store.get(headKey(dataset))
        value.onsuccess = () => done(value.result && { value: value.result, version: version.result })
      })
    },
    version: () =>
      database.read((store, done) => {
        const request = store.get(versionKey(dataset))
        request.onsuccess = () => done(request.result)
      }),
    read: (refs, seen) =>
      database.read((store, done) => {
        const version = seen && store.get(versionKey(dataset))
        const texts: (string | undefined)[] = []
        for (const [i, ref] of refs.entries()) {
          const [run = '', at] = ref.split(':')
          const request = store.get([dataset, 'run', run, Number(at)])
          request.onsuccess = () => {
            texts[i] = request.result
            if (i < refs.length - 1) return
            seen?.(version?.result)
            done(texts) // they come in order
          }
        }
      }),
    async writeRun(chunks) {
      const run = `${Math.floor(database.ports.now()).toString(36)}-${uniqueId()}`
      const refs: Ref[] = []
      let batch: [key: IDBValidKey, chunk: string][] = []
      let chars = 0
      const flush = async () => {
        await database.write((store) => {
          for (const [key, chunk] of batch) store.put(chunk, key)
        })
        batch = []
        chars = 0
      }
      for await (const chunk of chunks) {
        batch.push([[dataset, 'run', run, refs.length], chunk])
        refs.push(`${run}:${refs.length}`)
        chars += chunk.length
        if (chars >= BATCH_CHARS) await flush()
      }
      await flush()
      return refs
    },
    async publish(value, expect) {
      const version = uniqueId()
      await database.write((store, fail) => {
        const request = store.get(versionKey(dataset))
        request.onsuccess = () => {
          const found: Version | undefined = request.result
          // A first attempt may have got through although the connection was lost before it said so.
          if (found === version) return
          if (found === expect) {
            store.put(value, headKey(dataset))
            store.put(version, versionKey(dataset))
          } else fail(new SynclineError('conflict', 'Another tab has committed to this dataset', { retryable: true }))
        }
      })
      news.tell(shared, version)
      return version
    },
    async *list() {
      const keys = await database.read<IDBValidKey[]>((store, done) => {
        const request = store.getAllKeys(allRuns(dataset))
        request.onsuccess = () => done(request.result)
      })
      const runs = new Set(keys.map((key) => String((key as IDBValidKey[])[2])))
      for (const ref of runs) yield { ref, writtenAt: Number.parseInt(ref, 36) }
    },
    remove: (refs) =>
      database.write((store) => {
        for (const ref of refs) store.delete(oneRun(dataset, ref))
      }),
    watch: (look) => news.hear(shared, look),
    // Without Web Locks, leases exclude each other within this tab only; commits are safe all the same.
    ...(locks && {
      lease: async (run, { signal } = {}) => locks.request(shared, signal ? { signal } : {}, run),
    }),
  }
}
