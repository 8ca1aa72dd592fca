import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { JsonObject } from '../../../src/json.ts'
import type { Commit, Dataset } from '../../../src/store/dataset.ts'

export type Change = Pick<Commit, 'tables' | 'drop' | 'swap'>
export type Tables = Record<string, Record<string, JsonObject>>
export type Limits = { chunkBytes: number; inlineBytes: number }

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

/** What the faults strike: change after change, each a commit whose position is its number. */
export const histories: readonly [name: string, limits: Limits, changes: Change[]][] = [
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

/** Goes on from the stored position to the end of the history. */
export async function playOn(
  dataset: Dataset,
  changes: readonly Change[],
  before = (_next: number) => {},
): Promise<void> {
  for (;;) {
    const { value, version } = await dataset.position('u')
    const next = typeof value === 'number' ? value + 1 : 0
    const change = changes[next]
    if (change === undefined) return
    before(next)
    await dataset.commit({ unit: 'u', position: next, expect: version, ...change })
  }
}

/** The rows are exactly those of the position, which is returned: -1 before the first commit. */
export async function checkPair(dataset: Dataset, states: readonly Tables[]): Promise<number> {
  const { value } = await dataset.position('u')
  const position = typeof value === 'number' ? value : -1
  const stored: Tables = {}
  for (const table of await dataset.tables()) {
    const rows: [string, JsonObject][] = []
    for await (const batch of dataset.scan(table)) for (const { key, value } of batch) rows.push([String(key), value])
    expect(rows.length).toBe(await dataset.count(table))
    stored[table] = Object.fromEntries(rows)
  }
  const promised = position < 0 ? {} : states[position]
  // Many times faster than `toEqual`, which then says what is different.
  if (!isDeepStrictEqual(stored, promised)) expect(stored).toEqual(promised)
  return position
}

/** The tables after each change. */
export function expected(changes: readonly Change[]): Tables[] {
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

export function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}
