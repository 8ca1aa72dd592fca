import { describe, expect, test } from 'vitest'
import { defineSource, openDataset, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { SyncReport } from '../../src/report.ts'
import type { Store } from '../../src/store/index.ts'
import { expectBalance } from '../support/balance.ts'
import { atEveryCommit } from '../support/cuts.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'

const page = (limit: number) => ({ paginator: { type: 'offset', limit }, incremental: undefined })

function itemsOf(report: SyncReport | undefined) {
  expectBalance(report)
  const { added, updated, unchanged, deleted, duplicates, filtered, quarantined, swept, complete } =
    report?.resources.items ?? {}
  return { added, updated, unchanged, deleted, duplicates, filtered, quarantined, swept, complete }
}

/** All counts 0 and complete, but for these. */
function counts(some: Partial<ReturnType<typeof itemsOf>>) {
  const none = { added: 0, updated: 0, unchanged: 0, deleted: 0, duplicates: 0, filtered: 0, quarantined: 0, swept: 0 }
  return { ...none, complete: true, ...some }
}

/** Rows of a table, values only. */
async function rowsIn(store: Store, table: string, dataset = 'test'): Promise<JsonObject[]> {
  const rows: JsonObject[] = []
  for await (const entries of (await store.open(dataset)).scan(table)) rows.push(...entries.map(({ value }) => value))
  return rows
}

async function keysIn(store: Store, table: string, dataset = 'test'): Promise<unknown[]> {
  const keys: unknown[] = []
  for await (const entries of (await store.open(dataset)).scan(table)) keys.push(...entries.map(({ key }) => key))
  return keys
}

describe('insert-only', () => {
  const source = itemsSource({ writeDisposition: { disposition: 'merge', strategy: 'insert-only' } }, page(2))

  test('leaves what is stored, and adds what is not; the first of several rows of a page stays', async () => {
    const { api, store, ports } = itemsWorld([{ id: 1, v: 'a' }])
    await sync(source, store, { ports })
    // Over pages, and over a commit of several pages, as well as within one.
    api.tables['/items'] = [
      { id: 2, v: 'a' },
      { id: 2, v: 'b' },
      { id: 1, v: 'b' },
      { id: 3, v: 'a' },
      { id: 3, v: 'b' },
    ]
    const report = await sync(source, store, { ports })
    expect(itemsOf(report)).toEqual(counts({ added: 2, unchanged: 2, duplicates: 1 }))
    expect(await itemsIn(store)).toEqual([1, 2, 3].map((id) => ({ id, v: 'a' })))
  })

  test('what is marked as deleted is only left out', async () => {
    const { store, ports, api } = itemsWorld([{ id: 1 }])
    const marked = itemsSource(
      { writeDisposition: { disposition: 'merge', strategy: 'insert-only' }, columns: { gone: { hardDelete: true } } },
      page(10),
    )
    await sync(marked, store, { ports })
    api.tables['/items'] = [{ id: 1, gone: true }, { id: 2, gone: true }, { id: 3 }]
    expect(itemsOf(await sync(marked, store, { ports }))).toEqual(counts({ added: 1, filtered: 2 }))
    expect(await itemsIn(store)).toEqual([{ id: 1 }, { id: 3 }])
  })

  test('with dedupSort, the newest row of a page is the one that is added', async () => {
    const { store, ports } = itemsWorld([
      { id: 1, at: 2 },
      { id: 1, at: 3 },
      { id: 1, at: 1 },
    ])
    const sorted = itemsSource(
      { writeDisposition: { disposition: 'merge', strategy: 'insert-only' }, columns: { at: { dedupSort: 'desc' } } },
      page(10),
    )
    await sync(sorted, store, { ports })
    expect(await itemsIn(store)).toEqual([{ id: 1, at: 3 }])
  })

  test('dies at any commit and goes on: the same rows', async () => {
    const end = await atEveryCommit(
      () => itemsWorld(manyRows(6)),
      async ({ api, store, ports }, run) => {
        await run((dying) => sync(source, dying, { ports }))
        api.tables['/items'] = manyRows(9).map((row): JsonObject => ({ ...row, name: 'new' }))
        expectBalance(await run((dying) => sync(source, dying, { ports })))
        expectBalance(await run((dying) => sync(source, dying, { ports, full: true })))
        return (await itemsIn(store)).map(({ name }) => name)
      },
    )
    expect(end).toEqual([...manyRows(6).map(({ name }) => name), 'new', 'new', 'new'])
  })
})

describe('hardDelete', () => {
  const source = itemsSource({ columns: { gone: { hardDelete: true } } }, page(3))

  test.each<[unknown, boolean]>([
    [true, true],
    [false, false],
    [null, false],
    [undefined, false],
    ['2024-01-01', true],
    ['', true],
    [0, true],
    [{}, true],
  ])('a row marked with %j is deleted: %s', async (gone, deleted) => {
    const { api, store, ports } = itemsWorld([{ id: 1 }, { id: 2 }])
    await sync(source, store, { ports })
    api.tables['/items'] = [{ id: 1, ...(gone !== undefined && { gone: gone as string }) }]
    const { deleted: counted } = itemsOf(await sync(source, store, { ports }))
    expect([counted, (await itemsIn(store)).length]).toEqual(deleted ? [1, 1] : [0, 2])
  })

  test('of a row that is not stored is no error, and counts; the last row of a page decides', async () => {
    const { api, store, ports } = itemsWorld([{ id: 1 }, { id: 2 }])
    await sync(source, store, { ports })
    api.tables['/items'] = [
      { id: 1 },
      { id: 1, gone: true },
      { id: 2, gone: true },
      { id: 2, v: 1 },
      { id: 9, gone: true },
    ]
    expect(itemsOf(await sync(source, store, { ports }))).toEqual(counts({ added: 1, deleted: 3, duplicates: 1 }))
    expect(await itemsIn(store)).toEqual([{ id: 2, v: 1 }])
  })

  test('a row that comes back is added again, also within a pass', async () => {
    const { api, store, ports } = itemsWorld(manyRows(3))
    await sync(source, store, { ports })
    api.tables['/items'] = [{ id: 1, gone: true }, { id: 2 }, { id: 3 }, { id: 1, v: 2 }]
    for (const full of [false, true]) {
      expectBalance(await sync(source, store, { ports, full }))
      expect(await itemsIn(store)).toEqual([{ id: 1, v: 2 }, { id: 2 }, { id: 3 }])
    }
  })

  test('of what a schema refuses or strips: the flag of the record as received', async () => {
    const validate = (row: JsonObject) =>
      row.name === undefined ? { issues: [{ message: 'no name' }] } : { value: { id: row.id, name: row.name } }
    const schema = { '~standard': { version: 1, vendor: 'test', validate } }
    const typed = itemsSource({ columns: { gone: { hardDelete: true }, name: { nullable: false } }, schema }, page(50))
    const { api, store, ports } = itemsWorld(manyRows(40))
    await sync(typed, store, { ports })
    const marks: JsonObject[] = [
      { id: 1, gone: true },
      { id: 2, name: 'x', gone: 'yes' },
      { id: 3, gone: 'no' },
    ]
    api.tables['/items'] = [...marks, ...manyRows(37, 4)]
    // What 'no' means, only the schema could say.
    expect(itemsOf(await sync(typed, store, { ports }))).toMatchObject({ deleted: 2, quarantined: 1, unchanged: 37 })
    expect((await itemsIn(store)).slice(0, 2).map(({ id }) => id)).toEqual([3, 4])
  })

  test('in a replaced table too; appended rows are kept as they come', async () => {
    const rows = [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 1, gone: true }]
    const replaced = itemsWorld(rows)
    const report = await sync(source, replaced.store, { ports: replaced.ports, writeDisposition: 'replace' })
    expect(itemsOf(report)).toEqual(counts({ added: 3, deleted: 1 }))
    expect(await itemsIn(replaced.store)).toEqual([{ id: 2 }, { id: 3 }])
    const appended = itemsWorld(rows)
    await sync(source, appended.store, { ports: appended.ports, writeDisposition: 'append' })
    expect(await itemsIn(appended.store)).toEqual(rows)
  })

  test('dies at any commit and goes on: what is marked is gone', async () => {
    const rest = await atEveryCommit(
      () => itemsWorld(manyRows(10)),
      async ({ api, store, ports }, run) => {
        await run((dying) => sync(source, dying, { ports }))
        api.tables['/items'] = manyRows(10).map((row): JsonObject => ({ ...row, gone: Number(row.id) % 3 === 0 }))
        await run((dying) => sync(source, dying, { ports }))
        return (await itemsIn(store)).map(({ id }) => id)
      },
    )
    expect(rest).toEqual([1, 2, 4, 5, 7, 8, 10])
  })
})

describe('dedupSort', () => {
  const by = (dedupSort: 'asc' | 'desc', limit: number, more = {}) =>
    itemsSource({ columns: { at: { dedupSort }, ...more } }, page(limit))

  test.each<['asc' | 'desc', unknown[], unknown]>([
    ['desc', [1, 3, 2], 3],
    ['asc', [2, 1, 3], 1],
    // Instants and numbers in text, not letters.
    ['desc', ['2024-01-01T12:00:00Z', '2024-01-01T13:30:00+02:00'], '2024-01-01T12:00:00Z'],
    ['desc', ['9', '10', '8'], '10'],
    ['desc', [9, '10', 8], '10'],
    // One without a value loses, whichever way rows are sorted, and so does one whose value cannot be compared.
    ['desc', [1, null], 1],
    ['asc', [null, 1, undefined], 1],
    ['asc', [1, { x: 0 }], 1],
  ])('%s of %j: %j wins, within a page, over pages and over runs', async (order, values, winner) => {
    const rows = values.map((at, v): JsonObject => ({ id: 1, v, ...(at !== undefined && { at: at as number }) }))
    for (const limit of [10, 2]) {
      const { store, ports } = itemsWorld(rows.flatMap((row, index) => [row, { id: 100 + index }]))
      expectBalance(await sync(by(order, limit), store, { ports }))
      expect((await itemsIn(store))[0]?.at).toEqual(winner)
    }
    const { api, store, ports } = itemsWorld([])
    for (const row of rows) {
      api.tables['/items'] = [row]
      expectBalance(await sync(by(order, 10), store, { ports }))
    }
    expect((await itemsIn(store)).map(({ at }) => at)).toEqual([winner])
  })

  test('of equal values the later row wins: a changed row is never dropped', async () => {
    const { api, store, ports } = itemsWorld([{ id: 1, at: 1, v: 1 }])
    await sync(by('desc', 10), store, { ports })
    api.tables['/items'] = [{ id: 1, at: 1, v: 2 }]
    expect(itemsOf(await sync(by('desc', 10), store, { ports }))).toMatchObject({ updated: 1 })
    expect(await itemsIn(store)).toEqual([{ id: 1, at: 1, v: 2 }])
  })

  test('an older row counts as unchanged, and a full refresh does not sweep what it stands for', async () => {
    const { api, store, ports } = itemsWorld([
      { id: 1, at: 5 },
      { id: 2, at: 5 },
    ])
    await sync(by('desc', 10), store, { ports })
    api.tables['/items'] = [
      { id: 1, at: 4 },
      { id: 2, at: 6 },
    ]
    const report = await sync(by('desc', 10), store, { ports, full: true })
    expect(itemsOf(report)).toEqual(counts({ unchanged: 1, updated: 1 }))
    expect((await itemsIn(store)).map(({ at }) => at)).toEqual([5, 6])
  })

  test('with hardDelete: the newest decides, in whatever order states come', async () => {
    const states = [{ at: 1 }, { at: 2, gone: true }, { at: 3 }, { at: 4, gone: true }]
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 3, 1],
      [0, 3],
      [3, 0],
    ]
    const source = by('desc', 2, { gone: { hardDelete: true } })
    for (const [order, left] of [...orders.map((each) => [each, 0] as const), [[2, 1, 0], 1] as const]) {
      const rows = order.flatMap((index): JsonObject[] => [{ id: 1, ...states[index] }, { id: 100 + index }])
      const { store, ports } = itemsWorld(rows)
      expectBalance(await sync(source, store, { ports }))
      expect([order, (await itemsIn(store)).length]).toEqual([order, order.length + left])
    }
  })

  test('with hardDelete: what is older than its deletion stays deleted in later passes too; what is newer is back', async () => {
    const source = by('desc', 10, { gone: { hardDelete: true } })
    const { api, store, ports } = itemsWorld([{ id: 1, at: 1 }])
    const seen: unknown[] = []
    for (const row of [{ at: 3, gone: true }, { at: 2 }, { at: 4 }, { gone: true }, { at: 1 }]) {
      api.tables['/items'] = [{ id: 1, ...row } as JsonObject]
      const { added, deleted } = itemsOf(await sync(source, store, { ports }))
      seen.push([added, deleted, (await itemsIn(store)).length])
    }
    // A deletion without a value is one of now, and nothing is known to be older than it.
    expect(seen).toEqual([
      [0, 1, 0],
      [0, 1, 0],
      [1, 0, 1],
      [0, 1, 0],
      [1, 0, 1],
    ])
  })

  test('dies at any commit and goes on: no older state wins', async () => {
    const source = by('desc', 3, { gone: { hardDelete: true } })
    const rest = await atEveryCommit(
      () => itemsWorld(manyRows(9).map((row): JsonObject => ({ ...row, at: 5 }))),
      async ({ api, store, ports }, run) => {
        await run((dying) => sync(source, dying, { ports }))
        const later = [7, 4, 6].flatMap((at) =>
          [1, 2, 3].map((id): JsonObject => ({ id: id === 2 ? at + 100 : id, at: at + id, gone: id === 3 })),
        )
        api.tables['/items'] = [...later, ...manyRows(2, 3).map((row): JsonObject => ({ ...row, at: 4 }))]
        await run((dying) => sync(source, dying, { ports }))
        return (await itemsIn(store)).map(({ id, at }) => [id, at])
      },
    )
    const same = [4, 5, 6, 7, 8, 9].map((id) => [id, 5])
    expect(rest).toEqual([[1, 8], [2, 5], ...same, [104, 6], [106, 8], [107, 9]])
  })
})

describe('maxDeleteRatio', () => {
  const source = (maxDeleteRatio: number | undefined, twoStrike = false) =>
    itemsSource(
      {
        writeDisposition: {
          disposition: 'merge',
          twoStrike,
          ...(maxDeleteRatio !== undefined && { maxDeleteRatio }),
        },
      },
      page(10),
    )

  test.each<[number | undefined, number, number, boolean]>([
    [undefined, 10, 5, false],
    [undefined, 10, 6, true],
    [0.2, 10, 2, false],
    [0.2, 10, 3, true],
    [0, 10, 1, true],
    [0, 10, 0, false],
    [1, 10, 10, false],
    // A small table is no exception: an API that answers with nothing by mistake empties it all the same.
    [undefined, 1, 1, true],
    [undefined, 2, 1, false],
    [undefined, 3, 2, true],
  ])('%d of a table of %d rows, of which %d are gone: asks %s', async (ratio, size, gone, asks) => {
    const { api, store, ports } = itemsWorld(manyRows(size))
    await sync(source(ratio), store, { ports })
    api.tables['/items']?.splice(0, gone)
    const report = await sync(source(ratio), store, { ports, full: true })
    expect(report.status).toBe(asks ? 'needs_confirmation' : 'done')
    expect(await itemsIn(store)).toHaveLength(asks ? size : size - gone)
    if (report.confirm === undefined) return
    const wrong = await sync(source(ratio), store, { ports, full: true, confirm: 'wrong' })
    expect(wrong.status).toBe('needs_confirmation')
    const confirmed = await sync(source(ratio), store, { ports, full: true, confirm: report.confirm })
    expect(itemsOf(confirmed)).toMatchObject({ swept: gone })
    expect(await itemsIn(store)).toEqual(api.tables['/items'])
  })

  test('with twoStrike, the second strike asks', async () => {
    const { api, store, ports } = itemsWorld(manyRows(10))
    await sync(source(0.2, true), store, { ports })
    api.tables['/items']?.splice(0, 4)
    const first = await sync(source(0.2, true), store, { ports, full: true })
    expect(first.status).toBe('done')
    const second = await sync(source(0.2, true), store, { ports, full: true })
    expect(second.status).toBe('needs_confirmation')
    expect(await itemsIn(store)).toHaveLength(10)
    const confirm = second.confirm ?? ''
    expect(itemsOf(await sync(source(0.2, true), store, { ports, full: true, confirm }))).toMatchObject({ swept: 4 })
    expect(await itemsIn(store)).toEqual(api.tables['/items'])
  })
})

/** The last pass that was completed. */
async function passed(store: Store): Promise<unknown> {
  const { value } = await (await store.open('test')).position('items')
  return (value as JsonObject | undefined)?.passed
}

describe('twoStrike', () => {
  const source = itemsSource({ writeDisposition: { disposition: 'merge', twoStrike: true } }, page(4))
  const without = (...ids: number[]) => manyRows(12).filter(({ id }) => !ids.includes(Number(id)))

  test('deletes only what was missing in two complete passes one after the other', async () => {
    const { api, store, ports } = itemsWorld(manyRows(12))
    await sync(source, store, { ports })
    const swept: unknown[] = []
    for (const rows of [without(1, 2), without(2, 3), without(1, 3), without(1)]) {
      api.tables['/items'] = rows
      const report = await sync(source, store, { ports, full: true })
      swept.push([itemsOf(report).swept, report.resources.items?.unswept !== undefined])
    }
    // Missing for the first time: 1 and 2; 2 again; 3 again, and 1 for the first time since it was there; 1 again.
    expect(swept).toEqual([
      [0, true],
      [1, true],
      [1, true],
      [1, false],
    ])
    expect((await itemsIn(store)).map(({ id }) => id)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(await keysIn(store, '_missing/items')).toEqual([])
  })

  test.each<[string, (world: ReturnType<typeof itemsWorld>) => Promise<unknown>]>([
    ['in a run that reads only what has changed', ({ store, ports }) => sync(source, store, { ports })],
    [
      'in a full refresh that is not complete',
      ({ store, ports }) => sync(source, store, { ports, full: true, limit: { pages: 1 } }),
    ],
  ])('a row that is seen %s loses its mark', async (_, see) => {
    const world = itemsWorld(manyRows(12))
    const { api, store, ports } = world
    await sync(source, store, { ports })
    for (let times = 0; times < 2; times++) {
      api.tables['/items'] = without(1)
      expect(itemsOf(await sync(source, store, { ports, full: true })).swept).toBe(0)
      expect(await keysIn(store, '_missing/items')).toEqual([1])
      api.tables['/items'] = manyRows(12)
      await see(world)
      expect(await keysIn(store, '_missing/items')).toEqual([])
    }
    expect(await itemsIn(store)).toHaveLength(12)
  })

  test('an incomplete pass is no strike', async () => {
    const { api, store, ports } = itemsWorld(manyRows(12))
    await sync(source, store, { ports })
    api.tables['/items'] = without(1)
    await sync(source, store, { ports, full: true })
    await sync(source, store, { ports, full: true, limit: { pages: 2 } })
    expect(await itemsIn(store)).toHaveLength(12)
    await sync(source, store, { ports, full: true })
    expect(await itemsIn(store)).toHaveLength(11)
  })

  test('marks are forgotten when the option is taken away, and when the table is replaced', async () => {
    const plain = itemsSource({}, page(4))
    for (const forgets of [{ source: plain }, { source, writeDisposition: 'replace' as const }]) {
      const { api, store, ports } = itemsWorld(manyRows(12))
      await sync(source, store, { ports })
      api.tables['/items'] = without(1)
      await sync(source, store, { ports, full: true })
      api.tables['/items'] = []
      const { source: other, ...options } = forgets
      await sync(other, store, { ports, ...options })
      expect(await keysIn(store, '_missing/items')).toEqual([])
    }
  })

  test('a row that the API marks as deleted goes at once, with its mark', async () => {
    const marked = itemsSource(
      { writeDisposition: { disposition: 'merge', twoStrike: true }, columns: { gone: { hardDelete: true } } },
      page(4),
    )
    const { api, store, ports } = itemsWorld(manyRows(12))
    await sync(marked, store, { ports })
    api.tables['/items'] = without(1)
    await sync(marked, store, { ports, full: true })
    api.tables['/items'] = [{ id: 1, gone: true }]
    await sync(marked, store, { ports })
    expect([(await itemsIn(store)).length, await keysIn(store, '_missing/items')]).toEqual([11, []])
  })

  test('dies at any commit, also in the midst of many strikes, and no row gets two in one pass', async () => {
    const rows = manyRows(2300)
    const big = itemsSource({ writeDisposition: { disposition: 'merge', twoStrike: true } }, page(1000))
    const end = await atEveryCommit(
      () => itemsWorld(rows, { limits: { chunkBytes: 1 << 14 } }),
      async ({ api, store, ports }, run) => {
        await sync(big, store, { ports })
        const sizes: unknown[] = []
        for (const left of [rows.slice(1100), rows.slice(1050)]) {
          api.tables['/items'] = left
          const before = await passed(store)
          // Who dies behind the last commit has nothing left to do: another run would be another strike.
          await run(async (dying) => {
            if ((await passed(store)) === before) expectBalance(await sync(big, dying, { ports, full: true }))
          })
          sizes.push([(await itemsIn(store)).length, (await keysIn(store, '_missing/items')).length])
        }
        return sizes
      },
    )
    expect(end).toEqual([
      [2300, 1100],
      [1250, 0],
    ])
  }, 60_000)
})

describe('appending after a pass that was not complete', () => {
  const appended = (limit = 10) =>
    itemsSource({ writeDisposition: 'append', primaryKey: undefined }, { paginator: { type: 'offset', limit } })
  const ids = async (store: Store) => (await itemsIn(store)).map(({ id }) => id)

  test.each<[string, JsonObject[], number]>([
    ['the same rows', manyRows(25), 10],
    ['fewer rows', manyRows(5, 20), 10],
    ['rows of which some are others', [...manyRows(3, 100), ...manyRows(20, 2)], 10],
    ['the same rows on larger pages', manyRows(25), 7],
    ['the same rows on smaller pages', manyRows(25), 16],
    ['no rows', [], 10],
  ])('the pass that reads its window again takes the place of its rows: %s', async (_, rows, limit) => {
    const { api, store, ports } = itemsWorld(manyRows(25))
    await sync(appended(), store, { ports, limit: { records: 22 } })
    expect(await ids(store)).toEqual(manyRows(22).map(({ id }) => id))
    api.tables['/items'] = rows
    for (let run = 0; run < 2; run++) {
      expectBalance(await sync(appended(limit), store, { ports }))
      expect(await ids(store)).toEqual(rows.map(({ id }) => id))
    }
    api.tables['/items'] = [...rows, { id: 500, updated_at: '2024-06-01T00:00:00Z' }]
    expect(itemsOf(await sync(appended(limit), store, { ports }))).toMatchObject({ added: 1 })
    expect(await ids(store)).toEqual([...rows.map(({ id }) => id), 500])
  })

  test.each([10, 7, 16])(
    'what it had put into quarantine goes, where the record is sound now: in pages of %i',
    async (limit) => {
      const strict = (size: number) =>
        itemsSource(
          { writeDisposition: 'append', primaryKey: undefined, columns: { name: { nullable: false } } },
          { paginator: { type: 'offset', limit: size } },
        )
      const broken = (...places: number[]) =>
        manyRows(40).map((row, index): JsonObject => (places.includes(index) ? { ...row, name: null } : row))
      const aside = async (store: Store) => {
        const data = await openDataset(strict(10), store)
        const records: unknown[] = []
        for await (const { record } of data.quarantine()) records.push((record as JsonObject).id)
        return records
      }
      const { api, store, ports } = itemsWorld(broken(3, 13))
      await sync(strict(10), store, { ports, limit: { records: 32 } })
      expect([await aside(store), (await ids(store)).length]).toEqual([[4, 14], 30])
      api.tables['/items'] = broken(13, 20)
      expectBalance(await sync(strict(limit), store, { ports }))
      expect([await aside(store), (await ids(store)).length]).toEqual([[14, 21], 38])
    },
  )

  test('a pass that is not complete either removes nothing behind its last page', async () => {
    const { store, ports } = itemsWorld(manyRows(25))
    await sync(appended(), store, { ports, limit: { pages: 2 } })
    expect(itemsOf(await sync(appended(), store, { ports, limit: { pages: 1 } }))).toMatchObject({ unchanged: 10 })
    expect(await ids(store)).toHaveLength(20)
    expect(itemsOf(await sync(appended(), store, { ports }))).toMatchObject({ unchanged: 20, added: 5 })
  })

  test('rows of complete passes before it stay', async () => {
    const { api, store, ports } = itemsWorld(manyRows(12))
    await sync(appended(), store, { ports })
    api.tables['/items'] = manyRows(30)
    await sync(appended(), store, { ports, limit: { pages: 1 } })
    await sync(appended(), store, { ports })
    expect(await ids(store)).toEqual(manyRows(30).map(({ id }) => id))
  })

  test('a window that begins elsewhere appends: rows twice are better than rows lost', async () => {
    const { store, ports } = itemsWorld(manyRows(25))
    await sync(appended(), store, { ports, limit: { pages: 2 } })
    const later = itemsSource(
      { writeDisposition: 'append', primaryKey: undefined },
      { incremental: { cursorPath: 'updated_at', startParam: 'since', initialValue: '2024-01-01T00:00:20.000Z' } },
    )
    await sync(later, store, { ports })
    expect((await ids(store)).sort()).toEqual([...manyRows(20), ...manyRows(6, 20)].map(({ id }) => id).sort())
  })

  test('a first full refresh that is not complete is one, and a later one replaces nothing', async () => {
    const { store, ports } = itemsWorld(manyRows(25))
    await sync(appended(), store, { ports, full: true, limit: { records: 5 } })
    expect(await ids(store)).toHaveLength(5)
    expect(itemsOf(await sync(appended(), store, { ports }))).toMatchObject({ unchanged: 5, added: 20 })
    await sync(appended(), store, { ports, full: true, limit: { records: 5 } })
    expect(await ids(store)).toEqual(manyRows(25).map(({ id }) => id))
  })

  test('a full refresh in between forgets it', async () => {
    const { api, store, ports } = itemsWorld(manyRows(25))
    await sync(appended(), store, { ports, limit: { pages: 2 } })
    await sync(appended(), store, { ports, full: true })
    api.tables['/items'] = [...manyRows(25), { id: 500, updated_at: '2024-06-01T00:00:00Z' }]
    expect(itemsOf(await sync(appended(), store, { ports }))).toMatchObject({ added: 1 })
    expect(await ids(store)).toHaveLength(26)
  })

  test('dies at any commit and goes on: each row once', async () => {
    const rest = await atEveryCommit(
      () => itemsWorld(manyRows(25)),
      async ({ api, store, ports }, run) => {
        await run((dying) => sync(appended(), dying, { ports, limit: { pages: 2 } }))
        api.tables['/items'] = manyRows(12, 3)
        await run((dying) => sync(appended(4), dying, { ports }))
        await run((dying) => sync(appended(4), dying, { ports }))
        return ids(store)
      },
    )
    expect(rest).toEqual(manyRows(12, 3).map(({ id }) => id))
  })
})

test('a trial of a replaced table is not published by a later run without a limit either', async () => {
  const source = itemsSource({ writeDisposition: 'replace' }, page(10))
  const rows = await atEveryCommit(
    () => itemsWorld(manyRows(25), { limits: { minPublishMs: 1 } }),
    async ({ store, ports }, run) => {
      await sync(source, store, { ports })
      let limit: { limit?: { records: number } } = { limit: { records: 5 } }
      await run((dying) => {
        const options = limit
        limit = {}
        return sync(source, dying, { ports, ...options })
      })
      return (await itemsIn(store)).length
    },
  )
  expect(rows).toBe(25)
})

describe('children', () => {
  interface Blog {
    posts?: object
    comments?: object
    likes?: object
    commentsEndpoint?: object
  }

  function sourceOf({ posts = {}, comments = {}, likes = {}, commentsEndpoint = {} }: Blog = {}) {
    return defineSource({
      name: 'blog',
      ...pagedBy(3),
      resources: [
        { name: 'posts', endpoint: { path: '/posts' }, columns: { gone: { hardDelete: true } }, ...posts },
        {
          name: 'comments',
          endpoint: { path: '/posts/{resources.posts.id}/comments', ...commentsEndpoint },
          ...comments,
        },
        { name: 'likes', endpoint: { path: '/comments/{resources.comments.id}/likes' }, ...likes },
      ],
    })
  }

  /** Posts 1 to 5; post n has comments n0 and n1, and each of those one like, n00 and n10. */
  function blog(limits = {}) {
    const world = itemsWorld([], limits)
    const api = fakeApi({})
    fill(api.tables, [1, 2, 3, 4, 5])
    return { ...world, api, ports: fakePorts({ fetch: api.fetch }) }
  }

  function fill(tables: Record<string, JsonObject[]>, posts: number[]) {
    tables['/posts'] = posts.map((id) => ({ id, updated_at: '2024-01-01' }))
    for (const post of posts) {
      const comments = [post * 10, post * 10 + 1]
      tables[`/posts/${post}/comments`] = comments.map((id) => ({ id, updated_at: '2024-01-02' }))
      for (const id of comments) tables[`/comments/${id}/likes`] = [{ id: id * 10 }]
    }
  }

  const idsIn = async (store: Store, table: string) => (await rowsIn(store, table, 'blog')).map(({ id }) => id)
  const all = async (store: Store) => [
    await idsIn(store, 'posts'),
    await idsIn(store, 'comments'),
    await idsIn(store, 'likes'),
  ]
  const left = (...posts: number[]) => [
    posts,
    posts.flatMap((id) => [id * 10, id * 10 + 1]),
    posts.flatMap((id) => [id * 100, id * 100 + 10]),
  ]
  const systemTables = async (store: Store) =>
    (await (await store.open('blog')).tables()).filter((name) => /^_(gone|seen|staged|pending|missing)/.test(name))

  test('of a parent that the API marks as deleted are deleted, at any depth, without a full refresh', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf()
    await sync(source, store, { ports })
    api.tables['/posts'] = [{ id: 1, gone: true }, { id: 4, gone: true }, { id: 9, gone: true }, { id: 2 }]
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources).toMatchObject({
      posts: { deleted: 3, swept: 0 },
      comments: { swept: 4 },
      likes: { swept: 4 },
    })
    expect(await all(store)).toEqual(left(2, 3, 5))
    expect(await systemTables(store)).toEqual([])
    expect(await keysIn(store, '_parents/comments', 'blog')).toEqual(left(2, 3, 5)[1])
  })

  test('go although they were not asked for, with the requests for them that were not made yet', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf()
    await sync(source, store, { ports })
    const postsOnly = { ports, resources: ['posts'] as const }
    await sync(source, store, postsOnly)
    fill(api.tables, [2, 3, 5])
    delete api.tables['/posts/1/comments']
    delete api.tables['/posts/4/comments']
    expectBalance(await sync(source, store, { ...postsOnly, full: true }))
    expect(await all(store)).toEqual(left(2, 3, 5))
    // What the earlier run had left for them is asked for, of those that are still there.
    expectBalance(await sync(source, store, { ports }))
    expect(await all(store)).toEqual(left(2, 3, 5))
  })

  test('of a swept parent are deleted although theirs is no complete pass, and those of others are not', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf({ commentsEndpoint: { responseActions: [{ statusCode: 404, action: 'ignore' }] } })
    await sync(source, store, { ports })
    fill(api.tables, [2, 3, 4, 5])
    delete api.tables['/posts/3/comments']
    api.tables['/posts/4/comments'] = [{ id: 40 }]
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({ complete: false, swept: 2 })
    expect(await all(store)).toEqual(left(2, 3, 4, 5))
  })

  test('of parents in quarantine, and what hangs on them, stay', async () => {
    const validate = (row: JsonObject) => (row.bad ? { issues: [{ message: 'bad' }] } : { value: row })
    const source = sourceOf({ posts: { schema: { '~standard': { version: 1, vendor: 'test', validate } } } })
    const { api, store, ports } = blog()
    await sync(source, store, { ports })
    fill(api.tables, [2, 3, 4, 5])
    Object.assign(api.tables['/posts']?.[1] ?? {}, { bad: true })
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    for (const name of ['posts', 'comments', 'likes'] as const)
      expect(report.resources[name]).toMatchObject({ swept: 0, unswept: 'rows are in quarantine' })
    expect(await all(store)).toEqual(left(1, 2, 3, 4, 5))
  })

  test('of a parent that comes back are all read again, not only those that have changed since', async () => {
    const incremental = { cursorPath: 'updated_at', startParam: 'since', onCursorValueMissing: 'include' }
    const source = sourceOf({ commentsEndpoint: { incremental } })
    const { api, store, ports } = blog()
    await sync(source, store, { ports })
    const comments = api.tables['/posts/1/comments'] ?? []
    comments.push({ id: 12, updated_at: '2024-03-01' })
    api.tables['/comments/12/likes'] = []
    await sync(source, store, { ports })
    expect(await keysIn(store, '_cursors', 'blog')).toHaveLength(5)
    api.tables['/posts'] = [{ id: 1, gone: true }]
    await sync(source, store, { ports })
    expect([await idsIn(store, 'comments'), (await keysIn(store, '_cursors', 'blog')).length]).toEqual([
      left(2, 3, 4, 5)[1],
      4,
    ])
    api.tables['/posts'] = [{ id: 1 }]
    await sync(source, store, { ports })
    expect(await idsIn(store, 'comments')).toEqual([10, 11, 12, ...(left(2, 3, 4, 5)[1] ?? [])])
  })

  test('that moved to another parent are not deleted with the first one', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf()
    await sync(source, store, { ports })
    api.tables['/posts/2/comments']?.push({ id: 10 })
    api.tables['/posts/1/comments'] = [{ id: 11 }]
    await sync(source, store, { ports })
    api.tables['/posts'] = [{ id: 1, gone: true }]
    await sync(source, store, { ports })
    expect(await idsIn(store, 'comments')).toEqual([10, ...(left(2, 3, 4, 5)[1] ?? [])])
  })

  test('of a parent that is deleted and comes back before the end of a pass stay', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf()
    await sync(source, store, { ports })
    api.tables['/posts'] = [{ id: 1, gone: true }, { id: 2 }, { id: 3 }, { id: 1 }]
    await sync(source, store, { ports })
    expect(await all(store)).toEqual(left(1, 2, 3, 4, 5))
  })

  test('of parents that are only read for their sake go with them', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf({ posts: { selected: false, columns: { gone: { hardDelete: true } } } })
    await sync(source, store, { ports })
    api.tables['/posts'] = [{ id: 1, gone: true }, { id: 2 }]
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.posts).toMatchObject({ deleted: 1, unchanged: 1 })
    expect((await all(store)).slice(1)).toEqual(left(2, 3, 4, 5).slice(1))
  })

  test('that are appended or replaced are no copies of what their parents have, and stay', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf({ comments: { writeDisposition: 'append' }, likes: { writeDisposition: 'append' } })
    await sync(source, store, { ports })
    api.tables['/posts'] = [{ id: 1, gone: true }]
    await sync(source, store, { ports })
    expect(await idsIn(store, 'comments')).toHaveLength(10)
  })

  test('with twoStrike of the parents stay as long as those', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf({ posts: { writeDisposition: { disposition: 'merge', twoStrike: true } } })
    await sync(source, store, { ports })
    fill(api.tables, [2, 3, 5])
    expectBalance(await sync(source, store, { ports, full: true }))
    expect(await all(store)).toEqual(left(1, 2, 3, 4, 5))
    expectBalance(await sync(source, store, { ports, full: true }))
    expect(await all(store)).toEqual(left(2, 3, 5))
    expect(await systemTables(store)).toEqual([])
  })

  test('replaced ones are not published without those of parents in quarantine', async () => {
    const validate = (row: JsonObject) => (row.bad ? { issues: [{ message: 'bad' }] } : { value: row })
    const schema = { '~standard': { version: 1, vendor: 'test', validate } }
    const source = sourceOf({
      posts: { writeDisposition: 'replace', schema },
      comments: { writeDisposition: 'replace' },
      likes: { writeDisposition: 'replace' },
    })
    const { api, store, ports } = blog()
    Object.assign(api.tables['/posts']?.[1] ?? {}, { bad: true })
    // Where nothing is, what was read is more than nothing.
    const first = await sync(source, store, { ports })
    expectBalance(first)
    expect(first.resources.comments?.unswept).toBeUndefined()
    expect(await all(store)).toEqual(left(1, 3, 4, 5))
    fill(api.tables, [1, 2, 3])
    await sync(source, store, { ports })
    expect(await all(store)).toEqual(left(1, 2, 3))
    Object.assign(api.tables['/posts']?.[1] ?? {}, { bad: true })
    const second = await sync(source, store, { ports })
    expectBalance(second)
    for (const name of ['comments', 'likes'] as const)
      expect(second.resources[name]?.unswept).toBe('parents are in quarantine: what hangs on them was not read')
    expect(await all(store)).toEqual([[1, 3], ...left(1, 2, 3).slice(1)])
  })

  test('dies at any commit and goes on: what hangs on deleted rows is gone, and nothing else', async () => {
    const end = await atEveryCommit(
      () => blog(),
      async ({ api, store, ports }, run) => {
        const source = sourceOf()
        await sync(source, store, { ports })
        api.tables['/posts'] = [{ id: 1, gone: true }, { id: 2 }, { id: 4, gone: true }]
        expectBalance(await run((dying) => sync(source, dying, { ports })))
        const marked = await all(store)
        fill(api.tables, [2, 5])
        expectBalance(await run((dying) => sync(source, dying, { ports, full: true, resources: ['posts'] })))
        return [marked, await all(store), await systemTables(store)]
      },
    )
    expect(end).toEqual([left(2, 3, 5), left(2, 5), ['_pending/comments']])
  })

  test('many are deleted in bounded commits, over several steps', async () => {
    const { api, store, ports } = blog()
    const source = sourceOf()
    api.tables['/posts/1/comments'] = Array.from({ length: 2500 }, (_, i) => ({ id: 10_000 + i }))
    const comments = sourceOf({ commentsEndpoint: { paginator: { type: 'offset', limit: 2500 } } })
    const asked = { ports, resources: ['posts', 'comments'] as const }
    await sync(comments, store, asked)
    api.tables['/posts'] = [{ id: 1, gone: true }]
    const swept: unknown[] = []
    for (let status = 'more'; status === 'more' && swept.length < 10; ) {
      const result = await step(source, store, { ...asked, budget: { requests: 1 } })
      status = result.status
      swept.push(result.report.resources.comments?.swept)
    }
    expect(swept).toEqual([1000, 2500])
    expect(await idsIn(store, 'comments')).toEqual(left(2, 3, 4, 5)[1])
  })
})
