// `mockApi` as its users use it: msw in front of the platform's own `fetch`, and `sync` behind it.
import { setupServer } from 'msw/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { type AuthConfig, defineSource, openDataset, type PaginatorConfig, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Store } from '../../src/store/index.ts'
import { type MockApiOptions, type MockAuth, type MockPaging, mockApi } from '../../src/testing/index.ts'
import { expectBalance } from '../support/balance.ts'
import { manyRows } from '../support/fake-api.ts'
import { START } from '../support/ports.ts'

const BASE = 'https://api.example.com/v1'

/** An API whose `/items` are 25 rows, in front of `fetch` until the test ends. Waits take no time but on its clock. */
async function world(paging: MockPaging, options: Partial<MockApiOptions<'/items'>> = {}, rows = manyRows(25)) {
  const clock = { now: START }
  const sleeps: number[] = []
  const ports = {
    now: () => clock.now,
    sleep: async (ms: number) => {
      sleeps.push(ms)
      clock.now += ms
    },
  }
  const filter = { param: 'since', field: 'updated_at' }
  const resources = { '/items': { records: rows, paging, filter } }
  const api = await mockApi({ baseUrl: BASE, resources, ports, ...options })
  const server = setupServer(...api.handlers)
  server.listen({ onUnhandledRequest: 'error' })
  onTestFinished(() => server.close())
  return { api, clock, sleeps, ports, store: memoryStore() }
}

function sourceOf(paginator: PaginatorConfig, { auth, retries = 0 }: { auth?: AuthConfig; retries?: number } = {}) {
  return defineSource({
    name: 'mocked',
    client: { baseUrl: BASE, retry: { retries, jitter: false }, ...(auth && { auth }) },
    resources: [
      {
        name: 'items',
        primaryKey: 'id',
        endpoint: {
          dataSelector: 'data',
          paginator,
          incremental: { cursorPath: 'updated_at', startParam: 'since' },
        },
      },
    ],
  })
}

async function idsIn(store: Store, source = sourceOf('single_page')): Promise<unknown[]> {
  const data = await openDataset(source, store)
  const ids: unknown[] = []
  for await (const rows of data.table('items').scan()) ids.push(...rows.map(({ id }) => id))
  return ids
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const OFFSET = { type: 'offset', pageSize: 10 } as const
const BY_OFFSET = { type: 'offset', limit: 10 } as const

describe('paging', () => {
  test.each<{ paging: MockPaging; paginator: PaginatorConfig; last: object }>([
    { paging: OFFSET, paginator: BY_OFFSET, last: { offset: '20', limit: '10' } },
    {
      paging: { type: 'offset', maxPageSize: 10, offsetParam: 'skip', limitParam: 'top', totalPath: 'meta.count' },
      paginator: { type: 'offset', limit: 500, offsetParam: 'skip', limitParam: 'top', totalPath: 'meta.count' },
      last: { skip: '20', top: '500' },
    },
    {
      paging: { type: 'page_number', pageSize: 10 },
      paginator: { type: 'page_number' },
      last: { page: '2' },
    },
    {
      paging: { type: 'page_number', pageSize: 10, basePage: 1, pageParam: 'p', totalPath: null },
      paginator: { type: 'page_number', basePage: 1, pageParam: 'p', totalPath: null },
      last: { p: '4' },
    },
    { paging: { type: 'cursor', pageSize: 10 }, paginator: { type: 'cursor' }, last: { cursor: 'c20' } },
    {
      paging: { type: 'cursor', pageSize: 10, cursorParam: 'token', cursorPath: 'meta.paging.next' },
      paginator: { type: 'cursor', cursorParam: 'token', cursorPath: 'meta.paging.next' },
      last: { token: 'c20' },
    },
    { paging: { type: 'json_link', pageSize: 10 }, paginator: { type: 'json_link' }, last: { after: 'c20' } },
    {
      paging: { type: 'header_link', pageSize: 10, linksNextKey: 'more' },
      paginator: { type: 'header_link', linksNextKey: 'more' },
      last: { after: 'c20' },
    },
    { paging: { type: 'header_link', pageSize: 10 }, paginator: 'auto', last: { after: 'c20' } },
    { paging: { type: 'single_page' }, paginator: 'single_page', last: {} },
  ])('$paging.type is read by $paginator', async ({ paging, paginator, last }) => {
    const { api, ports, store } = await world(paging)
    const source = sourceOf(paginator)
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ added: 25, complete: true })
    expect(await idsIn(store)).toEqual(ids(25))
    expect(api.requests.at(-1)).toEqual({ method: 'GET', path: '/v1/items', query: last, status: 200 })

    api.records('/items').update({ id: 25 }, { name: 'changed', updated_at: '2025-01-01T00:00:00Z' })
    const again = await sync(source, store, { ports })
    expect(again.resources.items).toMatchObject({ received: 1, updated: 1 })
    expect(api.requests.at(-1)?.query).toMatchObject({ since: '2024-01-01T00:00:25.000Z' })
  })

  test.each(['offset=-1', 'offset=x', 'limit=0', 'limit=1.5'])('%s is no page', async (query) => {
    await world(OFFSET)
    expect((await fetch(`${BASE}/items?${query}`)).status).toBe(400)
  })

  test.each<[string, unknown[], string, unknown[]]>([
    ['instants', ['2024-01-01T23:30:00-01:00', '2024-01-01', '2024-01-03', null], '2024-01-02T00:30:00Z', [1, 3]],
    ['numbers', [9, 10, 100], '10', [2, 3]],
    ['text', ['9', '10', '100'], '10', [1, 2, 3]],
    ['nothing, where nothing is asked for', [1, null], '', [1, 2]],
  ])('a filter compares %s', async (_, values, since, found) => {
    const rows = values.map((value, index) => ({ id: index + 1, updated_at: value as string }))
    await world({ type: 'single_page' }, {}, rows)
    const { data } = await (await fetch(`${BASE}/items?since=${since}`)).json()
    expect(data.map(({ id }: JsonObject) => id)).toEqual(found)
  })

  test('a body that is a list has no room for a cursor', async () => {
    const resources = { '/items': { records: [], dataPath: null, paging: { type: 'cursor' } } } as const
    await expect(mockApi({ baseUrl: BASE, resources })).rejects.toMatchObject({ code: 'config_invalid' })
  })

  test('children are those of the parent in the path', async () => {
    const resources = {
      '/items': { records: [{ id: '1' }, { id: 'a b' }], dataPath: null },
      '/items/:id/parts': {
        records: [1, 2, 3].map((id) => ({ id, item: id < 3 ? 1 : 'a b' })),
        where: { id: 'item' },
        paging: { type: 'offset', pageSize: 1 },
      },
    } as const
    const api = await mockApi({ baseUrl: BASE, resources })
    const server = setupServer(...api.handlers)
    server.listen({ onUnhandledRequest: 'error' })
    onTestFinished(() => server.close())
    const source = defineSource({
      name: 'family',
      client: { baseUrl: BASE },
      resourceDefaults: { primaryKey: 'id' },
      resources: [
        { name: 'items', endpoint: { paginator: 'single_page' } },
        {
          name: 'parts',
          endpoint: {
            path: 'items/{resources.items.id}/parts',
            dataSelector: 'data',
            paginator: { type: 'offset', limit: 1 },
          },
        },
      ],
    })
    const { resources: report } = await sync(source, memoryStore())
    expect([report.items.added, report.parts.added]).toEqual([2, 3])
    expect(api.requests.map(({ path }) => path)).toContain('/v1/items/a%20b/parts')
    // @ts-expect-error: the compiler knows the paths
    expect(() => api.records('/other')).toThrow(/It has: \/items, /)
    // @ts-expect-error: here as well
    api.fail({ type: 'network', path: '/other' })
  })
})

describe('auth', () => {
  const token = { accessTokenUrl: 'https://auth.example.com/token', clientId: 'me: &', clientSecret: 'hush-hush-1' }
  const oauth = { type: 'oauth2_client_credentials', ...token } as const

  test.each<MockAuth & AuthConfig>([
    { type: 'bearer', token: 'hush-hush-1' },
    { type: 'api_key', apiKey: 'hush-hush-1' },
    { type: 'api_key', apiKey: 'hush-hush-1', name: 'x-key' },
    { type: 'api_key', apiKey: 'hush-hush-1', name: 'key', location: 'query' },
    { type: 'http_basic', username: 'me', password: 'hush-hush-1ü' },
    oauth,
    { ...oauth, clientAuthentication: 'basic' },
  ])('$type: who has it is let in, and the log does not show it', async (auth) => {
    const { api, ports, store } = await world({ type: 'json_link', pageSize: 10 }, { auth })
    const { resources } = await sync(sourceOf('json_link', { auth }), store, { ports })
    expect(resources.items.added).toBe(25)
    expect(api.requests.filter(({ path }) => path === '/token')).toHaveLength(auth.type === oauth.type ? 1 : 0)
    expect(JSON.stringify(api.requests)).not.toContain('hush')
    api.reset()
    expect((await fetch(`${BASE}/items?key=other`)).status).toBe(401)
    expect(api.requests).toMatchObject([{ status: 401 }])
  })

  test('a client that is not known gets no token', async () => {
    const { api, ports, store } = await world(OFFSET, { auth: oauth })
    const source = sourceOf(BY_OFFSET, { auth: { ...oauth, clientSecret: 'hush-hush-2' } })
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'auth_failed' })
    expect(api.requests).toMatchObject([{ method: 'POST', path: '/token', status: 401 }])
  })

  test('tokens expire, on the clock of the API', async () => {
    const auth = { ...oauth, expiresIn: 600 }
    const mutate = (_: unknown, index: number) => {
      if (index === 2) clock.now += 601_000
    }
    const { api, clock, ports, store } = await world(OFFSET, { auth, mutate })
    // The client's own clock stands still, or it would ask for another token in time.
    await sync(sourceOf(BY_OFFSET, { auth: oauth }), store, { ports: { ...ports, now: () => START } })
    expect(api.requests.map(({ path, status }) => [path, status])).toEqual([
      ['/token', 200],
      ['/v1/items', 200],
      ['/v1/items', 401],
      ['/token', 200],
      ['/v1/items', 200],
      ['/v1/items', 200],
    ])
    expect(await idsIn(store)).toEqual(ids(25))
  })
})

test('a reset takes tokens back, and begins another window of the rate limit', async () => {
  const [clientId, clientSecret] = ['me', 'hush-hush-1']
  const auth = { type: 'oauth2_client_credentials', accessTokenUrl: `${BASE}/token`, clientId, clientSecret } as const
  const { api } = await world(OFFSET, { auth, rateLimit: { requests: 1, perSeconds: 30 } })
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  })
  const token = async () => (await (await fetch(`${BASE}/token`, { method: 'POST', body })).json()).access_token
  const status = async (bearer: string) =>
    (await fetch(`${BASE}/items`, { headers: { authorization: `Bearer ${bearer}` } })).status
  const first = await token()
  expect([await status(first), await status(first)]).toEqual([200, 429])
  api.reset()
  expect([await status(first), await status(await token())]).toEqual([401, 200])
})

test('beyond the rate limit, the answer says when to come back, and who heeds it is served', async () => {
  const { api, sleeps, ports, store } = await world(
    { type: 'offset', pageSize: 5 },
    { rateLimit: { requests: 2, perSeconds: 30 } },
  )
  const first = await fetch(`${BASE}/items`)
  expect(Object.fromEntries(first.headers)).toMatchObject({
    date: new Date(START).toUTCString(),
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '1',
    'x-ratelimit-reset': String(START / 1000 + 30),
  })
  await sync(sourceOf({ type: 'offset', limit: 5 }, { retries: 1 }), store, { ports })
  expect(api.requests.map(({ status }) => status)).toEqual([200, 200, 429, 200, 200, 429, 200, 200])
  expect(sleeps).toEqual([30_000, 30_000])
  expect(await idsIn(store)).toEqual(ids(25))
})

describe('faults', () => {
  test.each([
    { type: 'truncated' },
    { type: 'network' },
    { type: 'status', status: 503 },
    { type: 'status', status: 429, headers: { 'retry-after': '7' } },
  ] as const)('$type is tried again', async (fault) => {
    const { api, ports, sleeps, store } = await world(OFFSET)
    api.fail({ ...fault, path: '/items', at: 1, times: 2 })
    const { resources } = await sync(sourceOf(BY_OFFSET, { retries: 2 }), store, { ports })
    expect(resources.items).toMatchObject({ added: 25, requests: 5, retries: 2, complete: true })
    expect(api.requests.map(({ query }) => query.offset)).toEqual(['0', '10', '10', '10', '20'])
    const status = { truncated: 200, network: undefined, status: 'status' in fault ? fault.status : 0 }[fault.type]
    expect(api.requests.map((each) => each.status)).toEqual([200, status, status, 200, 200])
    expect(sleeps).toEqual('headers' in fault ? [7000, 7000] : [2000, 4000])
  })

  test('a page for people is an error, and the next run goes on at the page that failed', async () => {
    const { api, ports, store } = await world(OFFSET)
    api.fail({ type: 'html', at: 2 })
    const { status, error } = await step(sourceOf(BY_OFFSET), store, { ports })
    expect([status, error?.code]).toEqual(['failed', 'unexpected_html'])
    expect(await idsIn(store)).toEqual(ids(20))
    const before = api.requests.length
    await sync(sourceOf(BY_OFFSET), store, { ports })
    expect(api.requests.slice(before).map(({ query }) => query.offset)).toEqual(['20'])
    expect(await idsIn(store)).toEqual(ids(25))
  })

  test('they strike one after the other, each where it should', async () => {
    const { api, sleeps } = await world(OFFSET, { latencyMs: 10 })
    const status = async () => (await fetch(`${BASE}/items`)).status
    api.fail({ type: 'status', status: 500 })
    api.fail({ type: 'status', status: 204 })
    api.fail({ type: 'status', status: 501, at: 1, body: { reason: 'none' } })
    api.fail({ type: 'delay', ms: 90 })
    api.fail({ type: 'network', path: 'token' })
    expect([await status(), await status(), await status(), await status(), await status()]).toEqual([
      500, 204, 200, 501, 200,
    ])
    expect(sleeps).toEqual([10, 10, 100, 10, 10])
    api.fail({ type: 'network', times: Number.POSITIVE_INFINITY })
    await expect(status()).rejects.toThrow()
    await expect(status()).rejects.toThrow()
    api.reset()
    expect(await status()).toBe(200)
    expect(api.requests).toHaveLength(1)
  })
})

describe('mutation', () => {
  /** While page 3 is asked for, a row of page 1 goes and another comes. */
  const mutate: MockApiOptions<'/items'>['mutate'] = (api, index) => {
    if (index !== 2) return
    api.records('/items').remove({ id: 3 })
    api.records('/items').insert(...manyRows(1, 26))
  }

  test('moves the pages of offsets, and the anchors find the row that slipped away', async () => {
    const { ports, store } = await world({ ...OFFSET, totalPath: null }, { mutate })
    const paginator = { type: 'offset', limit: 10, overlap: 2, totalPath: null } as const
    const report = await sync(sourceOf(paginator), store, { ports })
    expect(report.resources.items).toMatchObject({ added: 26, complete: true })
    expect(report.resources.items.drift).toBeGreaterThan(0)
    expect(await idsIn(store)).toEqual(ids(26))
  })

  test.each(['cursor', 'header_link'] as const)('moves nothing for %s', async (type) => {
    const { ports, store } = await world({ type, pageSize: 10 }, { mutate })
    const { resources } = await sync(sourceOf({ type }), store, { ports })
    expect(resources.items).toMatchObject({ added: 26, duplicates: 0, complete: true })
  })

  test('records are copies, in and out', async () => {
    const rows: JsonObject[] = [{ id: 1, tags: ['a'] }]
    const { api } = await world({ type: 'single_page' }, {}, rows)
    const items = api.records('/items')
    items.all().pop()
    for (const row of [...rows, ...items.all()]) row.tags = []
    expect(items.all()).toEqual([{ id: 1, tags: ['a'] }])
    expect([items.update({ id: 2 }, { x: 1 }), items.remove({ id: 1 }), items.remove({ id: 1 })]).toEqual([0, 1, 0])
    api.reset()
    expect(items.all()).toEqual([{ id: 1, tags: ['a'] }])
  })
})
