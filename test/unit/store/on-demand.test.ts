import { expect, test, vi } from 'vitest'
import { memoryChunks } from '../../../adapters/memory.ts'
import { chunked } from '../../../src/store/chunked/chunked.ts'

const SUBSCRIPTION = '../../../src/sync/subscription.ts'
const WRITER = '../../../src/store/chunked/writer.ts'
const rows = Array.from({ length: 500 }, (_, id) => ({ key: id, value: { id } }))

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const items: T[] = []
  for await (const batch of batches) items.push(...batch)
  return items
}

test('a stored copy is read without what writes; where that cannot be loaded, the next commit asks again', async () => {
  const place = memoryChunks({ limits: { chunkBytes: 1024, inlineBytes: 512 } })
  const first = await chunked(place)
  const { version } = await first.commit({ unit: 'a', position: 1, expect: '', tables: { t: { put: rows } } })
  const before = await first.version()
  await first.commit({
    unit: 'a',
    position: 2,
    expect: version,
    tables: { t: { put: [{ key: 7, value: { id: -7 } }] } },
  })

  vi.resetModules()
  vi.doMock(WRITER, () => {
    throw new Error('offline')
  })
  const offline = await import('../../../src/store/chunked/chunked.ts')
  const copy = await offline.chunked(place)
  expect(await copy.get('t', 7)).toEqual({ id: -7 })
  expect(await copy.count('t')).toBe(500)
  expect(await all(copy.scan('t'))).toHaveLength(500)
  const changes = await copy.changes(before)
  expect(changes === 'reset' ? changes : await all(changes)).toMatchObject([{ key: 7 }])
  const { version: at } = await copy.position('a')
  const commit = { unit: 'a', position: 3, expect: at }
  await expect(copy.commit(commit)).rejects.toMatchObject({ code: 'network', retryable: true })
  // A lease that could not collect has still done its work.
  await expect(copy.lease(async () => 'done')).resolves.toBe('done')

  vi.doUnmock(WRITER)
  await copy.commit(commit)
  expect(await copy.position('a')).toMatchObject({ value: 3 })
})

test('what is committed right after subscribing is told, though the code that tells is loaded later', async () => {
  const place = memoryChunks()
  const writer = await chunked(place)
  const { version } = await writer.commit({ unit: 'a', position: 1, expect: '' })
  vi.resetModules()
  const fresh = await import('../../../src/index.ts')
  const source = fresh.defineSource({ name: 'd', client: { baseUrl: 'https://x' }, resources: ['t'] })
  const store = { open: () => chunked(place), drop: async () => {} }
  const table = (await fresh.openDataset(source, store)).table('t')
  const told = new Promise<unknown>((resolve) => table.subscribe(resolve))
  const put = [{ key: 1, value: { id: 1 } }]
  await writer.commit({ unit: 'a', position: 2, expect: version, tables: { t: { put } } })
  expect(await table.count()).toBe(1)
  expect(await told).toEqual([{ type: 'added', key: 1, value: { id: 1 } }])

  vi.resetModules()
  vi.doMock(SUBSCRIPTION, () => {
    throw new Error('offline')
  })
  const offline = await import('../../../src/index.ts')
  const data = await offline.openDataset(source, store)
  const error = new Promise((onError) => data.table('t').subscribe(() => {}, { onError }))
  expect(await error).toMatchObject({ code: 'network', retryable: true })
  vi.doUnmock(SUBSCRIPTION)
})
