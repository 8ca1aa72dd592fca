/** Runs in a page of a real browser. `store-indexeddb.ts` bundles it, and calls `bench` from outside. */
import { Dexie, type Table } from 'dexie'
import { indexedDbStore } from '../../adapters/indexeddb.ts'
import type { Entry } from '../../src/store/index.ts'
import { changed, commit, entries } from './records.ts'

const PER_PAGE = 1000
const READS = 20

/** One way to keep the rows. */
interface Contender {
  put(rows: readonly Entry[]): Promise<unknown>
  get(key: string): Promise<unknown>
  /** Reads all rows, by key, and counts them. */
  all(): Promise<number>
}

async function syncline(name: string): Promise<Contender> {
  const dataset = await indexedDbStore({ name }).open('bench')
  return {
    put: (rows) => commit(dataset, rows),
    get: (key) => dataset.get('rows', key),
    async all() {
      let rows = 0
      for await (const batch of dataset.scan('rows')) rows += batch.length
      return rows
    },
  }
}

async function dexie(name: string): Promise<Contender> {
  const database = new Dexie(`dexie ${name}`)
  database.version(1).stores({ rows: 'id' })
  await database.open()
  const rows: Table = database.table('rows')
  return {
    put: (page) => rows.bulkPut(page.map(({ value }) => value)),
    /** As fast as a row per key can be: the browser's own `get`, without the library. */
    get: (key) =>
      new Promise((resolve, reject) => {
        const request = database.backendDB().transaction('rows').objectStore('rows').get(key)
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      }),
    all: async () => (await rows.toArray()).length,
  }
}

let pages: Entry[][] = []
let contender: Contender | undefined
const held = () => contender as Contender

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

/** What is measured is answered in ms. */
const bench = {
  prepare(rows: number): number {
    pages = Array.from({ length: rows / PER_PAGE }, (_, i) => entries(i * PER_PAGE, (i + 1) * PER_PAGE))
    return rows
  },
  async open(who: 'syncline' | 'dexie', name: string): Promise<number> {
    contender = await (who === 'syncline' ? syncline(name) : dexie(name))
    return 0
  },
  load: () =>
    timed(async () => {
      for (const page of pages) await held().put(page)
    }),
  merge(version: number): Promise<number> {
    const rows = changed(1000, pages.length * PER_PAGE, version)
    return timed(() => held().put(rows))
  },
  /** One of them, one after the other. The clock of the page is coarse, and slow for a while after a pause. */
  async get(turn: number): Promise<number> {
    const keys = Array.from({ length: READS }, (_, i) => {
      const nth = turn * READS + i
      return String(pages[(nth * 7919) % pages.length]?.[(nth * 104_729) % PER_PAGE]?.key)
    })
    const all = await timed(async () => {
      for (const key of keys) if ((await held().get(key)) === undefined) throw new Error('A row is lost')
    })
    return all / READS
  },
  all: () =>
    timed(async () => {
      const rows = await held().all()
      if (rows !== pages.length * PER_PAGE) throw new Error(`${rows} rows`)
    }),
}

export type Bench = typeof bench
Object.assign(globalThis, { bench })
