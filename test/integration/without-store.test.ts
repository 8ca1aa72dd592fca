import { describe, expect, test } from 'vitest'
import { checkConnection, createClient, defineSource, extract } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { mockApi } from '../../src/testing/index.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { mockedFetch } from '../support/mocked-fetch.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json } from '../support/server.ts'

async function blog() {
  const paging = { type: 'offset' } as const
  const comments = manyRows(12).flatMap(({ id }) => [0, 1].map((nth) => ({ id: Number(id) * 10 + nth, post: id ?? 0 })))
  const api = await mockApi({
    baseUrl: 'https://api.example.com',
    resources: {
      '/posts': { records: manyRows(12), paging },
      '/posts/:id/comments': { records: comments, paging, where: { id: 'post' } },
      '/tags': { records: [{ id: 1 }], paging },
    },
  })
  const source = defineSource({
    name: 'blog',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
    resourceDefaults: { endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit: 5 } } },
    resources: [
      { name: 'posts', endpoint: { path: '/posts' } },
      { name: 'comments', endpoint: { path: '/posts/{resources.posts.id}/comments' }, includeFromParent: ['name'] },
      'tags',
    ],
  })
  return { api, source, ports: fakePorts({ fetch: mockedFetch(api.handlers) }) }
}

async function collect(pages: AsyncIterable<{ resource: string; rows: unknown[] }>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for await (const { resource, rows } of pages) counts[resource] = (counts[resource] ?? 0) + rows.length
  return counts
}

test('a client asks the base URL itself where an endpoint has no path', async () => {
  const { fetch, requests } = fakeServer(() => json([]))
  const ports = fakePorts({ fetch })
  const { request } = createClient({ baseUrl: 'https://api.example.com/graphql' }, { ports })
  await request({ method: 'POST', json: { query: 'query {{ me {{ id }} }}' } })
  expect(requests.map(({ url }) => url)).toEqual(['https://api.example.com/graphql'])
})

describe('extract', () => {
  test('puts out the pages of all resources, children after the page of their parents', async () => {
    const { api, source, ports } = await blog()
    const order: string[] = []
    const rows: JsonObject[] = []
    for await (const page of extract(source, { ports })) {
      order.push(page.resource)
      if (page.resource === 'comments') rows.push(...(page.rows as JsonObject[]))
    }
    expect(order.slice(0, 7)).toEqual(['posts', ...Array(5).fill('comments'), 'posts'])
    expect(rows[0]).toEqual({ id: 10, post: 1, _posts_name: 'row 1' })
    expect(api.requests).toHaveLength(3 + 12 + 1)
  })

  test('takes resources and limits', async () => {
    const { source, ports } = await blog()
    expect(await collect(extract(source, { ports, resources: ['tags'] }))).toEqual({ tags: 1 })
    expect(await collect(extract(source, { ports, limit: { records: 3 } }))).toEqual({ posts: 3, comments: 3, tags: 1 })
    expect(await collect(extract(source, { ports, limit: { pages: 1 } }))).toEqual({ posts: 5, comments: 2, tags: 1 })
  })

  test('a step that throws is an error without the record', async () => {
    const { api, ports } = await blog()
    const source = defineSource({
      name: 'x',
      client: { baseUrl: 'https://api.example.com' },
      resources: [
        {
          name: 'tags',
          endpoint: { dataSelector: 'data' },
          processingSteps: [
            { filter: () => true },
            {
              map: () => {
                throw new Error('SECRET')
              },
            },
          ],
        },
      ],
    })
    api.records('/tags').update({ id: 1 }, { id: 'SECRET' })
    const failed = collect(extract(source, { ports }))
    await expect(failed).rejects.toMatchObject({ code: 'processing_failed', resource: 'tags' })
    await expect(failed).rejects.toThrow(/^(?!.*SECRET).*processingSteps\[1\]/)
  })

  test('steps filter, change and multiply records, in order', async () => {
    const { ports } = await blog()
    const source = defineSource({
      name: 'x',
      client: { baseUrl: 'https://api.example.com' },
      resources: [
        {
          name: 'posts',
          endpoint: { dataSelector: 'data', paginator: 'single_page' },
          processingSteps: [
            { filter: (row: JsonObject) => Number(row.id) % 2 === 0 },
            { yieldMap: (row: JsonObject) => [{ n: row.id ?? 0 }, { n: -Number(row.id) }] },
            { map: (row: JsonObject) => ({ n: Number(row.n) * 2 }) },
          ],
        },
      ],
    })
    const rows: unknown[] = []
    for await (const page of extract(source, { ports, limit: { records: 4 } })) rows.push(...page.rows)
    expect(rows).toEqual([{ n: 4 }, { n: -4 }, { n: 8 }, { n: -8 }])
  })

  test('a parent without the field that a child needs is an error', async () => {
    const { api, source, ports } = await blog()
    api.records('/posts').insert({ id: 13 })
    await expect(collect(extract(source, { ports }))).rejects.toMatchObject({
      code: 'parent_field_missing',
      resource: 'comments',
    })
  })

  test('an unknown resource is refused with the nearest name', async () => {
    const { source, ports } = await blog()
    const unknown = collect(extract(source, { ports, resources: ['post' as never] }))
    await expect(unknown).rejects.toThrow(/no resource `post`.*Did you mean `posts`/)
    const far = collect(extract(source, { ports, resources: ['zzz' as never] }))
    await expect(far).rejects.toThrow(/It has: posts, comments, tags/)
  })
})

describe('createClient', () => {
  const client = (api: { fetch: (input: string, init?: RequestInit) => Promise<Response> }) =>
    createClient(
      { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
      { ports: fakePorts({ fetch: api.fetch }) },
    )

  test('pages through one endpoint', async () => {
    const api = fakeApi({ '/posts': manyRows(12) })
    const pages = []
    const endpoint = { path: '/posts', dataSelector: 'data', paginator: { type: 'offset', limit: 5 } } as const
    for await (const { page, records, total } of client(api).paginate(endpoint))
      pages.push([page, records.length, total])
    expect(pages).toEqual([
      [1, 5, 12],
      [2, 5, 12],
      [3, 2, 12],
    ])
  })

  test('begins where the cursor of the endpoint does', async () => {
    const api = fakeApi({})
    api.fault = ({ query }) => json(query.since === '2024-01-01' ? [{ id: 1 }] : [])
    const incremental = { cursorPath: 'at', startParam: 'since', initialValue: '2024-01-01' } as const
    const pages = client(api).paginate({ path: '/x', incremental, paginator: 'single_page' })
    expect((await pages.next()).value).toEqual({ page: 1, records: [{ id: 1 }] })
  })

  test('an endpoint may have another auth than the client', async () => {
    const api = fakeApi({})
    api.fault = ({ headers }) => json([headers.authorization ?? null])
    const { request } = createClient(
      { baseUrl: 'https://api.example.com', auth: { token: 'one' } },
      { ports: fakePorts({ fetch: api.fetch }) },
    )
    const sent = [{}, { auth: { token: 'two' } }, { auth: null }, {}].map((more) => request({ path: '/x', ...more }))
    expect(await Promise.all(sent)).toEqual([['Bearer one'], ['Bearer two'], [null], ['Bearer one']])
  })

  test('a repeated page is an error here as well', async () => {
    const api = fakeApi({})
    api.fault = () => json({ data: [{ a: 1 }, { a: 2 }] })
    const all = (async () => {
      for await (const _ of client(api).paginate({
        path: '/x',
        dataSelector: 'data',
        paginator: { type: 'offset', limit: 2 },
      }));
    })()
    await expect(all).rejects.toMatchObject({ code: 'pagination_no_progress' })
  })

  test('sends one request, with all that the endpoint says', async () => {
    const api = fakeApi({ '/posts': manyRows(12) })
    api.fault = ({ method, body }) => json({ method, body })
    expect(await client(api).request({ path: '/search', method: 'POST', json: { q: 1 } })).toEqual({
      method: 'POST',
      body: '{"q":1}',
    })
    expect(await client(api).request('/search')).toMatchObject({ method: 'GET' })
    api.fault = () => json({}, { status: 404 })
    await expect(client(api).request('/search')).rejects.toMatchObject({ code: 'http_status', status: 404 })
  })

  test('fetches one token for all calls', async () => {
    const api = fakeApi({})
    api.fault = ({ url }) => (url.endsWith('/token') ? json({ access_token: 't', token_type: 'Bearer' }) : json([]))
    const auth = {
      type: 'oauth2_client_credentials',
      accessTokenUrl: 'https://api.example.com/token',
      clientId: 'id',
      clientSecret: 'a long secret',
    } as const
    const ports = fakePorts({ fetch: api.fetch })
    const shared = createClient({ baseUrl: 'https://api.example.com', auth }, { ports })
    await shared.request('/a')
    await shared.request('/b')
    expect(api.log()).toEqual(['/token?', '/a?', '/b?'])
  })

  test('an endpoint that is no endpoint is refused', async () => {
    await expect(client(fakeApi({})).request({ path: '/x', methd: 'POST' } as never)).rejects.toMatchObject({
      code: 'config_invalid',
    })
  })
})

describe('checkConnection', () => {
  test('reads one page of each resource without a parent, and reports failures', async () => {
    const { api, source, ports } = await blog()
    expect(await checkConnection(source, { ports })).toEqual({
      ok: true,
      resources: { posts: { ok: true, records: 5 }, tags: { ok: true, records: 1 } },
    })
    expect(api.requests).toHaveLength(2)
    api.fail({ type: 'status', status: 404, path: '/tags' })
    const report = await checkConnection(source, { ports })
    expect(report).toMatchObject({
      ok: false,
      resources: { posts: { ok: true }, tags: { ok: false, error: { code: 'http_status' } } },
    })
  })

  test('an abort is no result', async () => {
    const { source, ports } = await blog()
    const reason = new Error('stop')
    await expect(checkConnection(source, { ports, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
