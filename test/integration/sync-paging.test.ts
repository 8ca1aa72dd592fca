import { describe, expect, test } from 'vitest'
import { step, sync } from '../../src/index.ts'
import { expectBalance } from '../support/balance.ts'
import { manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld } from '../support/items.ts'
import { json } from '../support/server.ts'

const whole = { incremental: undefined, dataSelector: undefined }

test('next links that go in a circle are an error; what was read stays, and no cursor moves', async () => {
  const { api, store, ports } = itemsWorld([])
  // Other rows each time: only the links show that it is a circle.
  api.fault = ({ query }, index) =>
    json({ data: manyRows(2, 1 + 2 * index), next: query.p === '3' ? '?p=2' : `?p=${Number(query.p ?? 1) + 1}` })
  const source = itemsSource({}, { paginator: { type: 'json_link', nextUrlPath: 'next' } })
  const { status, error, report } = await step(source, store, { ports })
  expect([status, error?.code]).toEqual(['failed', 'pagination_loop'])
  expectBalance(report)
  expect(report.resources.items).toMatchObject({ complete: false, received: api.requests.length * 2 })
  expect(api.requests.length).toBeLessThan(8)
  expect(await itemsIn(store)).toHaveLength(api.requests.length * 2)
})

test('what automatic selection found on page 1 holds after a page without a body', async () => {
  const { api, store, ports } = itemsWorld([])
  const link = (page: number) => ({ headers: { link: `</items?p=${page}>; rel="next"` } })
  const pages = [
    json({ items: manyRows(2) }, link(2)),
    new Response(null, { status: 204, ...link(3) }),
    json({ items: [], notes: [{ id: 99, text: 'not an item' }] }),
  ]
  api.fault = (_, index) => pages[index]
  const source = itemsSource({}, { ...whole, paginator: 'header_link' })
  const report = await sync(source, store, { ports })
  expect(report.resources.items).toMatchObject({ pages: 3, received: 2, complete: true })
  expect((await itemsIn(store)).map(({ id }) => id)).toEqual([1, 2])
})

test.each<[string, object[], number[]]>([
  [
    'lists that are empty on page 1',
    [
      { notes: [], items: [] },
      { notes: [], items: manyRows(2) },
    ],
    [1, 2],
  ],
  [
    'an empty page between',
    [
      { notes: [], people: [] },
      { notes: [], people: [] },
      { notes: [], people: manyRows(2) },
    ],
    [1, 2],
  ],
  ['a usual name on page 1', [{ data: [] }, { data: [], notes: [{ id: 9 }] }, { data: manyRows(2) }], [1, 2]],
  [
    'two usual names on page 1',
    [
      { data: [], entries: [] },
      { data: [], entries: manyRows(2) },
    ],
    [1, 2],
  ],
])('automatic selection waits for a page with records: %s', async (_, pages, ids) => {
  for (const source of [{ budget: { requests: 1 } }, {}]) {
    const { api, store, ports } = itemsWorld([])
    api.fault = (_request, index) =>
      json(pages[index], { headers: index + 1 < pages.length ? { link: `</items?p=${index}>; rel="next"` } : {} })
    for (let status = 'more'; status === 'more'; ) {
      const result = await step(itemsSource({}, { ...whole, paginator: 'header_link' }), store, { ports, ...source })
      status = result.status
      if (result.error) throw result.error
    }
    expect((await itemsIn(store)).map(({ id }) => id)).toEqual(ids)
  }
})

test.each<[string, (data: object[], query: Record<string, unknown>, all: number) => object]>([
  ['offsets', (data, { offset }, total) => ({ data, offset: Number(offset ?? 0), limit: 10, total })],
  ['pages', (data, _, total) => ({ data, total_pages: Math.ceil(total / 10) })],
])('auto, by %s: a row that comes while it is proving its guess ends one sync, not all of them', async (_, body) => {
  const { api, store, ports } = itemsWorld([])
  const rows = manyRows(25)
  api.fault = ({ query }, index) => {
    if (index === 1) rows.unshift(...manyRows(1, 99))
    const from = Number(query.offset ?? (Number(query.page ?? 1) - 1) * 10)
    return json(body(rows.slice(from, from + 10), query, rows.length))
  }
  const source = itemsSource({}, { ...whole, paginator: 'auto' })
  await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'paginator_unproved' })
  const { resources } = await sync(source, store, { ports })
  expect(resources.items).toMatchObject({ complete: true, received: 26 })
  expect(await itemsIn(store)).toHaveLength(26)
})

test('a guess that the API refuses is told as a guess, with a draft', async () => {
  const { api, store, ports } = itemsWorld([])
  api.fault = ({ query }) =>
    'cursor' in query ? json({}, { status: 400 }) : json({ data: manyRows(2), next_cursor: 'x' })
  const { status, error } = await step(itemsSource({}, { ...whole, paginator: 'auto' }), store, { ports })
  expect([status, error?.code]).toEqual(['failed', 'paginator_unproved'])
  expect(error).toMatchObject({ resource: 'items', pathTemplate: '/items', hint: expect.stringContaining('"cursor"') })
  expect(await itemsIn(store)).toHaveLength(2)
})

test('a server that ignores the paging parameters is noticed by records without a key, whatever numbers they hold', async () => {
  const { api, store, ports } = itemsWorld([])
  api.fault = () => new Response('{"data":[{"n":9007199254740993},{"n":1}]}')
  const source = itemsSource({ primaryKey: undefined, writeDisposition: 'append' }, { incremental: undefined })
  await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'pagination_no_progress' })
  expect(api.requests).toHaveLength(2)
})

test('credentials that a server puts into its links are not stored, however deep a paginator keeps them', async () => {
  const { api, store, ports } = itemsWorld([])
  api.fault = ({ query }, index) => {
    const links = ['?token=hush&p=2', '?p=3&token=hush']
    return json({ data: manyRows(2, 1 + 2 * index), links: query.p === undefined ? links : [] })
  }
  const paginator = {
    start: () => ({ links: [], note: 'plain', deep: { count: 0 } }),
    apply: (request: object, { links }: { links: string[] }) => ({
      ...request,
      ...(links[0] !== undefined && { url: new URL(links[0], 'https://api.example.com/items').href }),
    }),
    next(
      { body }: { body: { links: string[] } },
      { links, note, deep }: { links: string[]; note: string; deep: object },
    ) {
      const left = [...links.slice(1), ...body.links]
      return left.length === 0 ? { end: 'complete' } : { next: { links: left, note, deep } }
    },
  }
  const auth = { type: 'api_key', name: 'token', apiKey: 'hush', location: 'query' }
  const source = itemsSource({}, { paginator }, { auth })
  await step(source, store, { ports, budget: { requests: 1 } })
  const dataset = await store.open('test')
  const stored = JSON.stringify((await dataset.position('items')).value)
  expect(stored).toContain('?p=2')
  expect(stored).toContain('plain')
  expect(stored).not.toContain('hush')
  await sync(source, store, { ports })
  expect(api.requests.map(({ query }) => [query.p, query.token])).toEqual([
    [undefined, 'hush'],
    ['2', 'hush'],
    ['3', 'hush'],
  ])
})

describe('a declared row order', () => {
  const at = (minute: number) => `2024-01-01T00:${String(minute).padStart(2, '0')}:00Z`
  const incremental = { cursorPath: 'updated_at', rowOrder: 'desc' }
  const source = itemsSource({}, { incremental, paginator: { type: 'offset', limit: 2 } })

  test.each<[string, number[], string[], number[]]>([
    ['ends the paging behind the stored cursor', [30, 9, 8, 7], ['/items?0'], [10]],
    ['does not, once it does not hold', [9, 30, 40, 50], ['/items?0', '/items?2'], [11, 12, 13]],
  ])('%s', async (_, minutes, requests, added) => {
    const { api, store, ports } = itemsWorld([{ id: 1, updated_at: at(10) }])
    await sync(source, store, { ports })
    api.tables['/items'] = minutes.map((minute, index) => ({ id: 10 + index, updated_at: at(minute) }))
    api.log()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(api.log()).toEqual(requests)
    expect(report.resources.items.complete).toBe(true)
    expect((await itemsIn(store)).map(({ id }) => id)).toEqual([1, ...added])
  })
})
