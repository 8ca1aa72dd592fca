import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, isSynclineError, openDataset, plan, type ResourceReport, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { type FakeApi, fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { json } from '../support/server.ts'

describe('merge', () => {
  test('loads all pages, then only what changed, and writes only what differs', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    const source = itemsSource()
    const first = await sync(source, store, { ports })
    expectBalance(first)
    expect(first.status).toBe('done')
    expect(first.resources.items).toMatchObject({ requests: 4, pages: 4, received: 35, added: 35, complete: true })
    expect(await itemsIn(store, source)).toEqual(manyRows(35))

    const changed = { ...api.tables['/items']?.[4], name: 'changed', updated_at: '2024-03-01T00:00:00.000Z' }
    api.tables['/items']?.splice(4, 1, changed as JsonObject)
    api.log()
    const second = await sync(source, store, { ports })
    expectBalance(second)
    expect(second.resources.items).toMatchObject({ received: 2, updated: 1, unchanged: 1, added: 0 })
    expect(second.resources.items?.cursor).toEqual({
      before: '2024-01-01T00:00:35.000Z',
      after: '2024-03-01T00:00:00.000Z',
    })
    expect(api.log()).toEqual(['/items?0'])
    expect((await itemsIn(store, source)).find(({ id }) => id === 5)).toEqual(changed)
  })

  test('a full refresh sweeps rows that the API no longer has, and only those', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    const source = itemsSource()
    await sync(source, store, { ports })
    api.tables['/items']?.splice(10, 1)
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ received: 34, unchanged: 34, swept: 1, complete: true })
    expect((await itemsIn(store, source)).map(({ id }) => id)).toEqual(
      manyRows(35)
        .map(({ id }) => id)
        .filter((id) => id !== 11),
    )
  })

  test('a full refresh that would delete more than half asks first', async () => {
    const { api, store, ports } = itemsWorld(manyRows(30))
    const source = itemsSource()
    await sync(source, store, { ports })
    api.tables['/items']?.splice(5)
    const asked = await sync(source, store, { ports, full: true })
    expect(asked.status).toBe('needs_confirmation')
    expect(await itemsIn(store, source)).toHaveLength(30)
    const again = await sync(source, store, { ports, full: true })
    expect(again.status).toBe('needs_confirmation')
    const confirmed = await sync(source, store, { ports, full: true, confirm: again.confirm ?? '' })
    expect(confirmed.resources.items).toMatchObject({ swept: 25, complete: true })
    expect(await itemsIn(store, source)).toHaveLength(5)
  })

  test('a full refresh that gets another number of rows than the API counts sweeps nothing', async () => {
    const { api, store, ports } = itemsWorld(manyRows(30))
    const source = itemsSource()
    await sync(source, store, { ports })
    api.fault = ({ query }) => {
      const offset = Number(query.offset)
      return json({ data: manyRows(30).slice(offset, offset + 10), total: 31 })
    }
    const report = await sync(source, store, { ports, full: true })
    expect(report.resources.items).toMatchObject({ swept: 0, unswept: '30 rows came where the API counts 31' })
    expect(await itemsIn(store, source)).toHaveLength(30)
  })

  test('an empty answer in a full refresh deletes nothing', async () => {
    const { api, store, ports } = itemsWorld(manyRows(30))
    const source = itemsSource()
    await sync(source, store, { ports })
    api.tables['/items'] = []
    expect((await sync(source, store, { ports, full: true })).status).toBe('needs_confirmation')
    expect(await itemsIn(store, source)).toHaveLength(30)
  })

  test('of two rows with one key in a page the later one stays, and both are counted', async () => {
    const { store, ports } = itemsWorld([
      { id: 1, v: 'old', updated_at: '2024-01-01T00:00:00Z' },
      { id: 1, v: 'new', updated_at: '2024-01-01T00:00:00Z' },
    ])
    const source = itemsSource()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ added: 1, duplicates: 1 })
    expect(await itemsIn(store, source)).toMatchObject([{ v: 'new' }])
  })
})

describe('resume', () => {
  test('step after step with a budget of one request ends with the same rows, and reads no committed page twice', async () => {
    const { api, store, ports } = itemsWorld(manyRows(95))
    const source = itemsSource()
    let steps = 0
    let last: Awaited<ReturnType<typeof step>>
    do {
      last = await step(source, store, { ports, budget: { requests: 1 } })
      expectBalance(last.report)
      steps++
    } while (last.status === 'more' && steps < 50)
    expect(last.status).toBe('done')
    expect(steps).toBe(10)
    expect(api.log()).toEqual(Array.from({ length: 10 }, (_, page) => `/items?${page * 10}`))
    expect(last.report.resources.items).toMatchObject({
      requests: 10,
      pages: 10,
      received: 95,
      added: 95,
      complete: true,
    })
    expect(await itemsIn(store, source)).toHaveLength(95)
  })

  test('a run that fails goes on at the page that failed, and moves no cursor before', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    const source = itemsSource()
    api.fault = ({ query }) => (query.offset === '20' ? json({}, { status: 400 }) : undefined)
    const error: unknown = await sync(source, store, { ports }).catch((thrown) => thrown)
    if (!isSynclineError(error, 'http_status')) throw error
    expect(error).toMatchObject({ status: 400, resource: 'items' })
    expectBalance(error.report)
    expect(error.report?.resources.items).toMatchObject({ status: 'failed', received: 20, added: 20, complete: false })
    const data = await openDataset(source, store)
    expect(await data.cursors()).toEqual({})

    api.fault = () => undefined
    api.log()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(api.log()).toEqual(['/items?20', '/items?30'])
    expect(report.resources.items).toMatchObject({ received: 15, added: 15, complete: true })
    expect(await data.cursors()).toEqual({ items: '2024-01-01T00:00:35.000Z' })
  })

  test('an abort between pages leaves a store that goes on', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    const source = itemsSource()
    const controller = new AbortController()
    const reason = new Error('the user left')
    api.fault = ({ query }) => {
      if (query.offset === '20') controller.abort(reason)
      return undefined
    }
    await expect(sync(source, store, { ports, signal: controller.signal })).rejects.toBe(reason)
    api.fault = () => undefined
    api.log()
    await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items?20', '/items?30'])
    expect(await itemsIn(store, source)).toHaveLength(35)
    expect(ports.pending()).toBe(0)
  })

  test('an interrupted full refresh goes on, and sweeps by all that it saw', async () => {
    const { api, store, ports } = itemsWorld(manyRows(60))
    const source = itemsSource()
    await sync(source, store, { ports })
    api.tables['/items']?.splice(30, 2)
    for (let steps = 0; steps < 40; steps++) {
      const { status } = await step(source, store, { ports, full: true, budget: { requests: 1 } })
      if (status === 'done') break
      expect(status).toBe('more')
    }
    expect((await itemsIn(store, source)).map(({ id }) => id)).not.toContain(31)
    expect(await itemsIn(store, source)).toHaveLength(58)
  })

  test('a changed config begins the pass anew and says so', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    await step(itemsSource(), store, { ports, budget: { requests: 2 } })
    const events: string[] = []
    api.log()
    await sync(itemsSource({}, { paginator: { type: 'offset', limit: 20 } }), store, {
      ports,
      onEvent: ({ type }) => events.push(type),
    })
    expect(events).toContain('restart')
    expect(api.log()).toEqual(['/items?0', '/items?20'])
    expect(await itemsIn(store)).toHaveLength(35)
  })

  test('a changed primary key asks for a full refresh', async () => {
    const { store, ports } = itemsWorld(manyRows(5))
    await sync(itemsSource(), store, { ports })
    await expect(sync(itemsSource({ primaryKey: 'name' }), store, { ports })).rejects.toMatchObject({
      code: 'full_refresh_needed',
    })
    expect(await itemsIn(store)).toHaveLength(5)
  })
})

describe('dispositions', () => {
  test('append grows by what each run brings; rows at the last cursor come once', async () => {
    const { api, store, ports } = itemsWorld(manyRows(15))
    const source = itemsSource({ writeDisposition: 'append' })
    await sync(source, store, { ports })
    api.tables['/items']?.push(...manyRows(3, 16))
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ received: 4, added: 3, filtered: 1 })
    expect(await itemsIn(store, source)).toHaveLength(18)
  })

  test('replace publishes at the end; until then readers see the old rows', async () => {
    const { api, store, ports } = itemsWorld(manyRows(25))
    const source = itemsSource({ writeDisposition: 'replace' })
    await sync(source, store, { ports })
    api.tables['/items'] = manyRows(22, 100)
    await step(source, store, { ports, budget: { requests: 2 } })
    expect((await itemsIn(store, source)).map(({ id }) => id)).toEqual(manyRows(25).map(({ id }) => id))
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect((await itemsIn(store, source)).map(({ id }) => id)).toEqual(manyRows(22, 100).map(({ id }) => id))
  })

  test('replace with an empty answer empties the table', async () => {
    const { api, store, ports } = itemsWorld(manyRows(5))
    const source = itemsSource({ writeDisposition: 'replace' })
    await sync(source, store, { ports })
    api.tables['/items'] = []
    await sync(source, store, { ports })
    expect(await itemsIn(store, source)).toEqual([])
  })

  test('skip asks for nothing', async () => {
    const { api, store, ports } = itemsWorld(manyRows(5))
    const report = await sync(itemsSource({ writeDisposition: 'skip' }), store, { ports })
    expect(report.resources.items?.status).toBe('skipped')
    expect(api.requests).toHaveLength(0)
  })

  test('limit stops early, proves nothing, and does not replace a whole table', async () => {
    const { store, ports } = itemsWorld(manyRows(35))
    const source = itemsSource({ writeDisposition: 'replace' })
    await sync(source, store, { ports })
    const report = await sync(source, store, { ports, limit: { records: 15 } })
    expect(report.resources.items).toMatchObject({ received: 15, complete: false, incomplete: '`limit` was reached' })
    expect(await itemsIn(store, source)).toHaveLength(35)
  })
})

describe('what cannot be taken', () => {
  const cases: [string, JsonObject, string][] = [
    ['no id', { name: 'x', updated_at: '2024-01-01T00:00:00Z' }, 'key_column_missing'],
    ['a null id', { id: null, updated_at: '2024-01-01T00:00:00Z' }, 'key_invalid'],
    ['an object as id', { id: { a: 1 }, updated_at: '2024-01-01T00:00:00Z' }, 'key_invalid'],
    ['an id of another type', { id: '7', updated_at: '2024-01-01T00:00:00Z' }, 'key_type_mixed'],
  ]
  test.each(cases)('%s: kept in quarantine, the others are merged', async (_, bad, code) => {
    const { store, ports } = itemsWorld([...manyRows(12), bad])
    const source = itemsSource()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ added: 12, quarantined: 1, complete: true })
    const data = await openDataset(source, store)
    const kept = []
    for await (const record of data.quarantine()) kept.push(record)
    expect(kept).toMatchObject([{ resource: 'items', code, record: bad }])
  })

  test('too many of them fail the run, keep the records, and move no cursor', async () => {
    const bad = Array.from({ length: 8 }, (_, i) => ({ nr: i, updated_at: '2024-02-01T00:00:00Z' }))
    const { store, ports } = itemsWorld([...manyRows(20), ...bad])
    const source = itemsSource()
    await expect(sync(source, store, { ports })).rejects.toMatchObject({
      code: 'key_column_missing',
      resource: 'items',
    })
    const data = await openDataset(source, store)
    expect(await data.cursors()).toEqual({})
    expect(await data.table('items').count()).toBe(20)
  })

  test('integers beyond 2^53-1 are kept with all their digits', async () => {
    const { api, store, ports } = itemsWorld([])
    api.fault = () =>
      new Response(
        '{"data":[{"id":1,"n":1,"updated_at":"2024-01-01T00:00:00Z"},{"id":9007199254740993,"updated_at":"2024-01-01T00:00:00Z"}],"total":2}',
      )
    const source = itemsSource()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    const data = await openDataset(source, store)
    const kept: JsonObject[] = []
    for await (const { record } of data.quarantine()) kept.push(record as JsonObject)
    expect(kept).toMatchObject([{ id: '9007199254740993' }])
  })

  test.each([['the same page for ever', 'pagination_no_progress']])('%s ends as an error', async (_, code) => {
    const { api, store, ports } = itemsWorld(manyRows(10))
    api.fault = () => json({ data: manyRows(10), total: 100 })
    await expect(sync(itemsSource(), store, { ports })).rejects.toMatchObject({ code })
    expect(api.requests.length).toBeLessThan(4)
  })

  test('a body without the expected place is an error, not "no data"', async () => {
    const { api, store, ports } = itemsWorld(manyRows(10))
    const source = itemsSource()
    await sync(source, store, { ports })
    api.fault = () => json({ rows: [] })
    await expect(sync(source, store, { ports, full: true })).rejects.toMatchObject({ code: 'selector_empty' })
    expect(await itemsIn(store, source)).toHaveLength(10)
  })
})

describe('cursor', () => {
  test('never beyond the time of the source when the pass began', async () => {
    const { api, store, ports } = itemsWorld([{ id: 1, updated_at: '9999-12-31T00:00:00Z' }])
    const source = itemsSource()
    await sync(source, store, { ports })
    const data = await openDataset(source, store)
    expect(await data.cursors()).toEqual({})
    // Without a `Date` header, five minutes are left for a clock that is wrong.
    for (const time of ['2025-12-31T23:54:00Z', '2025-12-31T23:59:00Z'])
      api.tables['/items']?.push({ id: Date.parse(time), updated_at: time })
    await sync(source, store, { ports, full: true })
    expect(await data.cursors()).toEqual({ items: '2025-12-31T23:54:00Z' })
    api.fault = () =>
      json({ data: api.tables['/items'], total: 3 }, { headers: { date: 'Wed, 31 Dec 2025 23:59:00 GMT' } })
    await sync(source, store, { ports })
    expect(await data.cursors()).toEqual({ items: '2025-12-31T23:59:00Z' })
  })
})

describe('children', () => {
  function blog() {
    const api: FakeApi = fakeApi({ '/posts': manyRows(25) })
    for (let id = 1; id <= 25; id++) {
      api.tables[`/posts/${id}/comments`] = Array.from({ length: id % 4 }, (_, i) => ({
        id: id * 100 + i,
        text: `c${i}`,
      }))
    }
    const source = defineSource({
      name: 'blog',
      ...pagedBy(10),
      resources: [
        { name: 'posts', endpoint: { path: '/posts' } },
        { name: 'comments', endpoint: { path: '/posts/{resources.posts.id}/comments' }, includeFromParent: ['name'] },
      ],
    })
    return { api, source, store: memoryStore(), ports: fakePorts({ fetch: api.fetch }) }
  }

  test('are fetched for each parent before the next page of parents', async () => {
    const { api, source, store, ports } = blog()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({
      pages: 25,
      complete: true,
      added: report.resources.comments?.received,
    })
    const log = api.log()
    expect(log.indexOf('/posts?10')).toBe(11)
    const data = await openDataset(source, store)
    expect(await data.table('comments').get(100)).toEqual({ id: 100, text: 'c0', _posts_name: 'row 1' })
    expect(await data.table('comments').count()).toBe(
      Array.from({ length: 25 }, (_, i) => (i + 1) % 4).reduce((a, b) => a + b),
    )
  })

  test('resume exactly, whatever the budget', async () => {
    for (const requests of [1, 2, 3, 7]) {
      const { api, source, store, ports } = blog()
      for (let steps = 0; ; steps++) {
        expect(steps).toBeLessThan(60)
        const { status, report } = await step(source, store, { ports, budget: { requests } })
        expectBalance(report)
        if (status === 'done') break
      }
      const log = api.log()
      expect(new Set(log).size).toBe(log.length)
      expect(log).toHaveLength(28)
      const data = await openDataset(source, store)
      expect(await data.table('comments').count()).toBe(37)
    }
  })

  test('of a resource that was not asked for are not forgotten', async () => {
    const { api, source, store, ports } = blog()
    await sync(source, store, { ports, resources: ['posts'] })
    expect(api.log()).toHaveLength(3)
    api.tables['/posts'] = []
    await sync(source, store, { ports })
    const data = await openDataset(source, store)
    expect(await data.table('comments').count()).toBe(37)
  })

  test('of two parents under one key are an error, not a loss', async () => {
    const { api, source, store, ports } = blog()
    api.tables['/posts/2/comments'] = [{ id: 100, text: 'of post 2' }]
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'key_not_unique', resource: 'comments' })
    const data = await openDataset(source, store)
    expect(await data.cursors()).toEqual({})
    api.tables['/posts/2/comments'] = [{ id: 200, text: 'of post 2' }]
    const report = await sync(source, store, { ports })
    expect(report.resources.comments.complete).toBe(true)
  })

  test('a child that fails keeps its parents waiting, not lost', async () => {
    const { api, source, store, ports } = blog()
    api.fault = ({ url }) => (url.endsWith('/posts/7/comments') ? json({}, { status: 500 }) : undefined)
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'http_status', resource: 'comments' })
    api.fault = () => undefined
    api.log()
    const report = await sync(source, store, { ports })
    expect(api.log()[0]).toBe('/posts/7/comments?0')
    expect(report.resources.comments?.complete).toBe(true)
    const data = await openDataset(source, store)
    expect(await data.table('comments').count()).toBe(37)
  })
})

describe('a second resource', () => {
  test('is finished although the first one fails, and the error carries the report', async () => {
    const api = fakeApi({ '/good': manyRows(12) })
    const source = defineSource({
      name: 'two',
      ...pagedBy(10),
      resources: ['bad', 'good'],
    })
    const store = memoryStore()
    const ports = fakePorts({ fetch: api.fetch })
    const error: unknown = await sync(source, store, { ports }).catch((thrown) => thrown)
    if (!isSynclineError(error)) throw error
    const reports: Record<string, ResourceReport> = error.report?.resources ?? {}
    expect([reports.bad?.status, reports.good?.status]).toEqual(['failed', 'done'])
    // The next run tries both again: a broken resource must not keep the others from being refreshed.
    api.log()
    await sync(source, store, { ports }).catch(() => {})
    expect(api.log().sort()).toEqual(['/bad?0', '/good?0', '/good?10'])
  })
})

test('a second sync of the same dataset joins the first if it asks for the same, and waits if not', async () => {
  const { api, store, ports } = itemsWorld(manyRows(15))
  const source = itemsSource()
  const first = sync(source, store, { ports })
  expect(sync(source, store, { ports })).toBe(first)
  const full = sync(source, store, { ports, full: true })
  expect(sync(source, store, { ports, full: true })).toBe(full)
  expect((await first).resources.items).toMatchObject({ added: 15 })
  expect((await full).resources.items).toMatchObject({ unchanged: 15 })
  expect(api.log()).toEqual(['/items?0', '/items?10', '/items?0', '/items?10'])
})

test('what plan says is what sync does', async () => {
  const { api, store, ports } = itemsWorld(manyRows(35))
  const source = itemsSource()
  const [before] = await plan(source, store)
  expect(before).toEqual({ name: 'items', mode: 'merge', fromPage: 0, stored: 0 })
  await step(source, store, { ports, budget: { requests: 2 } })
  expect(await plan(source, store)).toMatchObject([{ fromPage: 2, stored: 20 }])
  expect(await plan(source, store, { full: true })).toMatchObject([{ fromPage: 0, stored: 20 }])
  await sync(source, store, { ports })
  expect(await plan(source, store)).toMatchObject([{ fromPage: 0, stored: 35, start: '2024-01-01T00:00:35.000Z' }])
  expect(await plan(source, store, { writeDisposition: 'replace' })).toEqual([
    { name: 'items', mode: 'replace', fromPage: 0, stored: 35 },
  ])
  expect(api.requests).toHaveLength(4)
})

test.each<[string, object, object, object, object]>([
  ['a full refresh goes on', { writeDisposition: 'append' }, { full: true }, {}, { mode: 'replace', fromPage: 2 }],
  ['one that was limited begins anew', {}, { limit: { pages: 3 } }, {}, { mode: 'merge', fromPage: 0 }],
])('what plan says of an interrupted pass is what sync does: %s', async (_, resource, before, after, planned) => {
  const { api, store, ports } = itemsWorld(manyRows(35))
  const source = itemsSource(resource)
  await step(source, store, { ports, ...before, budget: { requests: 2 } })
  expect(await plan(source, store, after)).toMatchObject([planned])
  const [{ fromPage } = { fromPage: -1 }] = await plan(source, store, after)
  const asked = api.log().length
  await sync(source, store, { ports, ...after })
  expect(api.log()[asked]).toBe(`/items?${fromPage * 10}`)
})

test('a wait that does not fit the budget ends the step with the time to come back', async () => {
  const { api, store, ports } = itemsWorld(manyRows(5))
  const source = defineSource({
    name: 'test',
    client: { baseUrl: 'https://api.example.com' },
    resources: [{ name: 'items', primaryKey: 'id', endpoint: { path: '/items', dataSelector: 'data' } }],
  })
  api.fault = () => json({}, { status: 429, headers: { 'retry-after': '30' } })
  const { status, retryAt = 0, report } = await step(source, store, { ports, budget: { wallMs: 5000 } })
  expect(status).toBe('wait')
  expect(retryAt - ports.now()).toBeGreaterThanOrEqual(30_000)
  expect(report.resources.items?.status).toBe('waiting')
})
