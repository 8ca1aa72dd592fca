import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryChunks } from '../../../../adapters/memory.ts'
import { chunked } from '../../../../src/store/chunked/chunked.ts'
import type { Meta } from '../../../../src/store/chunked/head.ts'
import type { Dataset } from '../../../../src/store/dataset.ts'
import { bytesOf, changed, commit, load } from '../../../bench/records.ts'
import { countedChunks } from '../../../support/counted-chunks.ts'

// The counted figures of docs/storage.md. Times are in `npm run bench`, where more rows are stored, too.

/** As files and IndexedDB have them. */
const limits = { chunkBytes: 1 << 16, inlineBytes: 1 << 14 }
const figures: string[] = []
afterAll(() => {
  process.stdout.write(`storage figures:\n${figures.map((each) => `  ${each}\n`).join('')}`)
})

function world() {
  const chunks = countedChunks(memoryChunks({ limits }))
  const meta = async () => JSON.parse((await chunks.head())?.value.split('\n')[2] ?? '') as Meta
  return { chunks, meta, open: () => chunked(chunks) }
}

/** Written bytes per byte of changed rows, of each of so many merges of 1,000. */
async function merges(dataset: Dataset, { take }: ReturnType<typeof countedChunks>, stored: number, count: number) {
  const ratios: number[] = []
  for (let version = 1; version <= count; version++) {
    const rows = changed(1000, stored, version)
    take()
    expect((await commit(dataset, rows)).tables.rows?.updated).toBe(1000)
    ratios.push(take().bytes / bytesOf(rows))
  }
  return ratios
}

const mean = (list: number[]) => list.reduce((sum, each) => sum + each, 0) / list.length

const large = world()
let dataset: Dataset
beforeAll(async () => {
  dataset = await large.open()
  await load(dataset, 100_000)
})

test('a merge writes what changed, whatever is stored: 1.5 bytes per changed byte, and 7 in the long run', async () => {
  const small = world()
  const few = await small.open()
  await load(few, 10_000)
  const [few1, many1] = [
    await merges(few, small.chunks, 10_000, 100),
    await merges(dataset, large.chunks, 100_000, 100),
  ]
  for (const [rows, ratios] of [
    ['10,000', few1],
    ['100,000', many1],
  ] as const) {
    const least = Math.min(...ratios)
    figures.push(
      `merge of 1,000 into ${rows}: ${least.toFixed(2)} bytes per changed byte, with compaction ${mean(ratios).toFixed(2)}`,
    )
    expect(least).toBeLessThan(1.5)
    expect(mean(ratios)).toBeLessThan(7)
    // Most merges cost no more than themselves.
    expect([...ratios].sort((a, b) => a - b)[50]).toBeLessThan(1.5)
  }
  expect(Math.min(...many1) / Math.min(...few1)).toBeLessThan(1.1)
  expect(mean(many1) / mean(few1)).toBeLessThan(1.5)
})

test('a merge reads fingerprints only, those of each touched chunk once', async () => {
  const { tables } = await large.meta()
  const [, , , , runs, level] = tables[0] as Meta['tables'][number]
  const chunks = [...runs, level].flat().length
  for (const count of [10, 1000]) {
    const fresh = await large.open()
    large.chunks.take()
    await commit(fresh, changed(count, 100_000, 5000 + count))
    const { refs } = large.chunks.take()
    // A run's chunks and fingerprints are stored in turn.
    expect(refs.every((ref) => Number(ref.split(':')[1]) % 2 === 1)).toBe(true)
    expect(new Set(refs).size).toBe(refs.length)
    expect(refs.length).toBeLessThanOrEqual(Math.min(chunks, count * (runs.length + 1)))
    figures.push(`merge of ${count} into a store just opened: ${refs.length} fingerprints read, of ${chunks} chunks`)
  }
})

test('a small commit is one write, of a head that does not grow with what was committed', async () => {
  const heads: number[] = []
  for (let i = 0; i < 100; i++) {
    large.chunks.take()
    await commit(dataset, changed(2, 100_000, 10_000 + i))
    const { runs, publishes, headBytes } = large.chunks.take()
    expect(publishes).toBe(1)
    // Now and then the tail becomes a run.
    if (runs === 0) heads.push(headBytes)
  }
  expect(heads.length).toBeGreaterThan(90)
  const { tables, history } = await large.meta()
  const slices = tables.flatMap(([, , , , runs, level]) => [...runs, level].flat()).length
  const past = JSON.stringify(history).length
  figures.push(
    `small commit into 100,000: one write of ${Math.min(...heads)} to ${Math.max(...heads)} bytes, ${past} of them history, ${slices} chunks`,
  )
  expect(past).toBeLessThan(1 << 15)
  expect(Math.max(...heads)).toBeLessThan(limits.inlineBytes + (1 << 15) + 80 * slices)
})

test('a scan reads each chunk once, many at a time, and a short one little', async () => {
  const fresh = await large.open()
  large.chunks.take()
  let rows = 0
  let atFirst = 0
  for await (const batch of fresh.scan('rows')) {
    if (rows === 0) atFirst = large.chunks.take().refs.length
    rows += batch.length
  }
  expect(rows).toBe(100_000)
  const { refs, readCalls } = large.chunks.take()
  // Compaction may have cut one chunk of each run in two.
  const { tables } = await large.meta()
  const runs = tables[0]?.[4].length ?? 0
  expect(refs.length - new Set(refs).size).toBeLessThanOrEqual(runs)
  // No more is in hand than a chunk of each list and 4 MiB.
  expect(atFirst).toBeLessThan(2 * runs + (4 << 20) / limits.chunkBytes)
  expect(readCalls).toBeLessThan(refs.length / 10)
  figures.push(`scan of 100,000: ${atFirst + refs.length} chunks in ${readCalls} reads`)
  for await (const batch of fresh.scan('rows', { limit: 10 })) rows += batch.length
  expect(rows).toBe(100_010)
  expect(large.chunks.take().refs.length).toBeLessThan(2 * (runs + 1))
})
