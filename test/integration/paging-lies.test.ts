// APIs that page badly: they go in circles, cap pages in silence, repeat the last page, and state wrong totals. Nothing
// may be lost in silence, and nothing may go on for ever.
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { isSynclineError, type StepResult, step, sync } from '../../src/index.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { json } from '../support/server.ts'

const codeOf = (error: unknown) => (isSynclineError(error) ? error.code : error)

/** The number of the page after page `n`, where the pages from `tail` on go in a circle of this length. */
const after = (n: number, tail: number, length: number) => (n + 1 < tail + length ? n + 1 : tail)

/** How each kind of API names the next page. */
const kinds = {
  json_link: {
    paginator: { type: 'json_link', nextUrlPath: 'next' },
    reply: (data: unknown, next: number) => json({ data, next: `?at=${next}` }),
  },
  cursor: {
    paginator: { type: 'cursor', cursorPath: 'next', cursorParam: 'at' },
    reply: (data: unknown, next: number) => json({ data, next: String(next) }),
  },
  'cursor in a body': {
    paginator: { type: 'cursor', cursorPath: 'next', cursorBodyPath: 'at' },
    method: 'POST',
    reply: (data: unknown, next: number) => json({ data, next: String(next) }),
  },
  header_link: {
    paginator: 'header_link',
    reply: (data: unknown, next: number) => json({ data }, { headers: { link: `<?at=${next}>; rel="next"` } }),
  },
  header_cursor: {
    paginator: { type: 'header_cursor', cursorKey: 'x-next', cursorParam: 'at' },
    reply: (data: unknown, next: number) => json({ data }, { headers: { 'x-next': String(next) } }),
  },
  'links found by auto': {
    paginator: 'auto',
    reply: (data: unknown, next: number) => json({ data, next_url: `/items?at=${next}` }),
  },
} as const

describe.each(Object.entries(kinds))('circles of %s', (_, { reply, ...endpoint }) => {
  /** Other rows each time: only the requests tell that it is a circle. */
  function world(tail: number, length: number) {
    let requests = 0
    const fetch = async (url: string, init?: RequestInit) => {
      const body = typeof init?.body === 'string' ? JSON.parse(init.body).at : undefined
      const at = Number(new URL(url).searchParams.get('at') ?? body ?? 0)
      return reply(manyRows(1, 1 + requests++), after(at, tail, length))
    }
    return { ports: fakePorts({ fetch }), asked: () => requests }
  }
  const source = itemsSource({}, endpoint)

  test.each([
    [0, 1],
    [1, 1],
    [0, 2],
    [3, 2],
    [0, 7],
    [5, 7],
    [100, 7],
  ])('%i pages before a circle of %i', async (tail, length) => {
    const { ports, asked } = world(tail, length)
    const store = memoryStore()
    const { status, error, report } = await step(source, store, { ports })
    expect([status, error?.code]).toEqual(['failed', 'pagination_loop'])
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ complete: false, received: asked() })
    // The first page is asked for in another way than the others, so a circle through it begins one page later.
    expect(asked()).toBeLessThanOrEqual(3 * (tail + length + 1) + 1)
    expect(await itemsIn(store)).toHaveLength(asked())
  })

  test('a circle of 7 that is read one page in each step', async () => {
    const { ports, asked } = world(2, 7)
    const store = memoryStore()
    let result: StepResult | undefined
    while (result === undefined || result.status === 'more') {
      result = await step(source, store, { ports, budget: { requests: 1 } })
      if (asked() > 40) break
    }
    expect(result.error?.code).toBe('pagination_loop')
  })
})

test.each(['json_link', 'cursor'] as const)('a circle of 1000 pages of %s', async (kind) => {
  let requests = 0
  const fetch = async (url: string) => {
    const at = Number(new URL(url).searchParams.get('at') ?? 0)
    return kinds[kind].reply(manyRows(1, 1 + requests++), after(at, 0, 1000))
  }
  const options = { ports: fakePorts({ fetch }) }
  const { error } = await step(itemsSource({}, { paginator: kinds[kind].paginator }), memoryStore(), options)
  expect(error?.code).toBe('pagination_loop')
  expect(requests).toBeLessThanOrEqual(3000)
})

describe('a server that gives fewer rows than are asked for', () => {
  test.each([
    ['with a total', { type: 'offset', limit: 500 }, true, 11],
    ['without a total', { type: 'offset', limit: 500 }, false, 12],
    ['with a total that ends the pages alone', { type: 'offset', limit: 500, stopAfterEmptyPage: false }, true, 11],
    ['found by auto', 'auto', true, 11],
  ])('%s: every row comes, none twice', async (_, paginator, counts, requests) => {
    const rows = manyRows(1050)
    const api = fakeApi({})
    api.fault = ({ query }) => {
      const [offset, limit] = [Number(query.offset ?? 0), Math.min(Number(query.limit ?? 100), 100)]
      const page = { data: rows.slice(offset, offset + limit), offset, limit }
      return json({ ...page, ...(counts && { total: rows.length }) })
    }
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const report = await sync(itemsSource({}, { paginator }), store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ complete: true, received: 1050, added: 1050, requests })
  })
})

describe('a server that repeats the last page for all beyond it', () => {
  const rows = manyRows(25)
  const pages = {
    // What begins beyond the last page begins there.
    offset: ({ offset }: Record<string, unknown>) => rows.slice(Math.min(Number(offset), 20)).slice(0, 10),
    // The last ten, whatever their offset.
    'offset, always full': ({ offset }: Record<string, unknown>) =>
      rows.slice(Math.min(Number(offset), 15)).slice(0, 10),
    page_number: ({ page }: Record<string, unknown>) => rows.slice(Math.min(Number(page) - 1, 2) * 10).slice(0, 10),
  }
  const offset = { type: 'offset', limit: 10 }
  const numbered = { type: 'page_number', basePage: 1 }
  const total = { total: 25 }

  test.each<[string, object, keyof typeof pages, object, number, string]>([
    ['offset without a total', offset, 'offset', {}, 4, 'pagination_no_progress'],
    ['offset with a total', offset, 'offset', total, 3, 'complete'],
    ['offset that is always full, without a total', offset, 'offset, always full', {}, 4, 'pagination_no_progress'],
    ['page numbers without a total', numbered, 'page_number', {}, 4, 'pagination_no_progress'],
    ['page numbers with the number of pages', numbered, 'page_number', { total: 3 }, 3, 'complete'],
    ['page numbers with a total of rows', numbered, 'page_number', total, 4, 'pagination_no_progress'],
    [
      'page numbers with a flag',
      { ...numbered, totalPath: null, hasMorePath: 'more' },
      'page_number',
      { more: true },
      4,
      'pagination_no_progress',
    ],
  ])('%s', async (_, paginator, kind, says, requests, outcome) => {
    const api = fakeApi({})
    api.fault = ({ query }) => json({ data: pages[kind](query), ...says })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const { error, report } = await step(itemsSource({}, { paginator }), store, { ports })
    expectBalance(report)
    expect(api.requests).toHaveLength(requests)
    expect(error?.code ?? (report.resources.items?.complete && 'complete')).toBe(outcome)
    // Nothing is lost, whatever is said about it; and no cursor moves on a pass that failed.
    expect(await itemsIn(store)).toEqual(rows)
    if (error) expect(report.resources.items?.cursor).toBeUndefined()
  })
})

describe('totals that lie', () => {
  const rows = manyRows(25)

  test.each<[string, (offset: number) => unknown, number, object | string]>([
    ['too small', () => 7, 4, { complete: true }],
    ['as small as the first page', () => 10, 4, { complete: true }],
    ['0', () => 0, 4, { complete: true }],
    ['too large', () => 99, 4, { complete: true }],
    ['always one more', (offset) => offset + 11, 4, { complete: true }],
    ['of this page only', (offset) => Math.max(0, Math.min(10, 25 - offset)), 4, { complete: false }],
    ['as text', () => '25', 3, { complete: true }],
    ['null', () => null, 4, { complete: true }],
    ['that goes down', (offset) => 30 - Math.ceil(offset / 10), 10, { complete: true }],
    ['negative', () => -1, 1, 'paginator_bad_total'],
    ['a word', () => 'many', 1, 'paginator_bad_total'],
  ])('%s', async (_, total, requests, expected) => {
    const api = fakeApi({})
    api.fault = ({ query }) => {
      const offset = Number(query.offset)
      return json({ data: rows.slice(offset, offset + 10), total: total(offset) })
    }
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const report = await sync(itemsSource(), store, { ports }).catch(codeOf)
    expect(api.requests).toHaveLength(requests)
    if (typeof expected === 'string') return expect(report).toBe(expected)
    if (typeof report !== 'object' || report === null || !('resources' in report)) throw report
    expect(report.resources).toMatchObject({ items: expected })
    const stored = (await itemsIn(store)).length
    expect([stored, stored === 25 || !('complete' in expected) || !expected.complete]).toEqual([stored, true])
  })

  test.each([25, 10])('of the page only, where auto finds out how an API of %i rows pages', async (count) => {
    const api = fakeApi({})
    api.fault = ({ query }) => {
      const offset = Number(query.offset ?? 0)
      const data = rows.slice(0, count).slice(offset, offset + 10)
      return json({ data, offset, limit: 10, total: data.length })
    }
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const { resources } = await sync(itemsSource({}, { paginator: 'auto' }), store, { ports })
    expect(resources.items).toMatchObject({ complete: true, received: count })
  })

  test.each([
    ['too small', 7],
    ['too large', 99],
  ])('a full refresh by a total that is %s deletes nothing', async (_, total) => {
    const api = fakeApi({ '/items': rows })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const source = itemsSource({}, { incremental: undefined })
    await sync(source, store, { ports })
    api.tables['/items'] = rows.slice(0, 20)
    api.fault = ({ query }) => {
      const offset = Number(query.offset)
      return json({ data: rows.slice(0, 20).slice(offset, offset + 10), total })
    }
    const { resources } = await sync(source, store, { ports, full: true })
    expect(resources.items).toMatchObject({ swept: 0, unswept: expect.stringContaining(String(total)) })
    expect(await itemsIn(store)).toHaveLength(25)
  })
})
