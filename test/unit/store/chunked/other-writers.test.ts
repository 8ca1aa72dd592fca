import { describe, expect, test, vi } from 'vitest'
import { type MemoryChunks, memoryChunks } from '../../../../adapters/memory.ts'
import { SynclineError } from '../../../../src/errors.ts'
import type { ChunkStore } from '../../../../src/store/chunked/chunk-store.ts'
import { chunked } from '../../../../src/store/chunked/chunked.ts'
import type { Change, Commit, Dataset } from '../../../../src/store/dataset.ts'

// What happens to a chunk store while a dataset over it is open: by other writers, by compaction, by a place in trouble.

const key = (i: number) => `k${String(i).padStart(4, '0')}`
const rows = (from: number, to: number, v = 0) =>
  Array.from({ length: to - from }, (_, i) => ({ key: key(from + i), value: { v, text: 'x'.repeat(40) } }))

async function commit(dataset: Dataset, change: Pick<Commit, 'tables' | 'drop' | 'swap'>, unit = 'u') {
  const { version } = await dataset.position(unit)
  return dataset.commit({ unit, position: {}, expect: version, ...change })
}

const put = (dataset: Dataset, from: number, to: number, v = 0) =>
  commit(dataset, { tables: { t: { put: rows(from, to, v) } } })

function world(dropAfterMs = 1000) {
  let now = 1_000_000
  const ports = { now: () => now }
  const chunks = memoryChunks({ limits: { chunkBytes: 1000, inlineBytes: 0, dropAfterMs }, ports })
  return {
    chunks,
    open: (change: Partial<ChunkStore> = {}) => chunked({ ...chunks, ...change }, { ports }),
    advance(ms: number) {
      now += ms
    },
  }
}

async function storedRuns(chunks: MemoryChunks): Promise<number> {
  let count = 0
  for await (const _ of chunks.list()) count++
  return count
}

/** Replaces every chunk that there is, and removes what was replaced. */
async function replaceAll(dataset: Dataset, advance: (ms: number) => void): Promise<void> {
  for (let v = 1; v <= 15; v++) await put(dataset, 0, 20, v)
  advance(5000)
  await dataset.lease(async () => {})
}

async function collected(changes: AsyncIterable<Change[]> | 'reset'): Promise<Change[] | 'reset'> {
  if (changes === 'reset') return changes
  const all: Change[] = []
  for await (const batch of changes) all.push(...batch)
  return all
}

describe('changes', () => {
  test('are a reset when what a commit wrote has been compacted and removed', async () => {
    const { open, advance } = world()
    const dataset = await open()
    await put(dataset, 0, 20)
    const since = await dataset.version()
    await put(dataset, 5, 6, 9)
    expect(await collected(await dataset.changes(since))).toMatchObject([{ type: 'updated', key: key(5) }])
    await replaceAll(dataset, advance)
    expect(await dataset.changes(since)).toBe('reset')
  })

  test('are an error, and no reset, when the place cannot be read', async () => {
    let broken = false
    const { chunks, open } = world()
    const dataset = await open({
      async read(refs) {
        if (broken) throw new SynclineError('store_unavailable', 'injected')
        return chunks.read(refs)
      },
    })
    await put(dataset, 0, 20)
    const since = await dataset.version()
    await put(dataset, 5, 6, 9)
    broken = true
    await expect(dataset.changes(since)).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(dataset.scan('t')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  test('since what was seen last are all of them where it is not known what became of a commit', async () => {
    const { chunks, open } = world()
    let lost = false
    const dataset = await open({
      async publish(head, expect) {
        const version = await chunks.publish(head, expect)
        if (lost) throw new SynclineError('store_unavailable', 'injected')
        return version
      },
    })
    await put(dataset, 0, 1)
    lost = true
    await expect(put(dataset, 1, 2)).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await collected(await dataset.changes(dataset.seen))).toMatchObject([{ key: key(0) }, { key: key(1) }])
  })

  test('tell that a row is gone that came in between: a scan may have met it', async () => {
    const { open } = world()
    const dataset = await open()
    await put(dataset, 0, 5)
    const since = await dataset.version()
    await put(dataset, 7, 8)
    await commit(dataset, { tables: { t: { delete: [key(7)] } } })
    expect(await collected(await dataset.changes(since))).toEqual([{ type: 'deleted', table: 't', key: key(7) }])
  })
})

test('a read whose chunks go meanwhile goes on with the newer head', async () => {
  const { chunks, open, advance } = world()
  const writer = await open()
  await put(writer, 0, 20)
  await put(writer, 0, 20, -1)
  let meanwhile: (() => Promise<void>) | undefined
  const reader = await open({
    async read(refs) {
      const run = meanwhile
      meanwhile = undefined
      await run?.()
      return chunks.read(refs)
    },
  })
  meanwhile = () => replaceAll(writer, advance)
  expect(await reader.get('t', key(3))).toMatchObject({ v: 15 })
  expect(meanwhile).toBeUndefined()
})

test.each<[string, (dataset: Dataset) => Promise<unknown>]>([
  ['get', (dataset) => dataset.get('t', key(3))],
  [
    'scan',
    async (dataset) => (await dataset.scan('t', { limit: 4 })[Symbol.asyncIterator]().next()).value.at(-1).value,
  ],
])('a slow %s whose chunks go is not disturbed by another that has found the newer head', async (_, read) => {
  const { chunks, open, advance } = world()
  const writer = await open()
  await put(writer, 0, 20)
  await put(writer, 0, 20, -1)
  let hold: Promise<void> | undefined
  let began = () => {}
  const reader = await open({
    async read(refs) {
      began()
      await hold
      return chunks.read(refs)
    },
  })
  let release = () => {}
  hold = new Promise((resolve) => (release = resolve))
  const reading = new Promise<void>((resolve) => (began = resolve))
  const slow = read(reader)
  await reading
  hold = undefined
  await replaceAll(writer, advance)
  expect(await read(reader)).toMatchObject({ v: 15 })
  release()
  expect(await slow).toMatchObject({ v: 15 })
})

test('what changes tell is of the version that they end at, unless it is gone', async () => {
  const { open, advance } = world()
  const [reader, writer] = [await open(), await open()]
  const since = await reader.version()
  await put(writer, 0, 3)
  await put(writer, 0, 3, 1)
  const [kept, gone] = [await reader.changes(since), await reader.changes(since)]
  await put(writer, 0, 3, 2)
  expect(await collected(kept)).toMatchObject([{ value: { v: 1 } }, { value: { v: 1 } }, { value: { v: 1 } }])
  await replaceAll(writer, advance)
  expect(await collected(gone)).toMatchObject([{ value: { v: 15 } }, { value: { v: 15 } }, { value: { v: 15 } }])
})

test('a scan whose chunks go meanwhile goes on behind its last key, with the newer head', async () => {
  const { chunks, open, advance } = world()
  const writer = await open()
  await put(writer, 0, 3000)
  let reads = 0
  const reader = await open({
    async read(refs) {
      if (++reads === 7) {
        await commit(writer, { drop: ['t'], tables: { t: { put: rows(0, 3000, 15) } } })
        advance(5000)
        await writer.lease(async () => {})
      }
      return chunks.read(refs)
    },
  })
  const seen: string[] = []
  const versions = new Set<unknown>()
  reads = 0
  for await (const batch of reader.scan('t')) {
    for (const { key, value } of batch) {
      seen.push(String(key))
      versions.add(value.v)
    }
  }
  expect(seen).toEqual(rows(0, 3000).map((row) => row.key))
  expect([...versions]).toEqual([0, 15])
})

test('a scan past a damaged chunk gives what comes before it', async () => {
  const { chunks, open } = world()
  await put(await open(), 0, 2000)
  const broken = `${JSON.stringify(key(1900)).slice(1, -1)}"`
  const reader = await open({
    read: async (refs) => (await chunks.read(refs)).map((text) => text?.replace(`s${broken}`, 'damaged"')),
  })
  const seen: string[] = []
  const scan = async () => {
    for await (const batch of reader.scan('t')) for (const each of batch) seen.push(String(each.key))
  }
  await expect(scan()).rejects.toMatchObject({ code: 'store_corrupt' })
  expect(seen.length).toBeGreaterThan(1000)
})

test('a look at the head that is overtaken by a commit does not bring the older rows back', async () => {
  const { chunks, open } = world()
  let meanwhile: (() => Promise<unknown>) | undefined
  const dataset = await open({
    async head(before) {
      const found = await chunks.head(before)
      const run = meanwhile
      meanwhile = undefined
      await run?.()
      return found
    },
  })
  await put(dataset, 0, 3)
  await commit(await open(), { tables: { t: { put: rows(10, 12) } } }, 'other')
  meanwhile = () => put(dataset, 3, 6)
  expect(await dataset.get('t', key(5))).toMatchObject({ v: 0 })
  expect(meanwhile).toBeUndefined()
})

test('a look at the head that another overtakes with an older one looks again', async () => {
  const { chunks, open } = world()
  const writer = await open()
  await put(writer, 0, 1)
  const held: (() => void)[] = []
  let holds = false
  const reader = await open({
    async head(before) {
      const found = await chunks.head(before)
      if (holds) await new Promise<void>((resolve) => held.push(resolve))
      return found
    },
  })
  holds = true
  await put(writer, 1, 2)
  const early = reader.count('t')
  await put(writer, 2, 3)
  const late = reader.count('t')
  await vi.waitFor(() => expect(held).toHaveLength(2)) // both have found a head, each another
  holds = false
  for (const release of held) release()
  expect(await Promise.all([early, late])).toEqual([2, 3])
})

test('in a long lease garbage does not pile up until its end, and without a lease nothing is removed', async () => {
  for (const leased of [true, false]) {
    const { chunks, open, advance } = world()
    const dataset = await open()
    let most = 0
    const work = async () => {
      for (let v = 0; v < 200; v++) {
        advance(100)
        await put(dataset, 0, 20, v)
        most = Math.max(most, await storedRuns(chunks))
      }
    }
    await (leased ? dataset.lease(work) : work())
    if (leased) expect(most).toBeLessThan(150)
    else expect(most).toBeGreaterThan(200)
    expect(await dataset.get('t', key(7))).toMatchObject({ v: 199 })
  }
})

test('fingerprints that are not those of their chunk are an error of compaction, and nothing is lost by it', async () => {
  const { chunks, open } = world()
  const sound = await open()
  await put(sound, 0, 5)
  await put(sound, 5, 9)
  // The fingerprints of the first run are those of the second.
  const mixed = await open({ read: (refs) => chunks.read(refs.map((ref) => (ref === '1:1' ? '3:1' : ref))) })
  const run = async () => {
    for (let v = 1; v < 30; v++) await put(mixed, 20, 21, v)
  }
  await expect(run()).rejects.toMatchObject({ code: 'store_corrupt' })
  const again = await open()
  expect(await again.count('t')).toBe(10)
  expect(await again.get('t', key(3))).toMatchObject({ v: 0 })
})

describe('a conflict on publishing', () => {
  /** Publishes, or lets another writer publish first, and says "conflict" once. */
  function conflicting(chunks: MemoryChunks, first: () => Promise<unknown>): Pick<ChunkStore, 'publish'> {
    let told = false
    return {
      async publish(head, expect) {
        if (told) return chunks.publish(head, expect)
        told = true
        await first()
        return chunks.publish(head, expect)
      },
    }
  }

  test('that is none, since the place only could not tell, is no failure', async () => {
    const { chunks, open } = world()
    let publish: ChunkStore['publish'] = chunks.publish
    const dataset = await open({ publish: (head, expect) => publish(head, expect) })
    await put(dataset, 0, 3)
    publish = async (head, expect) => {
      publish = chunks.publish
      await chunks.publish(head, expect)
      throw new SynclineError('conflict', 'injected')
    }
    const { version, tables } = await put(dataset, 2, 8)
    expect(tables.t).toEqual({ added: 5, updated: 0, unchanged: 1, deleted: 0 })
    expect((await dataset.position('u')).version).toBe(version)
    expect(await dataset.count('t')).toBe(8)
  })

  test('that is none, and by now others have built on it: it counts, once', async () => {
    const { chunks, open } = world()
    const other = await open()
    const dataset = await open({
      async publish(head, expect) {
        await chunks.publish(head, expect)
        for (let i = 10; i < 15; i++) await put(other, i, i + 1)
        throw new SynclineError('conflict', 'injected')
      },
    })
    expect((await put(dataset, 0, 3)).tables.t).toEqual({ added: 3, updated: 0, unchanged: 0, deleted: 0 })
    expect(await dataset.count('t')).toBe(8)
  })

  test('by a writer of other rows: rows are rebased', async () => {
    const { chunks, open } = world()
    const other = await open()
    const dataset = await open(
      conflicting(chunks, () => commit(other, { tables: { t: { put: rows(10, 12) } } }, 'other')),
    )
    await put(dataset, 0, 3)
    expect(await dataset.count('t')).toBe(5)
  })

  test.each<[string, Pick<Commit, 'drop' | 'swap'>]>([
    ['a dropped table', { drop: ['t'] }],
    ['a swapped table', { swap: { t: 'staged' } }],
  ])('by a writer of other rows: %s is left as it is, for that would take the rows of the other', async (_, change) => {
    const { chunks, open } = world()
    const other = await open()
    await put(other, 0, 3)
    const dataset = await open(
      conflicting(chunks, () => commit(other, { tables: { t: { put: rows(10, 12) } } }, 'other')),
    )
    await expect(commit(dataset, change)).rejects.toMatchObject({ code: 'conflict' })
    expect(await dataset.count('t')).toBe(5)
  })
})

test('a place may name its chunks as it likes: each is removed by itself then', async () => {
  const { chunks, open, advance } = world()
  const texts = new Map<string, { text: string; writtenAt: number }>()
  let count = 0
  const dataset = await open({
    async writeRun(source) {
      const refs: string[] = []
      for await (const text of source) {
        const ref = `chunk-${++count}`
        texts.set(ref, { text, writtenAt: 0 })
        refs.push(ref)
      }
      return refs
    },
    read: async (refs) => refs.map((ref) => texts.get(ref)?.text),
    async *list() {
      for (const [ref, { writtenAt }] of texts) yield { ref, writtenAt }
    },
    async remove(refs) {
      for (const ref of refs) texts.delete(ref)
    },
  })
  await put(dataset, 0, 100)
  const before = texts.size
  await replaceAll(dataset, advance)
  expect(count).toBeGreaterThan(before)
  expect(texts.size).toBeLessThan(count)
  expect(await storedRuns(chunks)).toBe(0)
  expect([await dataset.count('t'), await dataset.get('t', key(3))]).toMatchObject([100, { v: 15 }])
  expect(await dataset.get('t', key(99))).toMatchObject({ v: 0 })
})
