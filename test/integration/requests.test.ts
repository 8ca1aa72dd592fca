// What a config asks for, as it comes over the wire.
import { expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import type { EndpointConfig } from '../../src/config/endpoint.ts'
import { createClient, defineSource, extract, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { httpServer, type Loopback } from './loopback.ts'

const PARENT = { id: 7, slug: 'a/b c?&#é', tags: ['x', 'y'], none: null, nested: { at: 'deep' } }

/** The request of a child of one parent, at a real server. */
async function childRequest(endpoint: EndpointConfig, parent: JsonObject = PARENT, client: object = {}) {
  const server = await httpServer((request, response) =>
    response.end(JSON.stringify(request.url === '/v1/posts' ? [parent] : [{ id: 1 }])),
  )
  const source = defineSource({
    name: 'wire',
    client: { baseUrl: `${server.origin}/v1/`, ...client },
    resourceDefaults: { endpoint: { paginator: 'single_page' } },
    resources: [
      { name: 'posts', endpoint: { path: 'posts' } },
      { name: 'parts', endpoint: { path: '/posts/{resources.posts.id}/parts', ...endpoint } },
    ],
  } as Parameters<typeof defineSource>[0])
  for await (const _ of extract(source));
  return of(server)
}

function of({ requests }: Loopback) {
  const { method, url, headers, body } = requests.at(-1) ?? { method: '', url: '', headers: {}, body: '' }
  return { method, url, type: headers['content-type'], headers, body }
}

const form = 'application/x-www-form-urlencoded'

const table: [title: string, endpoint: EndpointConfig, request: object][] = [
  ['a value in the path', {}, { method: 'GET', url: '/v1/posts/7/parts', body: '', type: undefined }],
  [
    'a value with awkward signs is one segment',
    { path: 'posts/{resources.posts.slug}/parts' },
    { url: `/v1/posts/${encodeURIComponent(PARENT.slug)}/parts` },
  ],
  ['a path into the record', { path: 'of/{resources.posts.nested.at}' }, { url: '/v1/of/deep' }],
  ['a part of a segment', { path: 'posts/v{resources.posts.id}.json' }, { url: '/v1/posts/v7.json' }],
  [
    'a parameter in the path, and a query of its own',
    { path: 'posts/{post}/parts?kind=a', params: { post: '{resources.posts.slug}', q: 1 } },
    { url: `/v1/posts/${encodeURIComponent(PARENT.slug)}/parts?kind=a&q=1` },
  ],
  [
    'parameters: lists repeat the name, booleans are words, empty is kept, null is not',
    {
      params: {
        tag: ['a b', 'c&d', 3],
        flag: true,
        off: false,
        empty: '',
        none: null,
        post: '{resources.posts.id}',
        slug: 's-{resources.posts.slug}',
        missing: 'x{resources.posts.none}',
        mixed: ['{resources.posts.id}', 'z', '{resources.posts.none}'],
      },
    },
    {
      url: `/v1/posts/7/parts?${new URLSearchParams([
        ['tag', 'a b'],
        ['tag', 'c&d'],
        ['tag', '3'],
        ['flag', 'true'],
        ['off', 'false'],
        ['empty', ''],
        ['post', '7'],
        ['slug', `s-${PARENT.slug}`],
        ['mixed', '7'],
        ['mixed', 'z'],
      ])}`,
    },
  ],
  [
    'a JSON body keeps the types of values',
    {
      method: 'POST',
      json: {
        id: '{resources.posts.id}',
        tags: '{resources.posts.tags}',
        text: 'id {resources.posts.id}',
        deep: [{ of: '{resources.posts.nested.at}' }, '{{literal}}'],
        none: '{resources.posts.none}',
      },
    },
    {
      method: 'POST',
      type: 'application/json',
      body: '{"id":7,"tags":["x","y"],"text":"id 7","deep":[{"of":"deep"},"{literal}"],"none":null}',
    },
  ],
  [
    'a form as an object',
    {
      method: 'POST',
      data: { id: '{resources.posts.id}', slug: '{resources.posts.slug}', list: ['a', 'b'], none: null },
    },
    { type: form, body: `id=7&${new URLSearchParams({ slug: PARENT.slug })}&list=a&list=b` },
  ],
  [
    'a form as pairs, in their order',
    {
      method: 'POST',
      data: [
        ['b', '{resources.posts.id}'],
        ['a', '1'],
        ['b', '2'],
      ],
    },
    { type: form, body: 'b=7&a=1&b=2' },
  ],
  [
    'a raw body has the type that its headers say, or none',
    { method: 'PUT', data: '<id>{resources.posts.id}</id>', headers: { 'Content-Type': 'application/xml' } },
    { method: 'PUT', type: 'application/xml', body: '<id>7</id>' },
  ],
  ['a raw body without a type', { method: 'POST', data: 'é' }, { type: undefined, body: 'é' }],
  [
    'headers of the endpoint go before those of the client, in any spelling',
    { headers: { 'x-A': 'own', 'X-Id': '{resources.posts.id}', 'X-None': '{resources.posts.none}' } },
    { headers: expect.objectContaining({ 'x-a': 'own', 'x-b': 'client', 'x-id': '7' }) },
  ],
  [
    'a type of its own for JSON',
    { method: 'POST', json: {}, headers: { 'content-type': 'application/vnd.api+json' } },
    { type: 'application/vnd.api+json', body: '{}' },
  ],
]

test.each(table)('%s', async (_, endpoint, expected) => {
  const request = await childRequest(endpoint, PARENT, { headers: { 'X-A': 'client', 'X-B': 'client' } })
  expect(request).toMatchObject(expected)
  expect(request.headers).not.toHaveProperty('x-none')
  if ('url' in expected) expect(request.url).toBe((expected as { url: string }).url)
})

test.each([['..'], ['.'], ['%2e%2e'], [''], [null], [['a']], [{ a: 1 }]])(
  'a value that is no segment asks nothing: %j',
  async (id) => {
    const asked = childRequest({}, { id })
    await expect(asked).rejects.toMatchObject({ code: 'path_param_invalid' })
  },
)

test('one request and all pages of an endpoint have the same parameters, the paging added', async () => {
  const server = await httpServer((request, response) => {
    const { skip = 0 } = request.method === 'POST' ? JSON.parse(server.requests.at(-1)?.body || '{}').page : {}
    response.end(JSON.stringify({ data: skip < 4 ? [{ id: skip }, { id: skip + 1 }] : [] }))
  })
  const client = createClient({ baseUrl: server.origin })
  const endpoint: EndpointConfig = {
    path: '/search',
    method: 'POST',
    params: { lang: ['de', 'en'] },
    json: { filter: { open: true }, page: { size: 2 } },
    dataSelector: 'data',
    paginator: { type: 'offset', limit: 2, offsetBodyPath: 'page.skip', limitBodyPath: 'page.take', totalPath: null },
  }
  const ids: unknown[] = []
  for await (const { records } of client.paginate(endpoint)) ids.push(...records)
  expect(ids).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }, { id: 3 }])
  expect(server.requests.map(({ url }) => url)).toEqual(Array(3).fill('/search?lang=de&lang=en'))
  expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual(
    [0, 2, 4].map((skip) => ({ filter: { open: true }, page: { size: 2, skip, take: 2 } })),
  )
})

test('`limit` stops a first try after so many records or pages, of each resource', async () => {
  const server = await httpServer((request, response) => {
    const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'))
    response.end(JSON.stringify({ data: [0, 1, 2].map((n) => ({ id: offset + n })), total: 100 }))
  })
  const paginator = { type: 'offset', limit: 3 } as const
  const source = defineSource({
    name: 'wire',
    client: { baseUrl: server.origin },
    resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator } },
    resources: ['a', 'b'],
  })
  for (const [limit, requests, rows] of [
    [{ records: 4 }, 2, 4],
    [{ pages: 1 }, 1, 3],
    [{ records: 3, pages: 9 }, 1, 3],
  ] as const) {
    server.requests.length = 0
    const { resources } = await sync(source, memoryStore(), { limit })
    for (const name of ['a', 'b'] as const) {
      expect(resources[name]).toMatchObject({
        requests,
        added: rows,
        complete: false,
        incomplete: '`limit` was reached',
      })
    }
    expect(server.requests).toHaveLength(2 * requests)
  }
})
