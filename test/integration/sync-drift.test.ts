import { describe, expect, test } from 'vitest'
import { step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld } from '../support/items.ts'
import { json } from '../support/server.ts'

const ids = (rows: readonly JsonObject[]) => rows.map(({ id }) => Number(id)).sort((a, b) => a - b)

/** A source whose rows are changed before the answers to some requests. The full refresh comes second, over old rows. */
function moving(options: { rows?: number; overlap?: number; total?: boolean; resource?: object; limit?: number } = {}) {
  const { rows = 60, overlap, total = true, limit = 10, resource } = options
  const world = itemsWorld(manyRows(rows))
  const table = world.api.tables['/items'] ?? []
  const paginator = { type: 'offset', limit, ...(overlap && { overlap }), ...(!total && { totalPath: null }) }
  const source = itemsSource(resource, { paginator })
  return {
    ...world,
    table,
    source,
    /** Runs `change` before each answer, with the number of the request. */
    changing(change: (request: number, offset: number) => void) {
      let request = 0
      world.api.fault = ({ query }) => {
        change(request++, Number(query.offset))
        return undefined
      }
    },
  }
}

describe('rows that are deleted while pages are read', () => {
  test.each([
    ['a total goes down', {}],
    ['overlap, without a total', { overlap: 2, total: false }],
    ['overlap, and a total', { overlap: 3 }],
    ['rows without a primary key', { resource: { primaryKey: null, writeDisposition: 'replace' } }],
  ])('%s: the rows that moved up are read, and the pass is complete', async (_, options) => {
    const { source, store, ports, table, changing } = moving(options)
    let gone: JsonObject[] = []
    changing((request) => {
      if (request === 2) gone = table.splice(3, 1)
    })
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ complete: true, drift: 1, received: 60 })
    const stored = ids(await itemsIn(store, source))
    expect(stored).toEqual(ids([...table, ...gone]))
  })

  test('a full refresh still sweeps what was gone before it, and nothing that is live', async () => {
    const { source, store, ports, table, changing } = moving()
    await sync(source, store, { ports })
    table.splice(20, 5)
    changing((request) => {
      if (request === 2) table.splice(3, 1)
    })
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    // The row that went after it was read is seen, and swept by the next full refresh.
    expect(report.resources.items).toMatchObject({ complete: true, swept: 5, drift: 1 })
    expect(report.resources.items.unswept).toBeUndefined()
    expect((await sync(source, store, { ports, full: true })).resources.items).toMatchObject({ swept: 1, drift: 0 })
    expect(ids(await itemsIn(store, source))).toEqual(ids(table))
  })

  test('more of them than the overlap has rows: reading steps back until it finds its place', async () => {
    const { api, source, store, ports, table, changing } = moving({ rows: 200, overlap: 2, total: false })
    changing((request) => {
      if (request === 9) table.splice(10, 35)
    })
    const report = await sync(source, store, { ports })
    expect(report.resources.items).toMatchObject({ complete: true, drift: 2 })
    const stored = new Set(ids(await itemsIn(store, source)))
    expect(table.filter(({ id }) => !stored.has(Number(id)))).toEqual([])
    expect(api.log().slice(8, 12)).toEqual(['/items?64', '/items?72', '/items?54', '/items?34'])
  })

  test('the last rows read are among them: their place is lost, nothing is concluded, and the next run reads all', async () => {
    const { source, store, ports, table, changing } = moving()
    changing((request) => {
      if (request === 2) table.splice(0, 20)
    })
    const report = await sync(source, store, { ports })
    expectBalance(report)
    const incomplete = 'rows moved while they were read, and their place was not found again'
    expect(report.resources.items).toMatchObject({ complete: false, incomplete, cursor: { after: null } })
    const next = await sync(source, store, { ports })
    expect(next.resources.items).toMatchObject({ complete: true })
    expect(ids(await itemsIn(store, source))).toEqual(ids(manyRows(60)))
  })

  test('an interrupted pass goes on where the rows are now', async () => {
    const { source, store, ports, table } = moving({ overlap: 3 })
    while ((await step(source, store, { ports, budget: { requests: 1 } })).status === 'more') table.splice(0, 1)
    const report = await sync(source, store, { ports })
    expect(report.status).toBe('done')
    const stored = new Set(ids(await itemsIn(store, source)))
    expect(table.filter(({ id }) => !stored.has(Number(id)))).toEqual([])
  })

  test('a total that falls with every request costs some requests, and no rows', async () => {
    const { api, source, store, ports } = moving()
    let total = 1000
    const all = manyRows(60)
    api.fault = ({ query }) => {
      const offset = Number(query.offset)
      return json({ data: all.slice(offset, offset + 10), total: total-- })
    }
    const report = await sync(source, store, { ports })
    expect(report.resources.items).toMatchObject({ received: 60, added: 60 })
    expect(report.resources.items.requests).toBeLessThan(60)
  })
})

test('page numbers show nothing of a row that slips: with `twoStrike` it stays until it is read again', async () => {
  const { api, store, ports } = itemsWorld(manyRows(60))
  const table = api.tables['/items'] ?? []
  let request = 0
  api.fault = ({ query }) => {
    // Row 4 goes while the refresh asks for its third page: row 21 is on the second one by then.
    if (request++ === 8) table.splice(3, 1)
    const start = Number(query.page) * 10
    return json({ data: table.slice(start, start + 10), total: Math.ceil(table.length / 10) })
  }
  const writeDisposition = { disposition: 'merge', twoStrike: true } as const
  const source = itemsSource({ writeDisposition }, { paginator: 'page_number' })
  await sync(source, store, { ports })
  const slipped = await sync(source, store, { ports, full: true })
  expect(slipped.resources.items).toMatchObject({ received: 59, complete: true, drift: 0, swept: 0 })
  expect(ids(await itemsIn(store, source))).toContain(21)
  // The row that was deleted is missed by the next two.
  await sync(source, store, { ports, full: true })
  const last = await sync(source, store, { ports, full: true })
  expect(last.resources.items).toMatchObject({ received: 59, swept: 1 })
  expect(ids(await itemsIn(store, source))).toEqual(ids(table))
})

test('rows that come in between: no row is missed, and none is swept', async () => {
  const { source, store, ports, table, changing } = moving({ overlap: 2, total: false })
  await sync(source, store, { ports })
  const [late] = table.splice(59, 1)
  changing((request) => {
    if (request === 3 && late) table.unshift(late)
  })
  const report = await sync(source, store, { ports, full: true })
  expectBalance(report)
  expect(report.resources.items).toMatchObject({ swept: 0, unswept: 'rows were added while they were read' })
  expect(ids(await itemsIn(store, source))).toEqual(ids(manyRows(60)))
})

test('what an overlap reads again is neither appended nor counted again', async () => {
  const { source, store, ports, api } = moving({ overlap: 4, resource: { writeDisposition: 'append' } })
  const report = await sync(source, store, { ports })
  expectBalance(report)
  expect(report.resources.items).toMatchObject({ received: 60, added: 60, complete: true, drift: 0 })
  expect(api.log()).toEqual(['/items?0', ...[6, 12, 18, 24, 30, 36, 42, 48, 54].map((offset) => `/items?${offset}`)])
})

test('a server that gives less than was asked for, even less than the overlap', async () => {
  for (const most of [1, 2, 3, 5]) {
    const { api, source, store, ports, table } = moving({ overlap: 4, total: false, rows: 23 })
    api.fault = ({ query }) => json({ data: table.slice(Number(query.offset), Number(query.offset) + most) })
    const report = await sync(source, store, { ports })
    expect(report.resources.items).toMatchObject({ received: 23, added: 23, complete: true })
  }
})

test('a step back to the first rows, no more of them than the overlap has: they are not taken for the end', async () => {
  const { api, source, store, ports, table } = moving({ overlap: 4, total: false, rows: 23 })
  let request = 0
  api.fault = ({ query }) => {
    if (request++ === 2) table.splice(1, 1)
    const offset = Number(query.offset)
    return json({ data: table.slice(offset, offset + 2) })
  }
  const report = await sync(source, store, { ports })
  expect(report.resources.items).toMatchObject({ complete: true, received: 23 })
  expect(await itemsIn(store, source)).toHaveLength(23)
})

test('where no overlap can be, since more records come than were asked for, a total that goes down still shows it', async () => {
  const { api, source, store, ports, table } = moving({ rows: 14 })
  await sync(source, store, { ports })
  let request = 0
  api.fault = ({ query }) => {
    if (request++ === 1) table.splice(0, 4)
    const rows = table.slice(Number(query.offset), Number(query.offset) + 10)
    return json({ data: rows.flatMap((row) => (row.id === 2 ? [row, row] : [row])), total: table.length })
  }
  const report = await sync(source, store, { ports, full: true })
  expect(report.resources.items).toMatchObject({ complete: false, drift: 1, swept: 0 })
  expect(await itemsIn(store, source)).toHaveLength(14)
})

test('a server that ignores the offset is found out in spite of the overlap', async () => {
  const { api, source, store, ports, table } = moving({ overlap: 4, total: false })
  api.fault = () => json({ data: table.slice(0, 10) })
  await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'pagination_no_progress' })
})

describe('10,000 rows in pages of 100, and one of them deleted before each page', () => {
  test.each([
    ['overlap', { overlap: 2, total: false }],
    ['total', {}],
  ])('%s: a full refresh misses no row and deletes none that is live', async (name, options) => {
    const { source, store, ports, table, changing } = moving({ rows: 10_000, limit: 100, ...options })
    await sync(source, store, { ports })
    const before = ids(table)
    let seed = 7
    changing(() => {
      seed = (seed * 48271) % 0x7fffffff
      table.splice(seed % table.length, 1)
    })
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    const { requests, complete, drift } = report.resources.items
    const stored = new Set(ids(await itemsIn(store, source)))
    const missed = ids(table).filter((id) => !stored.has(id))
    process.stdout.write(
      `drift (${name}): ${before.length - table.length} deletes in ${requests} requests, ${drift} times noticed, ` +
        `${missed.length} live rows missed or deleted\n`,
    )
    expect({ complete, missed }).toEqual({ complete: true, missed: [] })
  })
})
