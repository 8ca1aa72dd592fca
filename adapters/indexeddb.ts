import { createStore, type UseStore } from 'idb-keyval'
import {
  type ChunkLimits,
  type ChunkStore,
  chunked,
  type Ports,
  type Ref,
  resolvePorts,
  type Store,
  SynclineError,
  uniqueId,
  type Version,
} from '../src/store/index.ts'

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
  return {
    open: (dataset) => chunked(databaseChunks(database, dataset, options), options),
    drop: (dataset) =>
      database.write((store) => {
        store.delete(headKey(dataset))
        store.delete(versionKey(dataset))
        store.delete(allRuns(dataset))
      }),
  }
}

/**
 * Asks the browser to keep this site's data when space gets short. `false` if it will not, or cannot. Firefox asks the
 * user: call it when the user has done something that explains the question.
 */
export async function persist(): Promise<boolean> {
  return (await globalThis.navigator?.storage?.persist?.()) ?? false
}

/** Keys are arrays: whatever a dataset is called, its keys are no other's, and they lie together. */
const headKey = (dataset: string) => [dataset, 'head']
/** Apart from the head, since every read looks whether there is a newer one. */
const versionKey = (dataset: string) => [dataset, 'version']
const allRuns = (dataset: string) => IDBKeyRange.bound([dataset, 'run'], [dataset, 'run', []], true)
const oneRun = (dataset: string, run: Ref) => IDBKeyRange.bound([dataset, 'run', run], [dataset, 'run', run, []])

/** Chunks are collected up to this size and written in one transaction: none can stay open while more are waited for. */
const BATCH_CHARS = 4 << 20

function databaseChunks(database: Database, dataset: string, { name, limits }: IndexedDbOptions): ChunkStore {
  const { locks } = globalThis.navigator ?? {}
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
    read: (refs) =>
      database.read((store, done) => {
        const texts: (string | undefined)[] = []
        for (const [i, ref] of refs.entries()) {
          const [run = '', at] = ref.split(':')
          const request = store.get([dataset, 'run', run, Number(at)])
          request.onsuccess = () => (texts[i] = request.result)
        }
        done(texts)
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
    // Without Web Locks, leases exclude each other within this tab only; commits are safe all the same.
    ...(locks && {
      lease: async (run, { signal } = {}) =>
        // JSON, because lone surrogates would all be the same name.
        locks.request(`syncline/${JSON.stringify([name, dataset])}`, signal ? { signal } : {}, run),
    }),
  }
}

const OPEN_MS = 10_000
/** What failing may mean that the connection is gone. WebKit loses connections now and then, and says UnknownError. */
const LOST = new Set(['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError'])

type Work<R> = (store: IDBObjectStore, resolve: (result: R) => void, reject: (error: unknown) => void) => void

/** One database of one object store. A connection that was lost is opened anew, once per call. */
class Database {
  readonly ports: Required<Ports>
  readonly #name: string
  #use: UseStore | undefined

  constructor(name: string, ports: Required<Ports>) {
    this.#name = name
    this.ports = ports
  }

  /** `done` is called before the transaction ends. */
  read<R>(run: (store: IDBObjectStore, done: (result: R) => void) => void): Promise<R> {
    return this.#twice<R>('readonly', (store, resolve) => {
      run(store, (result) => {
        store.transaction.oncomplete = () => resolve(result)
      })
    })
  }

  /** Resolves when the transaction is complete. `run` may be called again: it must do the same. */
  write(run: (store: IDBObjectStore, fail: (error: SynclineError) => void) => void): Promise<void> {
    return this.#twice<void>('readwrite', (store, resolve, reject) => {
      store.transaction.oncomplete = () => resolve()
      run(store, (error) => {
        reject(error)
        store.transaction.abort()
      })
    })
  }

  async #twice<R>(mode: IDBTransactionMode, run: Work<R>): Promise<R> {
    for (let first = true; ; first = false) {
      this.#use ??= createStore(this.#name, 'chunks')
      const use = this.#use
      try {
        return await this.#transact(use, mode, run)
      } catch (error) {
        if (error instanceof SynclineError) throw error
        const { name } = error as DOMException
        if (LOST.has(name) && this.#use === use) this.#use = undefined
        if (!first || !LOST.has(name)) throw coded(name)
      }
    }
  }

  #transact<R>(use: UseStore, mode: IDBTransactionMode, run: Work<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      let late = false
      const stop = this.ports.timer(OPEN_MS, () => {
        late = true
        reject(blocked())
      })
      const begin = (store: IDBObjectStore) => {
        const { transaction } = store
        const { db } = transaction
        stop()
        // Else whoever deletes the database waits for this tab, and every other tab with it.
        db.onversionchange = () => db.close()
        if (late) return transaction.abort()
        transaction.onabort = () => reject(transaction.error ?? { name: 'AbortError' })
        try {
          run(store, resolve, reject)
        } catch (error) {
          // Without this, what was put before the error would be committed.
          transaction.abort()
          reject(error)
        }
      }
      // Some browsers throw in `open` itself.
      new Promise((opened) => opened(use(mode, begin))).catch(reject).finally(stop)
    })
  }
}

function blocked(): SynclineError {
  const hint = 'Close the other tabs of this site, and try again.'
  const what = 'The database does not open, because another tab is deleting it'
  return new SynclineError('store_blocked', what, { retryable: true, hint })
}

/** What the error of this name means. Its message is the browser's own and says nothing that can be relied on. */
function coded(name: string): SynclineError {
  if (name === 'QuotaExceededError') {
    const hint = 'Free some space and sync again: what was committed is kept.'
    return new SynclineError('store_full', 'The browser gives this site no more space', { retryable: true, hint })
  }
  if (LOST.has(name)) {
    const hint = 'Try again, or load the page anew: what was committed is kept.'
    return new SynclineError('store_lost', `The browser has closed the database (${name})`, { retryable: true, hint })
  }
  const hint = 'IndexedDB needs a page with an origin of its own, and a name that no other library uses.'
  return new SynclineError('store_unavailable', `The browser gives no access to the database (${name})`, { hint })
}
