import { expect, test } from 'vitest'
import { memoryChunks } from '../../../../adapters/memory.ts'
import { SynclineError } from '../../../../src/errors.ts'
import type { ChunkStore } from '../../../../src/store/chunked/chunk-store.ts'
import { chunked } from '../../../../src/store/chunked/chunked.ts'
import type { Dataset, TableChanges } from '../../../../src/store/dataset.ts'

const key = (i: number) => `k${String(i).padStart(5, '0')}`
const rows = (from: number, to: number, v = 0) =>
  Array.from({ length: to - from }, (_, i) => ({ key: key(from + i), value: { v, text: 'x'.repeat(40) } }))
const keys = (from: number, to: number) => rows(from, to).map((row) => row.key)

async function commit(dataset: Dataset, tables: Record<string, TableChanges>, swap: Record<string, string> = {}) {
  const { version } = await dataset.position('u')
  return dataset.commit({ unit: 'u', position: {}, expect: version, tables, swap })
}

/** Every commit is a run. `written`: characters of chunks so far. */
function world(change: Partial<ChunkStore> = {}) {
  let now = 1_000_000
  const ports = { now: () => now }
  const chunks = memoryChunks({ limits: { chunkBytes: 1000, inlineBytes: 0 }, ports })
  const calls = { written: 0, read: 0 }
  const store: ChunkStore = {
    ...chunks,
    async read(refs) {
      calls.read += refs.length
      return chunks.read(refs)
    },
    async writeRun(source) {
      return chunks.writeRun(
        (async function* () {
          for await (const text of source) {
            calls.written += text.length
            yield text
          }
        })(),
      )
    },
    ...change,
  }
  return {
    chunks,
    calls,
    open: () => chunked(store, { ports }),
    advance(ms: number) {
      now += ms
    },
  }
}

async function scanned(dataset: Dataset, table = 't'): Promise<string[]> {
  const found: string[] = []
  for await (const batch of dataset.scan(table)) found.push(...batch.map((row) => String(row.key)))
  return found
}

test('descending keys are never written twice', async () => {
  const { calls, open } = world()
  const dataset = await open()
  for (let i = 60; i-- > 0; ) await commit(dataset, { t: { put: rows(i * 100, i * 100 + 100) } })
  expect(calls.read).toBe(0)
  expect(calls.written / (6000 * 90)).toBeLessThan(1.6) // fingerprints included
  expect(await scanned(dataset)).toEqual(keys(0, 6000))
})

test('a row that is not there, or no more, costs its chunk and is undefined', async () => {
  const { calls, open } = world()
  const writer = await open()
  for (let i = 0; i < 12; i++) {
    await commit(writer, { t: { put: rows(i, i + 1), ...(i > 2 && i < 8 && { delete: keys(i - 1, i) }) } })
  }
  await commit(writer, { t: { put: rows(100, 101) } })
  for (const [wanted, found] of [
    [`${key(5)}x`, undefined],
    [key(3), undefined],
    [key(9), rows(9, 10)[0]?.value],
  ] as const) {
    const dataset = await open()
    calls.read = 0
    expect(await dataset.get('t', wanted)).toEqual(found)
    expect(calls.read).toBe(1)
  }
})

test('a range whose rows are all deleted leaves nothing behind', async () => {
  const { chunks, open, advance } = world()
  const dataset = await open()
  await commit(dataset, { t: { put: rows(0, 2000) } })
  for (let i = 0; i < 1900; i += 100) await commit(dataset, { t: { delete: keys(i, i + 100) } })
  for (let v = 1; v < 60; v++) await commit(dataset, { t: { put: rows(1900, 2000, v) } })
  advance(10_000)
  await dataset.lease(async () => {})
  let stored = ''
  for await (const { ref } of chunks.list()) {
    const texts = await chunks.read(Array.from({ length: 100 }, (_, i) => `${ref}:${i}`))
    stored += texts.join('')
  }
  expect(keys(0, 2000).filter((each) => stored.includes(each))).toEqual(keys(1900, 2000))
  expect(await scanned(dataset)).toEqual(keys(1900, 2000))
  expect(await scanned(await open())).toEqual(keys(1900, 2000))
})

test('of the tables of a commit one is compacted: it reads no more than with one table, and none is left behind', async () => {
  const most: number[] = []
  for (const tables of [['a'], ['a', 'b', 'c']]) {
    const { calls, open } = world()
    const dataset = await open()
    let reads = 0
    for (let v = 0; v < 60; v++) {
      const before = calls.read
      await commit(dataset, Object.fromEntries(tables.map((table) => [table, { put: rows(0, 20, v) }])))
      reads = Math.max(reads, calls.read - before)
    }
    most.push(reads)
    const fresh = await open()
    calls.read = 0
    for (const table of tables) {
      expect(await scanned(fresh, table)).toEqual(keys(0, 20))
      expect(await fresh.get(table, key(7))).toMatchObject({ v: 59 })
    }
    expect(calls.read / tables.length).toBeLessThan(60)
  }
  expect(most[1]).toBeLessThan(2 * (most[0] ?? 0))
})

test('a swap of tables that are not there is no change', async () => {
  const { open } = world()
  const dataset = await open()
  await commit(dataset, { t: { put: rows(0, 3) } })
  const since = await dataset.version()
  await commit(dataset, {}, { live: 'staged', other: 'staged too' })
  const changes = await dataset.changes(since)
  if (changes === 'reset') throw new Error('nothing was reset')
  for await (const batch of changes) expect(batch).toEqual([])
  expect(await dataset.tables()).toEqual(['t'])
})

test('leases exclude each other in this context, where the place has none', async () => {
  const { chunks } = world()
  const { lease: _, ...without } = chunks
  const dataset = await chunked(without)
  const log: string[] = []
  const hold = (name: string) => async () => {
    log.push(`${name} begins`)
    await commit(dataset, { t: { put: rows(0, 3) } })
    log.push(`${name} ends`)
    return name
  }
  expect(await Promise.all([dataset.lease(hold('a')), dataset.lease(hold('b'))])).toEqual(['a', 'b'])
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('a commit right after one whose end is not known looks first', async () => {
  let fail = true
  const { chunks } = world()
  const publish: ChunkStore['publish'] = async (head, expect) => {
    const version = await chunks.publish(head, expect)
    if (fail) throw new SynclineError('store_unavailable', 'injected')
    return version
  }
  const dataset = await chunked({ ...chunks, publish })
  const one = { unit: 'u', position: {}, expect: '', tables: { t: { put: rows(0, 3) } } }
  await expect(dataset.commit(one)).rejects.toMatchObject({ code: 'store_unavailable' })
  fail = false
  await expect(dataset.commit(one)).rejects.toMatchObject({ code: 'conflict' })
  expect(await scanned(dataset)).toEqual(keys(0, 3))
})
