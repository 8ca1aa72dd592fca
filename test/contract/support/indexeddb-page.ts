/** Runs in a page of a real browser. `indexeddb.test.ts` bundles it, and calls `suite` from outside. */
import { createStore, entries, set } from 'idb-keyval'
import { indexedDbStore, persist } from '../../../adapters/indexeddb.ts'
import { isSynclineError } from '../../../src/errors.ts'
import { defineSource, openDataset, sync } from '../../../src/index.ts'
import { startTimer } from '../../../src/ports.ts'
import type { Dataset } from '../../../src/store/index.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { checkRows, commitNext } from './history.ts'

/** Deadlines strike a hundred times sooner here. */
const hasty = { timer: (ms: number, run: () => void) => startTimer(ms / 100, run) }

const suite = {
  names: () => storeContract.map(({ name }) => name),

  /** What asking to persist says when the browser says this, `null`: it cannot be asked; and how often it was. */
  async persist(answer: boolean | null): Promise<[said: boolean, asked: number]> {
    const original = Object.getOwnPropertyDescriptor(StorageManager.prototype, 'persist') as PropertyDescriptor
    let asked = 0
    const value = answer === null ? undefined : async () => asked++ === 0 && answer
    Object.defineProperty(StorageManager.prototype, 'persist', { ...original, value })
    const said = await persist()
    Object.defineProperty(StorageManager.prototype, 'persist', original)
    return [said, asked]
  },
  reallyPersist: persist,

  async contract(i: number, foreign: boolean): Promise<void> {
    const name = `contract-${foreign}-${i}`
    const neighbours = foreign ? [createStore(`syncline/${name}`, 'chunks'), createStore('d', 'keyval')] : []
    const keys = ['d', 'run', 1, ['d'], ['d', 'x'], ['d', 'run'], ['dd', 'head'], ['d', 'run', ['x']]]
    for (const place of neighbours) for (const key of keys) await set(key, { foreign: i }, place)
    let ahead = 0
    const open = () => indexedDbStore({ name, ports: { now: () => Date.now() + ahead } })
    await storeContract[i]?.run({
      store: open(),
      other: open,
      advance: (ms) => {
        ahead += ms
      },
    })
    for (const place of neighbours) {
      const kept = (await entries(place)).filter(([, value]) => value.foreign === i)
      if (kept.length !== keys.length) throw new Error(`${keys.length - kept.length} foreign entries are gone`)
    }
  },

  /** So many commits of a unit, going on when another tab was faster. */
  async write(name: string, unit: string, commits: number): Promise<void> {
    const dataset = await indexedDbStore({ name }).open('d')
    for (let done = 0; done < commits; ) {
      try {
        const n = await commitNext(dataset, unit)
        done++
        await acked(unit, n)
      } catch (error) {
        if (!isSynclineError(error, 'conflict')) throw error
      }
    }
  },

  /** The position of each unit; fails unless the rows are exactly those that the positions promise. */
  async check(name: string): Promise<Record<string, number>> {
    return checkRows(await indexedDbStore({ name }).open('d'))
  },

  /** The code of the error that ends the writing. */
  async code(run: string, ...args: never[]): Promise<string> {
    try {
      await (suite as unknown as Record<string, (...args: never[]) => Promise<unknown>>)[run]?.(...args)
    } catch (error) {
      return isSynclineError(error) ? error.code : String(error)
    }
    return 'none'
  },

  /** Opens, without waiting for long. */
  async openSoon(name: string): Promise<void> {
    await indexedDbStore({ name, ports: hasty }).open('d')
  },

  /** Keeps a dataset open: `stale` goes on with it. */
  async hold(name: string): Promise<void> {
    held = await indexedDbStore({ name }).open('d')
    const { version } = await held.position('u')
    await held.commit({ unit: 'u', position: 1, expect: version, tables: { t: { put: [{ key: 1, value: {} }] } } })
  },
  async stale(): Promise<void> {
    const { version } = (await held?.position('u')) ?? { version: '' }
    expected ??= version
    await held?.commit({ unit: 'u', position: 2, expect: expected })
  },
  /** What the held dataset sees now, and the version that it knew before. */
  async look(remember: boolean): Promise<number | undefined> {
    if (remember) expected = (await held?.position('u'))?.version
    return held?.count('t')
  },

  /** Makes the table `items` of a database these rows. */
  async sync(name: string, rows: object[]): Promise<void> {
    const fetch = async () => Response.json(rows)
    await sync(source, indexedDbStore({ name }), { full: true, ports: { fetch } })
  },
  drop: (name: string) => indexedDbStore({ name }).drop('test'),

  /** Gives what is told of `items` to the test, as `who`. */
  async subscribe(name: string, who: string): Promise<void> {
    const data = await openDataset(source, indexedDbStore({ name }))
    const stop = data.table('items').subscribe((changes) => {
      void told(who, changes === 'reset' ? ['reset'] : changes.map(({ type, key }) => `${type} ${key}`))
    })
    Object.assign(globalThis, { stop })
  },
  unsubscribe: () => (globalThis as unknown as { stop(): void }).stop(),

  /** Takes the lease, says so with `n`, and gives it back if that is not to go on for ever. */
  async lease(name: string, n: number, forever: boolean): Promise<void> {
    const dataset = await indexedDbStore({ name }).open('d')
    await dataset.lease(async () => {
      await acked('lease', n)
      if (forever) await new Promise(() => {})
    })
  },

  /** A tab of someone else, which does not let go when the database is to be deleted. */
  async occupy(name: string): Promise<void> {
    occupied = await opened(indexedDB.open(`syncline/${name}`))
  },
  leave: () => occupied?.close(),
  startDelete(name: string): void {
    deletion = opened(indexedDB.deleteDatabase(`syncline/${name}`))
  },
  async finishDelete(): Promise<void> {
    await deletion
  },

  /**
   * The browser fails the k-th call of `method`, for every k; `lasting`: and all after it. After each failure, rows and
   * positions fit; a failure that does not last is not noticed if `healed`. How often each code was seen.
   */
  async faults(name: string, method: Method, error: string, lasting: boolean): Promise<Record<string, number>> {
    const seen: Record<string, number> = {}
    for (let k = 1; ; k++) {
      const dataset = await indexedDbStore({ name }).open('d')
      const { calls, heal } = sabotage(method, (call) => call === k || (lasting && call > k), error)
      const outcome = await commitNext(dataset, 'u').then(
        () => 'committed',
        (thrown) => (isSynclineError(thrown) ? thrown.code : String(thrown)),
      )
      heal()
      seen[outcome] = (seen[outcome] ?? 0) + 1
      await checkRows(dataset)
      if (calls() < k) return seen
    }
  },

  /** The k-th deletion and all after it fail while a dataset is dropped, for every k: it is whole then. Codes by k. */
  async dropFaults(name: string): Promise<string[]> {
    const store = indexedDbStore({ name })
    const dataset = await store.open('d')
    for (let i = 0; i < 3; i++) await commitNext(dataset, 'u')
    const codes: string[] = []
    for (let k = 1; codes.at(-1) !== 'none'; k++) {
      const { heal } = sabotage('delete', (call) => call >= k, 'DataError')
      codes.push(
        await store.drop('d').then(
          () => 'none',
          (thrown) => (isSynclineError(thrown) ? thrown.code : String(thrown)),
        ),
      )
      heal()
      const found = await checkRows(await indexedDbStore({ name }).open('d'))
      if (found.u !== (codes.at(-1) === 'none' ? undefined : 3)) throw new Error(`${k}: ${JSON.stringify(found)}`)
    }
    await commitNext(await store.open('d'), 'u')
    return codes
  },

  /** Opening fails in this way; then it does not any more, for the same store. The codes, and what is there in the end. */
  async openFaults(name: string, error: string): Promise<[code: string, again: string, rows: number]> {
    const before = await indexedDbStore({ name }).open('d')
    await commitNext(before, 'u')
    const store = indexedDbStore({ name })
    const { heal } = sabotage('open', () => true, error)
    const codeOf = (thrown: unknown) => (isSynclineError(thrown) ? thrown.code : String(thrown))
    const code = await store.open('d').then(() => 'none', codeOf)
    heal()
    const after = await store.open('d')
    const again = await commitNext(after, 'u').then(() => 'none', codeOf)
    return [code, again, (await checkRows(after)).u ?? 0]
  },

  /** What each way of reading says when `method` fails: codes of errors, or what it took for the truth. */
  async reads(name: string, method: Method, error: string): Promise<string[]> {
    await commitNext(await indexedDbStore({ name }).open('d'), 'u')
    const dataset = await indexedDbStore({ name }).open('d')
    const { heal } = sabotage(method, () => true, error)
    const ways = [
      () => dataset.position('u'),
      () => dataset.count('t'),
      () => dataset.tables(),
      () => dataset.units(),
      () => dataset.get('t', ['u', 1, 0]),
      () => dataset.getMany('t', [1, 2]),
      () => dataset.scan('t')[Symbol.asyncIterator]().next(),
      () => dataset.changes(''),
      () => indexedDbStore({ name }).open('d'),
    ]
    const said: string[] = []
    for (const way of ways) {
      const answer = await Promise.resolve(way()).catch((thrown) => (isSynclineError(thrown) ? thrown.code : thrown))
      said.push(typeof answer === 'string' ? answer : JSON.stringify(answer))
    }
    heal()
    return said
  },

  /** Someone closes every connection of the page, without a word. */
  async closeAll(name: string): Promise<number> {
    const connections = new Set<IDBDatabase>()
    const { heal } = sabotage('transaction', (_, database) => !connections.add(database as IDBDatabase), '')
    const dataset = await indexedDbStore({ name }).open('d')
    heal()
    for (const each of connections) each.close()
    await dataset.commit({ unit: 'u', position: 1, expect: '', tables: { t: { put: [{ key: 1, value: {} }] } } })
    for (const each of connections) each.close()
    return dataset.count('t')
  },
}

const source = defineSource({
  name: 'test',
  client: { baseUrl: 'https://api.example.com' },
  resources: [{ name: 'items', primaryKey: 'id', endpoint: { path: '/items', paginator: { type: 'single_page' } } }],
})

/** `abort`: the browser ends the transaction of a `get` or `put`, without an error of its own. */
type Method = 'open' | 'transaction' | 'get' | 'put' | 'delete' | 'abort'

declare global {
  /** Called after each commit; the test gives it to the page. */
  function acked(unit: string, n: number): Promise<void>
  /** Called with what a listener was told. */
  function told(who: string, changes: string[]): Promise<void>
}

let held: Dataset | undefined
let expected: string | undefined
let occupied: IDBDatabase | undefined
let deletion: Promise<unknown> | undefined
Object.assign(globalThis, { suite })

function opened<R>(request: IDBRequest<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Makes the browser's own method throw where `fails` says so. */
function sabotage(method: Method, fails: (call: number, target: unknown) => boolean, error: string) {
  const places = {
    open: IDBFactory,
    transaction: IDBDatabase,
    get: IDBObjectStore,
    put: IDBObjectStore,
    delete: IDBObjectStore,
    abort: IDBDatabase,
  }
  const prototype: object = places[method].prototype
  const name = method === 'abort' ? 'transaction' : method
  const original = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
  let calls = 0
  Object.defineProperty(prototype, name, {
    ...original,
    value(...args: unknown[]) {
      const struck = fails(++calls, this)
      if (struck && method !== 'abort') throw new DOMException('', error)
      const result = original.value.apply(this, args)
      if (struck) queueMicrotask(() => queueMicrotask(() => (result as IDBTransaction).abort()))
      return result
    },
  })
  return { calls: () => calls, heal: () => Object.defineProperty(prototype, name, original) }
}
