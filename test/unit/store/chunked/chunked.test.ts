import { expect, test } from 'vitest'
import { memoryChunks } from '../../../../adapters/memory.ts'
import { SynclineError } from '../../../../src/errors.ts'
import type { ChunkLimits, ChunkStore } from '../../../../src/store/chunked/chunk-store.ts'
import { chunked } from '../../../../src/store/chunked/chunked.ts'
import type { Dataset } from '../../../../src/store/dataset.ts'

const rows = (from: number, to: number, v = 0, every = 1) =>
  Array.from({ length: to - from }, (_, i) => from + i)
    .filter((i) => i % every === 0)
    .map((i) => ({ key: `k${String(i).padStart(6, '0')}`, value: { i, v, text: 'x'.repeat(60) } }))

async function put(dataset: Dataset, put: ReturnType<typeof rows>, table = 't', unit = 'u') {
  const { version } = await dataset.position(unit)
  return dataset.commit({ unit, position: {}, expect: version, tables: { [table]: { put } } })
}

async function scanned(dataset: Dataset, table = 't') {
  let count = 0
  for await (const batch of dataset.scan(table)) count += batch.length
  return count
}

/** A memory store that counts its calls and whose answers a test may change. */
function observed(limits: Partial<ChunkLimits> = {}, change: Partial<ChunkStore> = {}) {
  let ahead = 0
  const ports = { now: () => 1_000_000 + ahead }
  const chunks = memoryChunks({ limits, ports })
  const calls = { read: 0, written: 0, published: 0, headChars: 0, chunkChars: 0 }
  async function* counted(source: AsyncIterable<string>) {
    for await (const chunk of source) {
      calls.chunkChars += chunk.length
      yield chunk
    }
  }
  const store: ChunkStore = {
    ...chunks,
    read(refs) {
      calls.read += refs.length
      return chunks.read(refs)
    },
    async writeRun(source) {
      const refs = await chunks.writeRun(counted(source))
      calls.written += refs.length
      return refs
    },
    publish(head, expect) {
      calls.published++
      calls.headChars = head.length
      return chunks.publish(head, expect)
    },
    ...change,
  }
  const open = () => chunked(store, { ports })
  const advance = (ms: number) => {
    ahead += ms
  }
  return { chunks, calls, open, advance }
}

test('a small commit is one write: no chunk, no read', async () => {
  const { calls, open } = observed()
  const dataset = await open()
  await put(dataset, rows(0, 5))
  await put(dataset, rows(3, 8))
  expect(calls).toMatchObject({ read: 0, written: 0, published: 2 })
})

test('a merge reads fingerprints only, and after that keeps them in memory', async () => {
  const { calls, open } = observed({ chunkBytes: 4000, inlineBytes: 0 })
  const first = await open()
  await put(first, rows(0, 3000))
  const chunkCount = calls.written / 2
  const dataset = await open()
  calls.read = 0
  const { tables } = await put(dataset, rows(0, 3000, 1, 100))
  expect(tables.t).toEqual({ added: 0, updated: 30, unchanged: 0, deleted: 0 })
  expect(calls.read).toBeLessThanOrEqual(30)
  expect(chunkCount).toBeGreaterThan(60)
  calls.read = 0
  await put(dataset, rows(0, 3000, 2, 100))
  expect(calls.read).toBe(0)
})

test('ascending keys are never written twice', async () => {
  const { calls, open } = observed({ chunkBytes: 4000, inlineBytes: 0 })
  const dataset = await open()
  for (let i = 0; i < 60; i++) await put(dataset, rows(i * 100, i * 100 + 100))
  const chars = dataset.usage().bytesWritten
  expect(calls.read).toBe(0)
  expect(chars / (6000 * 110)).toBeLessThan(1.6) // heads and fingerprints included
  expect(await scanned(dataset)).toBe(6000)
})

test('what a merge of 100 rows costs does not depend on how many are stored', async () => {
  const cost = async (stored: number) => {
    const { calls, open } = observed({ chunkBytes: 4000, inlineBytes: 0 })
    const dataset = await open()
    for (let i = 0; i < stored; i += 500) await put(dataset, rows(i, i + 500))
    const before = calls.chunkChars
    await put(dataset, rows(0, stored, 1, stored / 100))
    return calls.chunkChars - before
  }
  expect((await cost(40_000)) / (await cost(4000))).toBeLessThan(1.1)
})

test('getMany reads each chunk once', async () => {
  const { calls, open } = observed({ chunkBytes: 4000, inlineBytes: 0 })
  const dataset = await open()
  await put(dataset, rows(0, 1000))
  calls.read = 0
  await dataset.getMany(
    't',
    rows(0, 1000).map(({ key }) => key),
  )
  expect(calls.read).toBe(calls.written / 2)
})

test('beyond 2,000 chunks the index leaves the head, and everything is still there', async () => {
  const { calls, open } = observed({ chunkBytes: 1, inlineBytes: 0 })
  const dataset = await open()
  await put(dataset, rows(0, 6000))
  expect(calls.headChars).toBeLessThan(60_000)
  for (let i = 0; i < 20; i++) await put(dataset, rows(0, 6000, i, 37 + i))
  for (const each of [dataset, await open()]) {
    expect(await scanned(each)).toBe(6000)
    expect((await each.get('t', 'k005994'))?.i).toBe(5994)
  }
})

test('rows that are deleted stay deleted when their runs fold over older ones', async () => {
  const { open } = observed({ chunkBytes: 1000, inlineBytes: 0 })
  const dataset = await open()
  await put(dataset, rows(0, 500))
  for (let i = 0; i < 14; i++) {
    const { version } = await dataset.position('u')
    const gone = rows(i * 10, i * 10 + 10).map(({ key }) => key)
    await dataset.commit({ unit: 'u', position: {}, expect: version, tables: { t: { delete: gone } } })
  }
  expect([await scanned(dataset), await dataset.count('t')]).toEqual([360, 360])
  expect(await dataset.get('t', 'k000005')).toBe(undefined)
  expect((await put(dataset, rows(5, 6))).tables.t?.added).toBe(1)
})

test('what was replaced is kept for a while, however long ago it was written', async () => {
  const { chunks, open, advance } = observed({ chunkBytes: 1000, inlineBytes: 0, dropAfterMs: 5000 })
  const dataset = await open()
  const stored = async () => {
    let count = 0
    for await (const _ of chunks.list()) count++
    return count
  }
  await put(dataset, rows(0, 500))
  for (let i = 0; i < 12; i++) {
    advance(1000)
    await put(dataset, rows(0, 500, i + 1, 50))
  }
  const before = await stored()
  await put(dataset, rows(0, 500, 99, 50))
  expect(await stored()).toBe(before + 2) // its own run, and the one that twelve became
  await dataset.lease(async () => {})
  expect(await stored()).toBe(before + 2)
  advance(6000)
  await dataset.lease(async () => {})
  expect(await stored()).toBe(3)
})

test('a dataset opens after what its last commit wrote has been collected', async () => {
  const { open, advance } = observed({ inlineBytes: 0 })
  const dataset = await open()
  await put(dataset, rows(0, 100))
  const { version } = await dataset.position('u')
  const gone = rows(0, 100).map(({ key }) => key)
  await dataset.commit({ unit: 'u', position: 'last', expect: version, tables: { t: { delete: gone } } })
  advance(10_000)
  await dataset.lease(async () => {})
  const again = await open()
  expect([await again.tables(), (await again.position('u')).value]).toEqual([[], 'last'])
})

test('collection keeps pages of the index, and what an older reader needs for a while', async () => {
  const { chunks, open, advance } = observed({ chunkBytes: 300, inlineBytes: 0, dropAfterMs: 5000 })
  const dataset = await open()
  await put(dataset, rows(0, 6000))
  for (let i = 1; i < 90; i++) await put(dataset, rows(0, 6000, i, 60))
  const stored = async () => {
    let count = 0
    for await (const _ of chunks.list()) count++
    return count
  }
  const before = await stored()
  await dataset.lease(async () => {})
  expect(await stored()).toBe(before)
  advance(6000)
  await dataset.lease(async () => {})
  expect(await stored()).toBeLessThan(before)
  expect(await scanned(await open())).toBe(6000)
})

test('a damaged newest head: the one before counts, and the next commit replaces the damaged one', async () => {
  let damage: ((text: string) => string) | undefined
  const { chunks, open } = observed()
  const head: ChunkStore['head'] = async (before) => {
    const found = await chunks.head(before)
    return found && before === undefined && damage !== undefined ? { ...found, value: damage(found.value) } : found
  }
  const dataset = await open()
  await put(dataset, rows(0, 5))
  await put(dataset, rows(5, 9))
  damage = (text) => text.replace('"i":7', '"i":8')
  const again = await chunked({ ...chunks, head })
  expect(await again.count('t')).toBe(5)
  damage = undefined
  expect((await put(again, rows(5, 9))).tables.t?.added).toBe(4)
})

test.each([
  ['store_corrupt', 'cut', (text: string) => text.slice(0, -1)],
  ['store_corrupt', 'empty', () => ''],
  ['store_corrupt', 'something else', () => '{"foreign":true}'],
  ['store_too_new', 'of a later format', (text: string) => text.replace('syncline 1', 'syncline 2')],
])('%s when every head is %s', async (code, _, damage) => {
  const { chunks, open } = observed()
  await put(await open(), rows(0, 5))
  const head: ChunkStore['head'] = async (before) => {
    const found = await chunks.head(before)
    return found && { ...found, value: damage(found.value) }
  }
  await expect(chunked({ ...chunks, head })).rejects.toMatchObject({ code })
})

test.each([
  ['gone', () => undefined],
  ['damaged', (text: string) => text.replace('"v":0', '"v":1')],
])('store_corrupt when a chunk is %s: never "no such row"', async (_, damage) => {
  const { chunks, open } = observed({ inlineBytes: 0 })
  await put(await open(), rows(0, 5))
  await put(await open(), rows(5, 9))
  await put(await open(), rows(9, 12))
  const read: ChunkStore['read'] = async (refs) => {
    const texts = await chunks.read(refs)
    return texts.map((text, i) => (refs[i]?.startsWith('1:') && text ? damage(text) : text))
  }
  const dataset = await chunked({ ...chunks, read })
  await expect(dataset.get('t', 'k000001')).rejects.toMatchObject({ code: 'store_corrupt' })
  await expect(scanned(dataset)).rejects.toMatchObject({ code: 'store_corrupt' })
})

test('a commit whose chunks did not survive is undone on opening', async () => {
  const { chunks, open } = observed({ inlineBytes: 0 })
  const dataset = await open()
  await put(dataset, rows(0, 5))
  await put(dataset, rows(5, 9))
  let newest = ''
  for await (const { ref } of chunks.list()) newest = ref
  await chunks.remove([newest])
  expect(await (await open()).count('t')).toBe(5)
})

test('an error of the place is thrown as it is, and the next commit finds out what is true', async () => {
  for (const published of [true, false]) {
    let fail = true
    const { chunks } = observed()
    const publish: ChunkStore['publish'] = async (head, expect) => {
      const version = published || !fail ? await chunks.publish(head, expect) : ''
      if (fail) throw new SynclineError('store_full', 'injected')
      return version
    }
    const dataset = await chunked({ ...chunks, publish })
    await expect(put(dataset, rows(0, 5))).rejects.toMatchObject({ code: 'store_full' })
    fail = false
    expect(await dataset.count('t')).toBe(published ? 5 : 0)
    expect((await put(dataset, rows(0, 5))).tables.t?.unchanged).toBe(published ? 5 : 0)
  }
})
