import { describe, expect, test } from 'vitest'
import { step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld } from '../support/items.ts'
import { json } from '../support/server.ts'

const ids = (rows: readonly JsonObject[]) => rows.map(({ id }) => id)

describe('a full refresh', () => {
  test('removes many rows in bounded commits, over several steps, and reads no page again', async () => {
    const { api, store, ports } = itemsWorld(manyRows(5500))
    const source = itemsSource({}, { paginator: { type: 'offset', limit: 1000 } })
    await sync(source, store, { ports })
    // Every other row of the first 5,000 is gone.
    api.tables['/items'] = manyRows(5500).filter(({ id }) => Number(id) > 5000 || Number(id) % 2 === 0)
    api.log()
    const full = { ports, full: true }
    const swept: number[] = []
    let last: Awaited<ReturnType<typeof step>>
    do {
      last = await step(source, store, { ...full, budget: { requests: 3 } })
      expectBalance(last.report)
      swept.push(last.report.resources.items?.swept ?? 0)
      // The last allowed request was the last page: each further commit must fit the budget of a step of its own.
    } while (last.status === 'more' && swept.length < 10)
    expect([last.status, swept]).toEqual(['done', [1000, 2500]])
    expect(api.log()).toEqual(['/items?0', '/items?1000', '/items?2000'])
    expect(await itemsIn(store)).toEqual(api.tables['/items'])
  })

  test('of exactly one commit of rows has nothing left to commit', async () => {
    const { api, store, ports } = itemsWorld(manyRows(3000))
    const source = itemsSource({}, { paginator: { type: 'offset', limit: 1000 } })
    await sync(source, store, { ports })
    api.tables['/items']?.splice(0, 1000)
    const report = await sync(source, store, { ports, full: true })
    expect(report.resources.items).toMatchObject({ swept: 1000, complete: true })
    expect(await itemsIn(store)).toEqual(api.tables['/items'])
  })

  test('of rows that steps make counts and sweeps what they make', async () => {
    const { api, store, ports } = itemsWorld(manyRows(5))
    const source = itemsSource({ processingSteps: [{ map: (row: object) => ({ ...row, made: true }) }] })
    await sync(source, store, { ports })
    api.tables['/items']?.splice(1, 1)
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ unchanged: 4, swept: 1, complete: true })
    expect((await itemsIn(store)).map(({ id, made }) => [id, made])).toEqual([1, 3, 4, 5].map((id) => [id, true]))
  })

  test('of a range sweeps nothing, and says so', async () => {
    const { api, store, ports } = itemsWorld(manyRows(20))
    const incremental = {
      cursorPath: 'updated_at',
      initialValue: '2024-01-01T00:00:00Z',
      endValue: '2024-02-01T00:00:00Z',
    }
    const source = itemsSource({}, { incremental })
    await sync(source, store, { ports })
    api.tables['/items']?.splice(0, 5)
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({
      complete: true,
      swept: 0,
      unswept: 'only the range up to `endValue` was read',
    })
    expect(await itemsIn(store)).toHaveLength(20)
  })
})

describe('a pass that was interrupted begins anew when', () => {
  test.each<[string, { full?: boolean; writeDisposition?: 'replace' | 'append' }, string]>([
    ['a full refresh is asked for', { full: true }, 'a full refresh was asked for'],
    ['rows are to replace the table', { writeDisposition: 'replace' }, 'the write disposition has changed'],
  ])('%s', async (_, options, why) => {
    const { api, store, ports } = itemsWorld(manyRows(25))
    await step(itemsSource(), store, { ports, budget: { requests: 1 } })
    api.log()
    const restarts: string[] = []
    const report = await sync(itemsSource(), store, {
      ports,
      ...options,
      onEvent: (event) => event.type === 'restart' && restarts.push(event.why),
    })
    expectBalance(report)
    expect(restarts).toEqual([why])
    expect(api.log()).toEqual(['/items?0', '/items?10', '/items?20'])
    expect(await itemsIn(store)).toHaveLength(25)
  })
})

test('a table without a key cannot be merged, and is not touched', async () => {
  const { api, store, ports } = itemsWorld(manyRows(5))
  const source = itemsSource({ primaryKey: undefined }, { incremental: undefined })
  await sync(source, store, { ports })
  await expect(sync(source, store, { ports, writeDisposition: 'merge' })).rejects.toMatchObject({
    code: 'config_invalid',
    resource: 'items',
  })
  expect(api.requests).toHaveLength(1)
  expect(await itemsIn(store)).toHaveLength(5)
})

describe('append', () => {
  const appended = itemsSource({ writeDisposition: 'append' })

  test('rows that are all later than the time of the source come once', async () => {
    const { store, ports } = itemsWorld([{ id: 1, updated_at: '2099-01-01T00:00:00Z' }])
    await sync(appended, store, { ports })
    const report = await sync(appended, store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ received: 1, added: 0, filtered: 1 })
    expect(await itemsIn(store)).toHaveLength(1)
  })

  test('a pass that was not completed is read again in pages of another size: each row is there once, at any time', async () => {
    const { api, store, ports } = itemsWorld(manyRows(45))
    await sync(appended, store, { ports, limit: { pages: 3 } })
    api.fault = ({ query }) => {
      const offset = Number(query.offset)
      return json({ data: manyRows(45).slice(offset, offset + 7), total: 45 })
    }
    for (let read = 7; read <= 42; read += 7) {
      await step(appended, store, { ports, budget: { requests: 1 } })
      expect(ids(await itemsIn(store))).toEqual(ids(manyRows(Math.max(30, read))))
    }
    const { items } = (await sync(appended, store, { ports })).resources
    expect(items).toMatchObject({ complete: true, added: 15, unchanged: 30 })
    expect(ids(await itemsIn(store))).toEqual(ids(manyRows(45)))
  })

  test.each(['append', 'merge'] as const)('%s: the cursor moves past rows that a step drops', async (disposition) => {
    const rows = manyRows(4).map((row): JsonObject => ({ ...row, dropped: row.id === 4 }))
    const { api, store, ports } = itemsWorld(rows)
    const source = itemsSource({
      writeDisposition: disposition,
      processingSteps: [{ filter: (row: { dropped?: unknown }) => row.dropped !== true }],
    })
    await sync(source, store, { ports })
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(api.requests.at(-1)?.query.since).toBe(rows[3]?.updated_at)
    expect(report.resources.items).toMatchObject({ received: 1, filtered: 1, added: 0 })
    expect(await itemsIn(store)).toHaveLength(3)
  })

  test('a full refresh replaces what was appended', async () => {
    const { api, store, ports } = itemsWorld(manyRows(5))
    await sync(appended, store, { ports })
    api.tables['/items']?.splice(0, 2)
    expectBalance(await sync(appended, store, { ports, full: true }))
    expect(await itemsIn(store)).toEqual(manyRows(3, 3))
  })
})

describe('rows that a schema or a step makes', () => {
  const schema = (validate: (row: never) => object) => ({ '~standard': { version: 1, vendor: 'test', validate } })

  test.each<[string, object, string, string]>([
    [
      'a key beyond 2^53',
      { processingSteps: [{ map: (row: object) => ({ ...row, id: 2 ** 53 }) }] },
      'unsafe_integer',
      'the key field `id` is an integer beyond 2^53-1',
    ],
    [
      'a bigint',
      { schema: schema(() => ({ value: { id: 1, n: 1n } })) },
      'not_json',
      "the schema's output is not JSON",
    ],
    ['a function', { schema: schema(() => ({ value: () => 1 })) }, 'not_json', "the schema's output is not JSON"],
    [
      'issues, with paths of either form',
      {
        schema: schema(() => ({
          issues: [
            { message: 'x', path: ['a', { key: 'b' }] },
            { message: 'y', path: ['name'] },
          ],
        })),
      },
      'schema_invalid',
      'the schema refuses it: `a.b` is missing, `name` is string',
    ],
  ])('%s: kept in quarantine', async (_, resource, code, reason) => {
    const { store, ports } = itemsWorld(manyRows(1))
    await expect(sync(itemsSource(resource), store, { ports })).rejects.toMatchObject({ code })
    const kept: unknown[] = []
    const dataset = await store.open('test')
    for await (const entries of dataset.scan('_quarantine')) kept.push(...entries.map(({ value }) => value))
    expect(kept).toMatchObject([{ code, reason, record: { name: 'row 1' } }])
  })
})
