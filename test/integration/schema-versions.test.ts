import { expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import type { ColumnConfig } from '../../src/config/column.ts'
import { openDataset, type ResourceReport, type SyncEvent, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Store } from '../../src/store/dataset.ts'
import { itemsSource } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'

const paginator = { type: 'page_number', basePage: 0, totalPath: null }
const paged = { dataSelector: undefined, incremental: undefined, paginator }
const source = itemsSource({}, paged)

/** Each list of rows is a page; an empty one ends them. */
function options(pages: readonly (readonly JsonObject[])[]) {
  const fetch = async (url: string) => Response.json(pages[Number(new URL(url).searchParams.get('page'))] ?? [])
  const events: SyncEvent[] = []
  return { events, ports: fakePorts({ fetch }), onEvent: (event: SyncEvent) => events.push(event) }
}

async function run(store: Store, ...pages: JsonObject[][]) {
  const { events, ...given } = options(pages)
  const { resources } = await sync(source, store, given)
  const ended = events.flatMap((event) => (event.type === 'resource' ? event.report.schema : []))
  expect(ended).toEqual([resources.items.schema])
  return { schema: resources.items.schema, news: events.filter(({ type }) => type === 'schema') }
}

test('a run reports the version and hash of the schema, and what it has changed', async () => {
  const store = memoryStore()
  const { schema: first, news } = await run(store, [{ id: 1, a: 1, pay: { by: 'card' } }])
  expect(first).toEqual({
    version: 1,
    hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    added: ['id', 'a', 'pay'],
    changed: [],
  })
  expect(news).toEqual([{ type: 'schema', resource: 'items', ...first }])

  const second = await run(store, [{ id: 1, a: 2, pay: { by: 'cash' } }])
  expect(second).toEqual({ schema: { ...first, added: [] }, news: [] })

  const third = await run(store, [{ id: 1, a: 1.5, b: null, pay: { by: null } }])
  expect(third.schema).toEqual({ version: 2, hash: expect.any(String), added: ['b'], changed: ['a', 'pay'] })
  expect(third.schema?.hash).not.toBe(first?.hash)
  expect(third.news).toEqual([{ type: 'schema', resource: 'items', ...third.schema }])
})

test('what is new in a run and then changes is still only new; the steps of a run are one', async () => {
  const store = memoryStore()
  const pages = [[{ id: 1, a: 1 }], [{ id: 2, a: 1.5 }], [{ id: 3, a: null, b: 1 }]]
  const { events, ...given } = options(pages)
  let report: ResourceReport | undefined
  for (let status = 'more'; status === 'more'; ) {
    const result = await step(source, store, { ...given, budget: { requests: 1 } })
    report = result.report.resources.items
    status = result.status
  }
  expect(report?.schema).toMatchObject({ version: 3, added: ['id', 'a', 'b'], changed: [] })
  const news = events.flatMap((event) => (event.type === 'schema' ? [[event.version, event.added, event.changed]] : []))
  expect(news).toEqual([
    [1, ['id', 'a'], []],
    [2, [], ['a']],
    [3, ['b'], ['a']],
  ])
})

test('the hash is the same for the same data, however it came', async () => {
  const rows = [
    { id: 1, a: 1, b: { x: 1 } },
    { b: { y: 'x', x: 1 }, id: 2 },
    { id: 3, a: 1.5 },
    { id: 4, c: [1] },
  ]
  const whole = await run(memoryStore(), rows)
  const store = memoryStore()
  const [first, ...others] = [...rows].reverse()
  await run(store, [first ?? {}])
  const parts = await run(store, ...others.map((row) => [row]))
  expect(parts.schema?.hash).toBe(whole.schema?.hash)
  expect(parts.schema?.version).toBeGreaterThan(1)
})

test('what the config says of a column is part of the schema: a change of it makes a version', async () => {
  const pages = [[{ id: 1, a: 1, b: 'x' }]]
  const hinted = async (store: Store, columns: Record<string, ColumnConfig>) => {
    const { events, ...given } = options(pages)
    const report = await sync(itemsSource({ columns }, paged), store, given)
    return { schema: report.resources.items.schema, news: events.filter(({ type }) => type === 'schema').length }
  }
  const store = memoryStore()
  const first = await hinted(store, { unseen: { dataType: 'date' } })
  const number: Record<string, ColumnConfig> = {
    a: { dataType: 'number', nullable: true },
    b: { nullable: true },
    unseen: { dataType: 'date' },
  }
  const second = await hinted(store, number)
  expect(second).toMatchObject({ schema: { version: 2, added: [], changed: ['a', 'b'] }, news: 1 })
  expect(second.schema?.hash).not.toBe(first.schema?.hash)
  // The order in which they are written down is none of theirs.
  const turned = await hinted(store, Object.fromEntries(Object.entries(number).reverse()))
  expect(turned).toMatchObject({ schema: { version: 2, changed: [] }, news: 0 })
  expect(await hinted(store, { b: { nullable: true } })).toMatchObject({ schema: { version: 3, changed: ['a'] } })
})

test('a table that was empty at first has no optional columns for it', async () => {
  const store = memoryStore()
  await run(store)
  await run(store, [{ id: 1, a: 1 }])
  const { items } = await (await openDataset(source, store)).schema()
  expect(items?.columns.a).toEqual({ type: 'integer', nullable: false })
})

test('a table of a thousand columns does not grow the position', async () => {
  const row = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`a_column_with_a_long_name_${i}`, i]))
  const { schema } = await run(memoryStore(), [{ id: 1, ...row }])
  expect(schema?.added).toHaveLength(901)
})

test('what was stored without a version gets one with the next change', async () => {
  const store = memoryStore()
  const dataset = await store.open('test')
  const value = { columns: { id: { types: 2 }, pay: { types: 64 } }, keys: { fields: ['id'], types: ['number'] } }
  const { version } = await dataset.position('items')
  await dataset.commit({
    unit: 'other',
    position: null,
    expect: version,
    tables: { _schema: { put: [{ key: 'items', value }] } },
  })
  expect((await run(store, [{ id: 1, pay: { by: 'card' } }])).schema).toBeUndefined()
  expect((await run(store, [{ id: 1, pay: {}, more: 1 }])).schema).toMatchObject({ version: 1, added: ['more'] })
})
