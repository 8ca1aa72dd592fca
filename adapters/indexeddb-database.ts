import { createStore, type UseStore } from 'idb-keyval'
import { type Ports, SynclineError } from '../src/store/index.ts'

const OPEN_MS = 10_000
/** What failing may mean that the connection is gone. WebKit loses connections now and then, and says UnknownError. */
const LOST = new Set(['InvalidStateError', 'UnknownError', 'AbortError', 'TransactionInactiveError'])

type Work<R> = (store: IDBObjectStore, resolve: (result: R) => void, reject: (error: unknown) => void) => void

/** One database of one object store. A connection that was lost is opened anew, once per call. */
export class Database {
  readonly ports: Required<Ports>
  readonly #name: string
  #use: UseStore | undefined

  constructor(name: string, ports: Required<Ports>) {
    this.#name = name
    this.ports = ports
  }

  /** `done` is called with what was read: the end of a transaction that only reads is not waited for. */
  read<R>(run: (store: IDBObjectStore, done: (result: R) => void) => void): Promise<R> {
    return this.#twice<R>('readonly', run)
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
