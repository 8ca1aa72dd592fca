import { expect, test } from 'vitest'
import { memoryStore } from '../../../../adapters/memory.ts'
import { leftOn } from '../../../../src/sync/deletes/leftovers.ts'
import type { Run } from '../../../../src/sync/unit/unit.ts'

test.each([
  [
    1,
    0,
    [
      [1, 1],
      [1, 1, 0],
    ],
  ],
  [
    1,
    2,
    [
      [1, 2, 0],
      [1, 3],
    ],
  ],
  [1, 4, []],
  [2, 0, [[2, 1]]],
])('of pass %d, from row %d: what is left in the places of two rows, and nothing else', async (pass, row, left) => {
  const dataset = await memoryStore().open('d')
  const keys = [
    [1, 0],
    [1, 1],
    [1, 1, 0],
    [1, 2],
    [1, 2, 0],
    [1, 3],
    [2, 0],
    [2, 1],
  ]
  const put = keys.map((key) => ({ key, value: {} }))
  await dataset.commit({ unit: 'u', position: {}, expect: '', tables: { t: { put } } })
  const rows = new Map([[String(row), { key: [pass, row], value: {} }]])
  expect(await leftOn({ dataset } as Run, 't', { fields: [], pass, row }, 2, rows)).toEqual(left)
})
