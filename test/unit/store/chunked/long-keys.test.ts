import { expect, test } from 'vitest'
import { memoryChunks } from '../../../../adapters/memory.ts'
import { chunked } from '../../../../src/store/chunked/chunked.ts'
import type { Dataset } from '../../../../src/store/dataset.ts'
import { compareKeys } from '../../../../src/store/key.ts'

// Bounds of chunks are cut to 64 characters, where that is safe. A bound that is wrong loses the rows at it.

const cut = 'a'.repeat(62)

test.each([
  ['a letter at the cut', `${cut}bcd`],
  ['a surrogate pair at the cut', `${cut}😀😀`],
  ['the last character before the surrogates at the cut', `${cut}\ud7ff\ud7ff`],
  ['the one before it', `${cut}\ud7fe\ud7fe`],
  ['the greatest character at the cut', `${cut}\uffff\uffff`],
  ['only greatest characters', '\uffff'.repeat(80)],
  ['NUL at the cut', `${cut}\0\0\0`],
])('%s: the row is found, and what sorts after it is not mistaken for it', async (_, key) => {
  const chunks = memoryChunks({ limits: { chunkBytes: 50, inlineBytes: 0 } })
  const keys = [key.slice(0, -1), key, `${key}\0`, `${key}\uffff`, `${key}${'z'.repeat(50)}`]
  for (const each of keys) {
    const dataset = await chunked(chunks)
    expect(await put(dataset, [each], 0)).toMatchObject({ added: 1 })
  }
  // No bound has half a character: the head is the same text in every encoding.
  expect((await chunks.head())?.value).not.toMatch(/\\ud[89a-f]/i)
  const dataset = await chunked(chunks)
  expect(await put(dataset, keys, 0)).toMatchObject({ unchanged: 5 })
  expect(await scanned(dataset)).toEqual(
    keys.map((each) => [each, 0]).sort(([a], [b]) => compareKeys(a ?? '', b ?? '')),
  )
})

test('keys that differ only far behind the cut go through compaction unharmed', async () => {
  const chunks = memoryChunks({ limits: { chunkBytes: 600, inlineBytes: 0 } })
  const dataset = await chunked(chunks)
  const model = new Map<string, number>()
  for (let v = 0; v < 360; v++) {
    const keys = Array.from({ length: 5 }, (_, i) => `${'p'.repeat(90)}${(v * 37 + i * 101) % 400}`)
    for (const key of keys) model.set(key, v)
    await put(dataset, keys, v)
    expect(await dataset.count('t')).toBe(model.size)
  }
  expect(await scanned(dataset)).toEqual([...model].sort(([a], [b]) => compareKeys(a, b)))
  expect(await scanned(await chunked(chunks))).toHaveLength(model.size)
})

async function put(dataset: Dataset, keys: string[], v: number) {
  const { version } = await dataset.position('u')
  const changes = { put: keys.map((key) => ({ key, value: { v } })) }
  return (await dataset.commit({ unit: 'u', position: {}, expect: version, tables: { t: changes } })).tables.t
}

async function scanned(dataset: Dataset) {
  const rows: unknown[] = []
  for await (const batch of dataset.scan('t')) rows.push(...batch.map(({ key, value }) => [key, value.v]))
  return rows
}
