import { expect, test } from 'vitest'
import { memoryStore } from '../../../adapters/memory.ts'
import { leftOn } from '../../../src/sync/leftovers.ts'
import type { Run } from '../../../src/sync/unit.ts'

test.each([
  [1, 0, [[1, 0, 1]]],
  [1, 1, [[1, 1, 0]]],
  [1, 2, []],
  [2, 0, [[2, 0, 1]]],
])('of pass %d, page %d: the rows of that page alone', async (pass, page, left) => {
  const dataset = await memoryStore().open('d')
  const keys = [
    [1, 0, 0],
    [1, 0, 1],
    [1, 1, 0],
    [2, 0, 0],
    [2, 0, 1],
  ]
  const put = keys.map((key) => ({ key, value: {} }))
  await dataset.commit({ unit: 'u', position: {}, expect: '', tables: { t: { put } } })
  const rows = new Map([['0.0', { key: [pass, page, 0], value: {} }]])
  expect(await leftOn({ dataset } as Run, 't', { fields: [], pass, page }, rows)).toEqual(left)
})
