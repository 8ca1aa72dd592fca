import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, openDataset, type SyncEvent, SynclineError, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Store } from '../../src/store/index.ts'
import { expectBalance } from '../support/balance.ts'
import { withEtags } from '../support/etags.ts'
import { type FakeApi, fakeApi, manyRows } from '../support/fake-api.ts'
import { changedStore, itemsIn, itemsSource } from '../support/items.ts'
import { fakePorts, START, seededRandom } from '../support/ports.ts'
import { json } from '../support/server.ts'

const single = { conditional: true, incremental: null }

function world(
  count: number,
  { endpoint = {}, resource = {}, client = {}, validators = undefined as Validators } = {},
) {
  const api = fakeApi({ '/items': manyRows(count) })
  const http = withEtags(api.fetch, validators)
  const source = itemsSource(resource, { ...single, ...endpoint }, client)
  return { api, http, source, store: memoryStore(), ports: fakePorts({ fetch: http.fetch }) }
}

type Validators = Parameters<typeof withEtags>[1]

const change = (api: FakeApi, at: number, name: string, table = '/items') => {
  const rows = api.tables[table] ?? []
  rows[at] = { ...rows[at], name }
}

describe('a list of one page', () => {
  test('that has not changed is not sent: its rows count as unchanged', async () => {
    const { api, http, source, store, ports } = world(7)
    const first = await sync(source, store, { ports })
    expect(first.resources.items).toMatchObject({ added: 7, complete: true })
    expect(first.resources.items?.notModified).toBeUndefined()
    const events: SyncEvent[] = []
    const second = await sync(source, store, { ports, onEvent: (event) => events.push(event) })
    expectBalance(second)
    expect(second.resources.items).toMatchObject({
      ...{ requests: 1, pages: 1, received: 0, bytes: 0 },
      ...{ rows: 7, unchanged: 7, notModified: 1, complete: true },
    })
    expect(events).toContainEqual({ type: 'not_modified', resource: 'items', rows: 7 })
    change(api, 2, 'changed')
    const third = await sync(source, store, { ports })
    expectBalance(third)
    expect(third.resources.items).toMatchObject({ received: 7, updated: 1, unchanged: 6 })
    expect(third.resources.items?.notModified).toBeUndefined()
    expect((await sync(source, store, { ports })).resources.items).toMatchObject({ unchanged: 7, notModified: 1 })
    expect(http.log()).toEqual(['200', '304?', '200?', '304?'])
    expect(await itemsIn(store, source)).toEqual(api.tables['/items'])
  })

  test('without an option is asked for without a condition, and a 304 that nobody asked for is an error', async () => {
    const { api, http, source, store, ports } = world(7, { endpoint: { conditional: null } })
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(['200', '200'])
    api.fault = () => new Response(null, { status: 304 })
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'http_status', status: 304 })
    const conditional = world(7)
    conditional.api.fault = api.fault
    await expect(sync(conditional.source, store, { ports: conditional.ports })).rejects.toMatchObject({ status: 304 })
  })

  test('counts rows that are stored, and is one that may be empty', async () => {
    const { api, source, store, ports } = world(5, { resource: { processingSteps: [{ filter: even }] } })
    api.tables['/items']?.push({ id: 2, name: 'again' })
    await sync(source, store, { ports })
    expect((await sync(source, store, { ports })).resources.items).toMatchObject({ rows: 2, unchanged: 2 })
    api.tables['/items'] = []
    await sync(source, store, { ports })
    const report = await sync(source, store, { ports })
    expect(report.resources.items).toMatchObject({ rows: 0, notModified: 1, complete: true })
  })

  test('counts what is stored where rows are marked as deleted', async () => {
    const { api, source, store, ports } = world(5, { resource: { columns: { gone: { hardDelete: true } } } })
    api.tables['/items']?.push({ id: 99, gone: true })
    await sync(source, store, { ports })
    const { items } = (await sync(source, store, { ports })).resources
    expect(items).toMatchObject({ rows: 5, unchanged: 5, notModified: 1 })
  })

  test('with a cursor: the condition goes with the same start only', async () => {
    const incremental = { cursorPath: 'updated_at', startParam: 'since' }
    const { http, source, store, ports } = world(7, { endpoint: { incremental } })
    await sync(source, store, { ports })
    const second = await sync(source, store, { ports })
    const third = await sync(source, store, { ports })
    expect(http.log()).toEqual(['200', '200', '304?'])
    expect(second.resources.items).toMatchObject({ unchanged: 1 })
    expectBalance(third)
    expect(third.resources.items).toMatchObject({
      unchanged: 1,
      notModified: 1,
      cursor: second.resources.items?.cursor,
    })
  })

  test('in a dataset that was dropped is read', async () => {
    const { http, source, store, ports } = world(7)
    await sync(source, store, { ports })
    await store.drop('test')
    expect((await sync(source, store, { ports })).resources.items).toMatchObject({ added: 7 })
    expect(http.log()).toEqual(['200', '200'])
  })

  test.each<[string, object, object]>([
    ['another parameter', { params: { kind: 'b' } }, {}],
    ['another header', { headers: { 'x-kind': 'b' } }, {}],
    ['a processing step more', {}, { processingSteps: [{ map: (item: JsonObject) => ({ ...item, b: 1 }) }] }],
    ['a column that may not be empty', {}, { columns: { b: { nullable: false } } }],
  ])('is read after a change of the config: %s', async (_, endpoint, resource) => {
    const { http, source, store, ports } = world(7)
    await sync(source, store, { ports })
    const changed = itemsSource(resource, { ...single, ...endpoint })
    await sync(changed, store, { ports }).catch(() => {})
    expect(http.log()).toEqual(['200', '200'])
  })
})

const even = ({ id }: JsonObject) => Number(id) % 2 === 0

describe('no condition is sent', () => {
  test('where a list has more than one page, and none when it grows to two', async () => {
    const { api, http, source, store, ports } = world(25)
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(Array(6).fill('200'))
    api.tables['/items']?.splice(9)
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    api.tables['/items']?.push(...manyRows(5, 10))
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(['200', '304?', '200?', '200', '200', '200'])
    expect(await itemsIn(store, source)).toHaveLength(25)
  })

  test('where the end of the page is in a header: it may have become the first of two without a change', async () => {
    const { api, http, store, ports } = world(25)
    const source = itemsSource({}, { ...single, paginator: 'header_link', params: { limit: 25 } })
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    const auto = itemsSource({}, { ...single, paginator: null, params: { limit: 25 } })
    api.fault = () =>
      json({ data: manyRows(3), total: 3 }, { headers: { link: '<https://api.example.com/items>; rel="last"' } })
    await sync(auto, store, { ports })
    await sync(auto, store, { ports })
    const own = { start: () => ({}), apply: (request: unknown) => request, next: () => ({ end: 'complete' }) }
    const custom = itemsSource({}, { ...single, paginator: own })
    api.fault = () => undefined
    await sync(custom, store, { ports })
    await sync(custom, store, { ports })
    expect(http.log()).toEqual(Array(6).fill('200'))
    const one = itemsSource({}, { ...single, paginator: 'single_page', params: { limit: 25 } })
    await sync(one, store, { ports })
    await sync(one, store, { ports })
    expect(http.log()).toEqual(['200', '304?'])
  })

  test.each<[string, object, object]>([
    ['a full refresh', {}, { full: true }],
    ['a limit', {}, { limit: { pages: 3 } }],
    ['replace', { writeDisposition: 'replace' }, {}],
    ['append', { writeDisposition: 'append' }, {}],
    ['a disposition of the run', {}, { writeDisposition: 'replace' }],
  ])('with %s, and what it writes is not vouched for by what came before', async (_, resource, options) => {
    const { api, http, source, store, ports } = world(5)
    const before = [...(api.tables['/items'] ?? [])]
    await sync(source, store, { ports })
    change(api, 1, 'changed')
    await sync(itemsSource(resource, single), store, { ports, ...options }).catch(() => {})
    api.tables['/items'] = before
    await sync(source, store, { ports, full: 'writeDisposition' in resource })
    expect(http.log().filter((line) => line.endsWith('?'))).toEqual([])
    expect((await itemsIn(store, source)).find(({ id }) => id === 2)).toEqual(before[1])
  })

  test('where redirects are followed unseen, and none after a redirect', async () => {
    const unseen = world(5, { client: { redirect: 'follow' } })
    await sync(unseen.source, unseen.store, { ports: unseen.ports })
    await sync(unseen.source, unseen.store, { ports: unseen.ports })
    expect(unseen.http.log()).toEqual(['200', '200'])

    const { api, http, source, store, ports } = world(5)
    await sync(source, store, { ports })
    api.tables['/moved'] = api.tables['/items'] ?? []
    api.fault = ({ url, query }) =>
      url.endsWith('/items')
        ? new Response(null, {
            status: 302,
            headers: { location: `/moved?${new URLSearchParams(query as Record<string, string>)}` },
          })
        : undefined
    const report = await sync(source, store, { ports })
    expect(report.resources.items).toMatchObject({ received: 5, unchanged: 5, requests: 2 })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(['200', '302?', '200', '302', '200'])
  })

  test('for a page with a row in quarantine', async () => {
    const { api, http, source, store, ports } = world(30, { endpoint: { paginator: { type: 'offset', limit: 50 } } })
    api.tables['/items']?.push({ name: 'no id' })
    const first = await sync(source, store, { ports })
    expect(first.resources.items).toMatchObject({ quarantined: 1 })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(['200', '200'])
  })

  test('with a sync token', async () => {
    const incremental = { tokenPath: 'total', startParam: 'token' }
    const { http, source, store, ports } = world(3, { endpoint: { incremental } })
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(['200', '200'])
  })

  const settled = new Date(START - 3_600_000).toUTCString()
  const date = new Date(START).toUTCString()
  test.each<[string, Validators, boolean]>([
    ['a weak ETag', (etag) => ({ etag: `W/${etag}` }), true],
    ['an ETag that is very long', (etag) => ({ etag: `"${etag.slice(1, -1).repeat(100)}"` }), false],
    ['nothing, or what a browser hides', () => ({}), false],
    ['Vary: *', (etag) => ({ etag, vary: 'accept, *' }), false],
    ['Vary: Accept', (etag) => ({ etag, vary: 'accept' }), true],
    ['Last-Modified of long ago', () => ({ 'last-modified': settled, date }), true],
    ['Last-Modified, and no date to compare it with', () => ({ 'last-modified': settled }), false],
    ['Last-Modified of just now: it may change again', () => ({ 'last-modified': date, date }), false],
    ['Last-Modified that is no date', () => ({ 'last-modified': 'yesterday', date }), false],
  ])('or is, by what the API sends: %s', async (_, validators, sent) => {
    const { http, source, store, ports } = world(3, { validators })
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(['200', sent ? '304?' : '200'])
  })
})

/** Posts whose comments are lists of one page. */
function blog(comments: object = {}, posts: object = {}) {
  const api = fakeApi({ '/posts': manyRows(3) })
  for (const id of [1, 2, 3]) api.tables[`/posts/${id}/comments`] = manyRows(2)
  const http = withEtags(api.fetch)
  const source = defineSource({
    name: 'blog',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
    resourceDefaults: {
      primaryKey: 'id',
      endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit: 10 }, conditional: true },
    },
    resources: [
      { name: 'posts', endpoint: '/posts', ...posts },
      {
        name: 'comments',
        primaryKey: ['_posts_id', 'id'],
        includeFromParent: ['id', 'name'],
        endpoint: '/posts/{resources.posts.id}/comments',
        ...comments,
      },
    ],
  })
  return { api, http, source, store: memoryStore(), ports: fakePorts({ fetch: http.fetch }) }
}

describe('children', () => {
  test('have one condition for each parent; their parents have none, since a 304 has no rows to go by', async () => {
    const { api, http, source, store, ports } = blog()
    await sync(source, store, { ports })
    change(api, 0, 'changed', '/posts/2/comments')
    http.log()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({ unchanged: 5, updated: 1, notModified: 2, complete: true })
    expect(http.log()).toEqual(['200', '304?', '200?', '304?'])
    // Children that are not asked for now may be asked for later: their parents are needed all the same.
    await sync(source, store, { ports, resources: ['posts'] })
    await sync(source, store, { ports, resources: ['posts'] })
    expect(http.log()).toEqual(['200', '200'])
  })

  test('get the fields of a parent that has changed, although their own page has not', async () => {
    const { api, http, source, store, ports } = blog()
    await sync(source, store, { ports })
    change(api, 1, 'renamed', '/posts')
    http.log()
    const report = await sync(source, store, { ports })
    expect(report.resources.comments).toMatchObject({ unchanged: 4, updated: 2, notModified: 2 })
    expect(http.log()).toEqual(['200', '304?', '200', '304?'])
  })

  test.each<[string, object, object]>([
    ['a key that has nothing of the parent', { primaryKey: 'id' }, {}],
    ['a parent without a key', {}, { primaryKey: null, writeDisposition: 'append' }],
  ])('that may move between parents are read: %s', async (_, comments, posts) => {
    const { api, http, source, store, ports } = blog(comments, posts)
    for (const id of [1, 2, 3]) api.tables[`/posts/${id}/comments`] = manyRows(2, id * 10)
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(http.log()).toEqual(Array(8).fill('200'))
  })
})

test('after a failed commit, at any point, an answer 304 hides nothing', async () => {
  const lost = new SynclineError('store_lost', 'the store is gone')
  let points = 0
  for (const when of ['before', 'after'] as const) {
    for (let at = 0, failed = true; failed; at++) {
      failed = false
      const { api, source, store, ports } = blog()
      let commits = 0
      const through = changedStore(store, (dataset) => ({
        async commit(commit) {
          const fails = commits++ === at
          failed ||= fails
          if (fails && when === 'before') throw lost
          const result = await dataset.commit(commit)
          if (fails) throw lost
          return result
        },
      }))
      await sync(source, through, { ports }).catch(() => {})
      const before = [...(api.tables['/posts/2/comments'] ?? [])]
      change(api, 1, 'changed', '/posts/2/comments')
      await sync(source, through, { ports }).catch(() => {})
      api.tables['/posts/2/comments'] = before
      await sync(source, through, { ports }).catch(() => {})
      const last = await sync(source, store, { ports })
      expectBalance(last)
      const data = await openDataset(source, store)
      expect(await data.table('comments').get([2, 2])).toMatchObject(before[1] ?? {})
      await data.close()
      points++
    }
  }
  expect(points).toBeGreaterThan(20)
})

describe('a source that changes and changes back, and runs of all kinds that end anywhere', () => {
  const unconditional = { ...single, conditional: null }

  /** What a run with this seed does to a list of at most two pages. */
  async function live(seed: number, store: Store, plainStore: Store): Promise<string[]> {
    const random = seededRandom(seed)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const api = fakeApi({ '/items': [] })
    const http = withEtags(api.fetch)
    const ports = fakePorts({ fetch: http.fetch })
    const plainPorts = fakePorts({ fetch: api.fetch })
    const [source, plain] = [itemsSource({}, single), itemsSource({}, unconditional)]
    for (let round = 0; round < 12; round++) {
      // Few names and few rows: what was is likely to come again.
      const count = pick([0, 3, 3, 3, 3, 10, 12])
      api.tables['/items'] = manyRows(count).map((item) => ({ ...item, name: pick(['a', 'b']) }))
      if (random() < 0.5) api.tables['/items'] = manyRows(3).map((item) => ({ ...item, name: 'same' }))
      const options = pick([{}, {}, {}, { limit: { records: 2 } }, { full: true }, { budget: { requests: 1 } }])
      if ('budget' in options) {
        await step(source, store, { ports, ...options })
        await step(source, plainStore, { ports: plainPorts, ...options })
        continue
      }
      const confirmed = async (run: typeof source, at: Store, through: typeof ports) => {
        const report = await sync(run, at, { ports: through, ...options })
        expectBalance(report)
        if (report.confirm) await sync(run, at, { ports: through, ...options, confirm: report.confirm })
      }
      const run = pick([source, source, source, plain])
      await confirmed(run, store, ports)
      await confirmed(run, plainStore, plainPorts)
      expect(await itemsIn(store, source)).toEqual(await itemsIn(plainStore, plain))
    }
    return http.log()
  }

  test('end with what runs without conditions end with', async () => {
    let [asked, saved] = [0, 0]
    for (let seed = 1; seed <= 30; seed++) {
      const lines = await live(seed, memoryStore(), memoryStore())
      asked += lines.filter((line) => line.endsWith('?')).length
      saved += lines.filter((line) => line === '304?').length
    }
    expect(asked).toBeGreaterThan(60)
    expect(saved).toBeGreaterThan(20)
  })
})

test('children that went with their parent come back with it, although their page is the same', async () => {
  const columns = { gone: { hardDelete: true } }
  const { api, http, source, store, ports } = blog({}, { columns })
  await sync(source, store, { ports })
  await sync(source, store, { ports })
  const [, second] = api.tables['/posts'] ?? []
  api.tables['/posts']?.splice(1, 1, { ...second, gone: true })
  await sync(source, store, { ports })
  const data = await openDataset(source, store)
  expect(await data.table('comments').count()).toBe(4)
  api.tables['/posts']?.splice(1, 1, { ...second })
  http.log()
  const report = await sync(source, store, { ports })
  expectBalance(report)
  expect(await data.table('comments').count()).toBe(6)
  expect(http.log()).toEqual(['200', '200', '200', '200'])
  await data.close()
})
