import { describe, expect, test } from 'vitest'
import { memoryChunks } from '../../../../adapters/memory.ts'
import { SynclineError } from '../../../../src/errors.ts'
import type { ChunkStore } from '../../../../src/store/chunked/chunk-store.ts'
import { chunked } from '../../../../src/store/chunked/chunked.ts'
import type { Dataset } from '../../../../src/store/dataset.ts'

const key = (i: number) => `k${String(i).padStart(3, '0')}`
const rows = (from: number, to: number, v = 0) =>
  Array.from({ length: to - from }, (_, i) => ({ key: key(from + i), value: { i: from + i, v } as object }))

async function put(dataset: Dataset, put: ReturnType<typeof rows>) {
  const { version } = await dataset.position('u')
  await dataset.commit({ unit: 'u', position: {}, expect: version, tables: { t: { put: put as never } } })
}

/** Two runs: where a row is, the fingerprints know. */
async function filled(limits = {}) {
  const chunks = memoryChunks({ limits: { inlineBytes: 0, ...limits } })
  const dataset = await chunked(chunks)
  await put(dataset, rows(0, 50))
  await put(dataset, [...rows(10, 30, 1), { key: 'no number', value: { n: Number.NaN } }])
  return { chunks, dataset }
}

describe('a place that tells the newest version', () => {
  async function telling() {
    const { chunks, dataset: other } = await filled({ inlineBytes: 300 })
    const calls: string[] = []
    const newest = async () => (await chunks.head())?.version
    const place: ChunkStore = {
      ...chunks,
      head(before) {
        calls.push('head')
        return chunks.head(before)
      },
      version() {
        calls.push('version')
        return newest()
      },
      async read(refs, seen) {
        calls.push('read')
        seen?.(await newest())
        return chunks.read(refs)
      },
    }
    const dataset = await chunked(place)
    await dataset.get('t', key(12)) // the fingerprints are in memory now
    calls.length = 0
    return { dataset, other, calls }
  }

  test('is asked once for a row, and never for the head', async () => {
    const { dataset, calls } = await telling()
    expect(await dataset.get('t', key(12))).toEqual({ i: 12, v: 1 })
    expect(calls).toEqual(['read'])
  })

  test('is asked for the version alone when no chunk is read', async () => {
    const { dataset, other, calls } = await telling()
    await put(other, rows(60, 61))
    await dataset.count('t')
    calls.length = 0
    expect([await dataset.get('t', key(60)), await dataset.get('t', key(55))]).toEqual([{ i: 60, v: 0 }, undefined])
    expect(calls).toEqual(['version', 'version'])
  })

  test('shows what others commit', async () => {
    const { dataset, other, calls } = await telling()
    await put(other, rows(12, 13, 7))
    expect(await dataset.get('t', key(12))).toEqual({ i: 12, v: 7 })
    expect(calls.slice(0, 3)).toEqual(['read', 'version', 'head'])
  })
})

describe('a damaged chunk', () => {
  /** As the place answers when what it holds of chunks has changed so. */
  async function damaged(damage: (text: string) => string) {
    const { chunks } = await filled()
    let broken = false
    const dataset = await chunked({
      ...chunks,
      read: async (refs) => (await chunks.read(refs)).map((text) => (broken ? damage(text ?? '') : text)),
    })
    await dataset.getMany('t', [key(12), key(40)])
    broken = true
    return dataset
  }

  test.each<[string, (text: string) => string]>([
    ['says something else', (text) => text.replace('{"i":12,"v":1}', '{"i":12,"v":2}')],
    ['is no JSON', (text) => text.replace('{"i":12,"v":1}', '{"i":12,"v":1]')],
    ['has lost the row', (text) => text.replace('"sk012"', '"sk013"')],
    ['is cut', (text) => text.slice(0, 30)],
    ['is empty', () => ''],
  ])('that %s is store_corrupt', async (_, damage) => {
    await expect((await damaged(damage)).get('t', key(12))).rejects.toMatchObject({ code: 'store_corrupt' })
  })

  test('still gives the rows whose fingerprints prove them, and no others', async () => {
    const dataset = await damaged((text) => text.replace('{"i":12,"v":1}', '{"i":12,"v":2}'))
    expect(await dataset.get('t', key(13))).toEqual({ i: 13, v: 1 })
    await expect(dataset.getMany('t', [key(13), key(12)])).rejects.toMatchObject({ code: 'store_corrupt' })
  })
})

test('a value that JSON changes is read as JSON has it', async () => {
  const { dataset } = await filled()
  expect(await dataset.get('t', 'no number')).toEqual({ n: null })
})

test('what a place fails with is thrown as it is', async () => {
  const { chunks } = await filled()
  let broken = false
  const dataset = await chunked({
    ...chunks,
    async read(refs) {
      if (broken) throw new SynclineError('store_unavailable', 'injected')
      return chunks.read(refs)
    },
  })
  broken = true
  await expect(dataset.get('t', key(3))).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('after a commit of which nobody knows how it ended, a read looks first', async () => {
  const { chunks } = await filled()
  const dataset = await chunked({
    ...chunks,
    async publish(head, expect) {
      await chunks.publish(head, expect)
      throw new SynclineError('store_unavailable', 'injected')
    },
  })
  await expect(put(dataset, rows(3, 4, 9))).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await dataset.get('t', key(3))).toEqual({ i: 3, v: 9 })
})
