import { expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, openDataset, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { findAnchors } from '../../src/paginators/anchors.ts'
import type { Page } from '../../src/paginators/paginator.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'

const day = (n: number) => `2024-02-0${n}T00:00:00Z`

async function quarantined(source: ReturnType<typeof itemsSource>, store: ReturnType<typeof memoryStore>) {
  const data = await openDataset(source, store)
  let records = 0
  for await (const _ of data.quarantine()) records++
  await data.close()
  return records
}

test('a redirect counts against the budget, and the next step asks again', async () => {
  const { api, store, ports } = itemsWorld(manyRows(3))
  api.fault = (_, index) =>
    index === 0 ? new Response(null, { status: 307, headers: { location: '/items' } }) : undefined
  const first = await step(itemsSource(), store, { ports, budget: { requests: 1 } })
  expect([first.status, api.requests.length]).toEqual(['more', 1])
  expect((await step(itemsSource(), store, { ports, budget: { requests: 1 } })).status).toBe('done')
})

test('a row of a child in quarantine remembers its parent', async () => {
  const api = fakeApi({ '/items': [{ id: 1 }], '/items/1/parts': [...manyRows(30), { name: 'no id' }] })
  const source = defineSource({
    name: 'family',
    client: { baseUrl: 'https://api.example.com' },
    resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator: 'single_page' } },
    resources: [
      { name: 'items', endpoint: { path: '/items' } },
      { name: 'parts', endpoint: { path: '/items/{resources.items.id}/parts' } },
    ],
  })
  const report = await sync(source, memoryStore(), { ports: fakePorts({ fetch: api.fetch }) })
  expectBalance(report)
  expect(report.resources.parts).toMatchObject({ added: 30, quarantined: 1 })
})

test.each<[string, object, JsonObject, JsonObject, number]>([
  ['under a key of two fields', { primaryKey: ['id', 'name'] }, {}, { fresh: 1, updated_at: day(5) }, 1],
  [
    'older than the stored row',
    { columns: { updated_at: { dedupSort: 'desc' } } },
    {},
    { fresh: 1, updated_at: day(1) },
    0,
  ],
  ['of a table that is replaced by place', { primaryKey: null, writeDisposition: 'replace' }, {}, { fresh: 1 }, 1],
])('a row without a value, %s', async (_, resource, before, after, records) => {
  const row = { id: 1, name: 'a', updated_at: day(3) }
  const { api, store, ports } = itemsWorld([{ ...row, ...before }])
  const contract = { ...resource, schemaContract: { columns: 'discard_value' } }
  const source = itemsSource(contract, { incremental: null })
  await sync(source, store, { ports })
  api.tables['/items']?.splice(0, 1, { ...row, ...after })
  expectBalance(await sync(source, store, { ports }))
  expect(await itemsIn(store, source)).toEqual([expect.not.objectContaining({ fresh: 1 })])
  expect(await quarantined(source, store)).toBe(records)
})

test.each([
  ['replaced by place', { primaryKey: null, writeDisposition: 'replace' }],
  ['appended, and read anew', { primaryKey: null, writeDisposition: 'append' }],
])('rows of a table that is %s: one record in quarantine, however often they come', async (_, resource) => {
  const { api, store, ports } = itemsWorld([{ id: 1 }])
  const source = itemsSource({ ...resource, schemaContract: { columns: 'discard_value' } }, { incremental: null })
  await sync(source, store, { ports, full: true })
  api.tables['/items']?.splice(0, 1, { id: 1, fresh: 1 })
  for (let i = 0; i < 3; i++) expectBalance(await sync(source, store, { ports, full: true }))
  expect(await quarantined(source, store)).toBe(1)
})

test('rows of a table that is replaced stay in the order in which they came, trimmed or not', async () => {
  const { api, store, ports } = itemsWorld([{ id: 1 }])
  const resource = { primaryKey: null, writeDisposition: 'replace', schemaContract: { columns: 'discard_value' } }
  const source = itemsSource(resource, { incremental: null })
  await sync(source, store, { ports })
  api.tables['/items']?.push({ id: 2, fresh: 1 }, { id: 3 })
  await sync(source, store, { ports })
  expect(await itemsIn(store, source)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
})

test('an anchor that went to another place alone shows nothing', () => {
  const page = (keys: string) => ({ count: keys.length, key: (i: number) => keys[i] ?? '' }) as unknown as Page
  expect(findAnchors(page('abcd'), ['a', 'b'], 2)).toEqual({ skip: 2, drift: 'none' })
  expect(findAnchors(page('bcde'), ['a', 'b'], 2)).toEqual({ skip: 1, drift: 'repaired' })
  expect(findAnchors(page('xabc'), ['a', 'b'], 2)).toEqual({ skip: 0, drift: 'added' })
  expect(findAnchors(page('cdeb'), ['a', 'b'], 2)).toBeUndefined()
  expect(findAnchors(page('cdef'), ['a', 'b'], 2)).toBeUndefined()
})
