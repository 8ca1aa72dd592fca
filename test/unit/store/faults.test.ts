import { expect, test } from 'vitest'
import { memoryChunks } from '../../../adapters/memory.ts'
import { SynclineError } from '../../../src/errors.ts'
import type { JsonObject } from '../../../src/json.ts'
import type { ChunkStore } from '../../../src/store/chunked/chunk-store.ts'
import { chunked } from '../../../src/store/chunked/chunked.ts'
import type { Commit, Dataset } from '../../../src/store/dataset.ts'

type Change = Pick<Commit, 'tables' | 'drop' | 'swap'>
type Tables = Record<string, Record<string, JsonObject>>

const put = (table: string, from: number, to: number, v = 0, every = 1): Change => ({
  tables: {
    [table]: {
      put: Array.from({ length: to - from }, (_, i) => from + i)
        .filter((i) => i % every === 0)
        .map((i) => ({ key: `k${(i * 37) % 1000}`, value: { i, v, text: 'x'.repeat(30) } })),
    },
  },
})
const remove = (table: string, from: number, to: number): Change => ({
  tables: { [table]: { delete: Array.from({ length: to - from }, (_, i) => `k${((from + i) * 37) % 1000}`) } },
})

const histories: [name: string, limits: { chunkBytes: number; inlineBytes: number }, changes: Change[]][] = [
  ['small commits in the head', { chunkBytes: 400, inlineBytes: 5000 }, range(8, (i) => put('t', i * 3, i * 3 + 3))],
  ['a run per commit', { chunkBytes: 400, inlineBytes: 0 }, range(10, (i) => put('t', i * 5, i * 5 + 9, i))],
  ['runs that fold and move', { chunkBytes: 120, inlineBytes: 0 }, range(24, (i) => put('t', i * 4, i * 4 + 8, i))],
  ['tails that become runs', { chunkBytes: 400, inlineBytes: 600 }, range(20, (i) => put('t', i * 2, i * 2 + 4, i))],
  [
    'rows that come and go',
    { chunkBytes: 300, inlineBytes: 200 },
    range(24, (i) => (i % 3 === 2 ? remove('t', i * 4 - 8, i * 4 + 6) : put('t', i * 4, i * 4 + 12, i))),
  ],
  [
    'several tables',
    { chunkBytes: 300, inlineBytes: 300 },
    range(12, (i) => ({ tables: { ...put('a', i * 6, i * 6 + 9, i).tables, ...put('b', i, i + 2, i).tables } })),
  ],
  [
    'a staged table that is swapped in',
    { chunkBytes: 300, inlineBytes: 100 },
    [put('t', 0, 40), put('s', 0, 20, 1), put('s', 20, 50, 1), { swap: { t: 's' } }, put('t', 5, 15, 2)],
  ],
  [
    'tables that are dropped',
    { chunkBytes: 300, inlineBytes: 100 },
    [put('t', 0, 40), put('u', 0, 5), { drop: ['t'], ...put('t', 3, 9, 1) }, { drop: ['u', 't'] }, put('t', 0, 3, 2)],
  ],
  ['unchanged rows', { chunkBytes: 300, inlineBytes: 100 }, range(10, () => put('t', 0, 30))],
  [
    'a refresh of everything',
    { chunkBytes: 300, inlineBytes: 100 },
    [...range(6, (i) => put('t', i * 9, i * 9 + 9)), ...range(6, (i) => put('t', i * 9, i * 9 + 9, 1))],
  ],
]

let positions = 0

test.each(histories)(
  '%s: a fault at any storage call leaves the old pair or the new pair',
  async (_, limits, changes) => {
    const states = expected(changes)
    const calls = await run(changes, states, limits, () => {})
    for (const mode of ['before', 'after', 'killed'] as const) {
      for (let at = 0; at < calls; at++) {
        positions++
        let count = 0
        await run(changes, states, limits, async (call) => {
          const index = count++
          if (index < at || (index > at && mode !== 'killed')) return
          if (index === at && mode !== 'before') await call()
          throw new SynclineError('store_unavailable', 'injected')
        })
      }
    }
  },
  60_000,
)

test('enough positions were tried', () => {
  process.stdout.write(`storage faults: ${positions} positions in ${histories.length} histories, 0 violations\n`)
  expect(positions).toBeGreaterThan(1000)
})

/** Plays the history, going on from the stored position after each fault; returns the number of storage calls. */
async function run(
  changes: Change[],
  states: Tables[],
  limits: { chunkBytes: number; inlineBytes: number },
  fault: (call: () => Promise<unknown>) => Promise<void> | void,
): Promise<number> {
  let now = 0
  let calls = 0
  const chunks = memoryChunks({ limits, ports: { now: () => now } })
  const clean = () => chunked(chunks, { ports: { now: () => now } })
  const faulty = intercept(chunks, async (call) => {
    calls++
    await fault(call)
  })
  for (let attempt = 0; ; attempt++) {
    let dataset: Dataset | undefined
    try {
      dataset = await chunked(attempt < 3 ? faulty : chunks, { ports: { now: () => now } })
      await dataset.lease(async () => {
        for (;;) {
          const { value, version } = await (dataset as Dataset).position('u')
          const next = typeof value === 'number' ? value + 1 : 0
          const change = changes[next]
          if (change === undefined) return
          now += 1000
          await (dataset as Dataset).commit({ unit: 'u', position: next, expect: version, ...change })
        }
      })
      break
    } catch (error) {
      expect(error).toMatchObject({ code: 'store_unavailable' })
      await checkPair(await clean(), states)
    }
  }
  expect(await checkPair(await clean(), states)).toBe(changes.length - 1)
  return calls
}

/** The rows are exactly those of the position. */
async function checkPair(dataset: Dataset, states: Tables[]): Promise<number> {
  const { value } = await dataset.position('u')
  const position = typeof value === 'number' ? value : -1
  const stored: Tables = {}
  for (const table of await dataset.tables()) {
    const rows: [string, JsonObject][] = []
    for await (const batch of dataset.scan(table)) for (const { key, value } of batch) rows.push([String(key), value])
    expect(rows.length).toBe(await dataset.count(table))
    stored[table] = Object.fromEntries(rows)
  }
  expect(stored).toEqual(position < 0 ? {} : states[position])
  return position
}

function expected(changes: Change[]): Tables[] {
  let tables: Tables = {}
  return changes.map(({ tables: changed = {}, drop = [], swap = {} }) => {
    tables = structuredClone(tables)
    for (const name of drop) delete tables[name]
    for (const [name, { put = [], delete: gone = [] }] of Object.entries(changed)) {
      const rows = tables[name] ?? {}
      tables[name] = rows
      for (const { key, value } of put) rows[String(key)] = value
      for (const key of gone) delete rows[String(key)]
      if (Object.keys(rows).length === 0) delete tables[name]
    }
    for (const [live, staged] of Object.entries(swap)) {
      const rows = tables[staged]
      delete tables[staged]
      delete tables[live]
      if (rows !== undefined) tables[live] = rows
    }
    return tables
  })
}

/** Calls `on` in the place of every storage operation; it may run it, and it may throw. */
function intercept(chunks: ChunkStore, on: (call: () => Promise<unknown>) => Promise<void>): ChunkStore {
  const through = async <R>(call: () => Promise<R>): Promise<R> => {
    let done: Promise<R> | undefined
    await on(() => {
      done = call()
      return done
    })
    return done ?? call()
  }
  return {
    limits: chunks.limits,
    head: (before) => through(() => chunks.head(before)),
    read: (refs) => through(() => chunks.read(refs)),
    writeRun: (source) => through(() => chunks.writeRun(source)),
    publish: (head, expect) => through(() => chunks.publish(head, expect)),
    remove: (refs) => through(() => chunks.remove(refs)),
    async *list() {
      await through(async () => {})
      yield* chunks.list()
    },
  }
}

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}
