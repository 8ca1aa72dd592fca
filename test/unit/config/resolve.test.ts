import * as v from 'valibot'
import { expect, test } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { Resource } from '../../../src/config/resolved.ts'
import { createPaginator } from '../../../src/paginators/create.ts'

const baseUrl = 'https://api.example.com'

const resolved = (options: object) => resolveConfig({ name: 'crm', client: { baseUrl }, resources: ['a'], ...options })

function resource(config: unknown, resourceDefaults: object = {}, client: object = {}): Resource {
  const [only] = resolved({ client: { baseUrl, ...client }, resourceDefaults, resources: [config] }).resources
  if (only === undefined) throw new Error('no resource')
  return only
}

const mergeDefaults = { strategy: 'upsert', maxDeleteRatio: 0.5, twoStrike: false } as const

test('a string is name and path, and everything else has a default', () => {
  const { endpoint, fingerprint, ...rest } = resource('items')
  expect(fingerprint).not.toBe('')
  expect(rest).toEqual({
    name: 'items',
    parent: undefined,
    bindings: [],
    selected: true,
    primaryKey: [],
    write: { disposition: 'replace', ...mergeDefaults },
    columns: {},
    schema: undefined,
    schemaContract: { tables: 'evolve', columns: 'evolve', dataType: 'evolve' },
    includeFromParent: [],
    processingSteps: [],
  })
  expect(endpoint).toMatchObject({ path: 'items', method: 'GET', params: {}, headers: {}, responseActions: [] })
  expect(endpoint).toMatchObject({ json: undefined, data: undefined, auth: undefined, dataSelector: undefined })
  expect(endpoint.parse).toBeUndefined()
})

test('the defaults of the client', () => {
  expect(resolved({}).client).toEqual({
    baseUrl,
    headers: {},
    auth: undefined,
    allowedOrigins: [],
    redirect: 'manual',
    retry: {
      retries: 3,
      factor: 2,
      maxDelay: 60,
      jitter: true,
      statuses: [408, 429, 500, 502, 503, 504],
      methods: undefined,
    },
    rateLimit: undefined,
    timeout: { attempt: 60, idle: 30, total: 600 },
    maxBodyBytes: 33_554_432,
    bigint: 'error',
  })
})

test('what the client says, expanded', () => {
  const { client } = resolved({
    client: {
      baseUrl,
      allowedOrigins: ['https://files.example.com', { origin: 'https://cdn.example.com:443/', credentials: true }],
      retry: { methods: ['get'], jitter: false },
      rateLimit: { requests: 5 },
      timeout: { attempt: 5 },
    },
  })
  expect(client.allowedOrigins).toEqual([
    { origin: 'https://files.example.com', credentials: false },
    { origin: 'https://cdn.example.com', credentials: true },
  ])
  expect(client.retry).toMatchObject({ methods: ['GET'], jitter: false, retries: 3 })
  expect(client.rateLimit).toEqual({ requests: 5, perSeconds: 1, concurrency: 4 })
  expect(client.timeout).toEqual({ attempt: 5, idle: 30, total: 600 })
})

// defaults, own options, what comes out
const merging: [title: string, defaults: object, own: object, expected: object][] = [
  ['a default applies', { primaryKey: 'id' }, {}, { primaryKey: ['id'] }],
  ['the own option wins', { primaryKey: 'id' }, { primaryKey: ['a', 'b'] }, { primaryKey: ['a', 'b'] }],
  ['null takes a default away', { primaryKey: 'id' }, { primaryKey: null }, { primaryKey: [] }],
  ['undefined is as good as absent', { primaryKey: 'id' }, { primaryKey: undefined }, { primaryKey: ['id'] }],
  ['selected', { selected: false }, {}, { selected: false }],
  ['selected, own', { selected: false }, { selected: true }, { selected: true }],
  [
    'columns are merged column by column',
    { columns: { a: { dataType: 'integer', nullable: false }, b: { dataType: 'date' } } },
    { columns: { a: { nullable: true }, c: { dataType: 'string' } } },
    { columns: { a: { dataType: 'integer', nullable: true }, b: { dataType: 'date' }, c: { dataType: 'string' } } },
  ],
  ['null takes all columns away', { columns: { a: { dataType: 'integer' } } }, { columns: null }, { columns: {} }],
  ['columns of the defaults only', { columns: { a: { nullable: true } } }, {}, { columns: { a: { nullable: true } } }],
  [
    'a contract is replaced whole',
    { schemaContract: { tables: 'evolve', columns: 'evolve' } },
    { schemaContract: 'evolve' },
    { schemaContract: { tables: 'evolve', columns: 'evolve', dataType: 'evolve' } },
  ],
  [
    'params are merged key by key',
    { endpoint: { params: { per_page: 30, sort: 'id' } } },
    { endpoint: { params: { per_page: 50, q: 'x', sort: null } } },
    { endpoint: { params: { per_page: 50, q: 'x', sort: null } } },
  ],
  [
    'null takes all params away',
    { endpoint: { params: { a: 1 } } },
    { endpoint: { params: null } },
    { endpoint: { params: {} } },
  ],
  [
    'json is merged one level deep',
    { endpoint: { method: 'POST', json: { page: { size: 10 }, q: 1 } } },
    { endpoint: { json: { page: { from: 0 } } } },
    { endpoint: { json: { page: { from: 0 }, q: 1 } } },
  ],
  [
    'json that is no object is replaced',
    { endpoint: { method: 'POST', json: { q: 1 } } },
    { endpoint: { json: [1] } },
    { endpoint: { json: [1] } },
  ],
  [
    'headers are replaced whole',
    { endpoint: { headers: { a: '1', b: '2' } } },
    { endpoint: { headers: { a: '3' } } },
    { endpoint: { headers: { a: '3' } } },
  ],
  [
    'an endpoint as text keeps the defaults',
    { endpoint: { params: { a: 1 } } },
    { endpoint: 'x' },
    { endpoint: { path: 'x', params: { a: 1 } } },
  ],
  [
    'a cursor is replaced whole',
    { endpoint: { incremental: { cursorPath: 'a', startParam: 'since' } } },
    { endpoint: { incremental: { cursorPath: 'b' } } },
    { endpoint: { incremental: { cursorPath: 'b', startParam: undefined } } },
  ],
  [
    'null takes the cursor away',
    { endpoint: { incremental: { cursorPath: 'a' } } },
    { endpoint: { incremental: null } },
    { endpoint: { incremental: undefined }, write: { disposition: 'replace' } },
  ],
  ['the method in capitals', { endpoint: { method: 'post' } }, {}, { endpoint: { method: 'POST' } }],
]

test.each(merging)('%s', (_, defaults, own, expected) => {
  const { endpoint, ...rest } = resource({ name: 'a', ...own }, defaults)
  const { endpoint: wanted, ...others } = expected as { endpoint?: object }
  expect(rest).toMatchObject(others)
  expect(endpoint).toMatchObject(wanted ?? {})
  const { columns } = expected as Partial<Resource>
  if (columns) expect(rest.columns).toEqual(columns)
  const { params, json, headers } = (wanted ?? {}) as Partial<Resource['endpoint']>
  if (params) expect(endpoint.params).toEqual(params)
  if (json) expect(endpoint.json).toEqual(json)
  if (headers) expect(endpoint.headers).toEqual(headers)
})

const cursor = { endpoint: { incremental: { cursorPath: 'at' } } }
const writes: [own: object, expected: Partial<Resource['write']>][] = [
  [{}, { disposition: 'replace' }],
  [cursor, { disposition: 'append' }],
  [{ primaryKey: 'id' }, { disposition: 'merge', strategy: 'upsert' }],
  [
    { primaryKey: 'id', ...cursor },
    { disposition: 'merge', strategy: 'upsert' },
  ],
  [{ primaryKey: 'id', writeDisposition: 'append' }, { disposition: 'append' }],
  [
    { primaryKey: 'id', writeDisposition: null },
    { disposition: 'merge', strategy: 'upsert' },
  ],
  [{ writeDisposition: 'skip' }, { disposition: 'skip' }],
  [
    { primaryKey: 'id', writeDisposition: { disposition: 'merge' } },
    { disposition: 'merge', strategy: 'upsert' },
  ],
  [
    { primaryKey: 'id', writeDisposition: { disposition: 'merge', strategy: 'upsert' } },
    { disposition: 'merge', strategy: 'upsert' },
  ],
  [
    {
      primaryKey: 'id',
      writeDisposition: { disposition: 'merge', strategy: 'insert-only', maxDeleteRatio: 0, twoStrike: true },
    },
    { disposition: 'merge', strategy: 'insert-only', maxDeleteRatio: 0, twoStrike: true },
  ],
]

test.each(writes)('%j writes by %j', (own, expected) => {
  expect(resource({ name: 'a', ...own }).write).toEqual({ ...mergeDefaults, ...expected })
})

/** What the paginator adds to the first request tells which one it is. */
const firstParams = async ({ endpoint }: Resource) => {
  const request = { method: 'GET', url: baseUrl, params: {}, headers: {}, pathTemplate: '' }
  const paginator = await createPaginator(endpoint.paginator)
  return paginator.apply(request, paginator.start()).params
}
const offset = (limit: number) => ({ type: 'offset', limit })

test('paginators: endpoint before defaults before client; null falls back to the client', async () => {
  const defaults = { endpoint: { paginator: offset(2) } }
  const client = { paginator: offset(1) }
  expect(
    await firstParams(resource({ name: 'a', endpoint: { paginator: offset(3) } }, defaults, client)),
  ).toMatchObject({
    limit: 3,
  })
  expect(await firstParams(resource('a', defaults, client))).toMatchObject({ limit: 2 })
  expect(await firstParams(resource('a', {}, client))).toMatchObject({ limit: 1 })
  expect(await firstParams(resource({ name: 'a', endpoint: { paginator: null } }, defaults, client))).toMatchObject({
    limit: 1,
  })
  expect(await firstParams(resource('a'))).toEqual({})
})

test('a path that ends in a placeholder leads to one record', async () => {
  const entity = { name: 'a', endpoint: { path: 'items/{id}', params: { id: 7 } } }
  const body = { id: 7, rows: [1, 2] }
  const one = resource(entity, {}, { paginator: offset(1) })
  expect(await firstParams(one)).toEqual({})
  expect(one.endpoint.dataSelector?.(body)).toEqual([body])
  const paged = resource(entity, { endpoint: { paginator: offset(2) } })
  expect(await firstParams(paged)).toMatchObject({ limit: 2 })
  const selected = resource({ name: 'a', endpoint: { ...entity.endpoint, dataSelector: 'rows' } })
  expect(selected.endpoint.dataSelector?.(body)).toEqual([1, 2])
  expect(resource({ name: 'a', endpoint: 'items/{{id}}' }).endpoint.dataSelector).toBeUndefined()
})

test('auth: the client’s, the defaults’, the endpoint’s, or none; resources share one instance', () => {
  const { client, resources } = resolved({
    client: { baseUrl, auth: { token: 'client' } },
    resources: ['a', { name: 'b', endpoint: { auth: null } }, { name: 'c', endpoint: { auth: { token: 'own' } } }, 'd'],
  })
  const [a, b, c, d] = resources.map(({ endpoint }) => endpoint.auth)
  expect(a).toBe(client.auth)
  expect(d).toBe(client.auth)
  expect(b).toBeUndefined()
  expect(c).not.toBe(client.auth)
  const shared = resolved({
    client: { baseUrl, auth: { token: 'client' } },
    resourceDefaults: { endpoint: { auth: { token: 'default' } } },
    resources: ['a', 'b', { name: 'c', endpoint: { auth: null } }],
  })
  const [first, second, third] = shared.resources.map(({ endpoint }) => endpoint.auth)
  expect(first).toBe(second)
  expect(first).not.toBe(shared.client.auth)
  expect(third).toBeUndefined()
})

test('auth that says the same in several places is one: a refresh token is used once', () => {
  const token = () => 'own'
  const own = { type: 'oauth2_refresh_token', accessTokenUrl: 'https://a.example/t', clientId: 'c' } as const
  const { client, resources } = resolved({
    client: { baseUrl, auth: { ...own, refreshToken: token } },
    resources: [
      { name: 'a', endpoint: { auth: { refreshToken: token, ...own } } },
      { name: 'b', endpoint: { auth: { ...own, refreshToken: () => 'own' } } },
      { name: 'c', endpoint: { auth: { ...own, refreshToken: token, clientId: () => 'c' } } },
      { name: 'd', endpoint: { auth: { ...own, refreshToken: token, onRefreshToken: token } } },
      { name: 'e', endpoint: { auth: (request: unknown) => request } },
      { name: 'f', endpoint: { auth: (request: unknown) => request } },
    ],
  })
  const [a, ...others] = resources.map(({ endpoint }) => endpoint.auth)
  expect(a).toBe(client.auth)
  expect(new Set([a, ...others]).size).toBe(6)
})

test('auth that says the same in another order is the same', () => {
  const own = { type: 'oauth2_refresh_token', accessTokenUrl: 'https://a.example/t', clientId: 'c', refreshToken: 'r' }
  const { client, resources } = resolved({
    client: { baseUrl, auth: { ...own, accessTokenRequestData: { scope: 'read', audience: 'b' } } },
    resources: [
      { name: 'a', endpoint: { auth: { accessTokenRequestData: { audience: 'b', scope: 'read' }, ...own } } },
      { name: 'b', endpoint: { auth: { ...own, accessTokenRequestData: { scope: 'b', audience: 'read' } } } },
    ],
  })
  const [a, b] = resources.map(({ endpoint }) => endpoint.auth)
  expect(a).toBe(client.auth)
  expect(b).not.toBe(client.auth)
})

test('dlt’s older parameters are said in today’s words', () => {
  const { resources } = resolved({
    resources: [
      'posts',
      {
        name: 'comments',
        endpoint: {
          path: 'posts/{post_id}/{{post_id}}/comments',
          params: {
            post_id: { type: 'resolve', resource: 'posts', field: 'meta.id' },
            since: { type: 'incremental', cursorPath: 'at', initialValue: 3 },
            sort: 'at',
          },
        },
      },
    ],
  })
  expect(resources[1]?.parent).toBe('posts')
  expect(resources[1]?.endpoint).toMatchObject({
    path: 'posts/{resources.posts.meta.id}/{{post_id}}/comments',
    params: { sort: 'at' },
    incremental: {
      cursorPath: 'at',
      startParam: 'since',
      initialValue: 3,
      lastValueFunc: 'max',
      lag: 0,
      clockSkew: 300,
    },
  })
  expect(resources[1]?.endpoint.params).toEqual({ sort: 'at' })
})

test.each([
  ['path', { path: '{resources.p.id}' }],
  ['params', { params: { a: 'x-{resources.p.id}' } }],
  ['json', { method: 'POST', json: { a: [{ b: '{resources.p.id}' }] } }],
  ['data', { method: 'POST', data: [['a', '{resources.p.id}']] }],
  ['headers', { headers: { a: '{resources.p.id}' } }],
  ['the name of a header', { headers: { 'x-{resources.p.id}': 'a' } }],
])('a parent can be named in %s', (_, endpoint) => {
  const { resources } = resolved({ resources: [{ name: 'c', endpoint: { path: 'c', ...endpoint } }, 'p'] })
  expect(resources.map(({ parent }) => parent)).toEqual(['p', undefined])
})

test('a schema, functions and actions go through as they are', () => {
  const schema = v.object({ id: v.string() })
  const filter = () => true
  const action = () => undefined
  const dataSelector = () => [1]
  const { endpoint, ...rest } = resource({
    name: 'a',
    schema,
    processingSteps: [{ filter }],
    endpoint: { dataSelector, responseActions: [action, { statusCode: 404, action: 'ignore' }] },
  })
  expect(rest.schema).toBe(schema)
  expect(rest.processingSteps).toEqual([{ filter }])
  expect(endpoint.responseActions).toEqual([{ action }, { statusCode: 404, action: 'ignore' }])
  expect(endpoint.dataSelector?.({})).toEqual([1])
})

test('a parse function goes through; a half-read pass cannot go on with one where there was none', () => {
  const parse = () => ({ body: [], ended: true })
  const parsed = resource({ name: 'a', endpoint: { parse } })
  const other = resource({ name: 'a', endpoint: { parse: () => ({ body: null, ended: true }) } })
  const plain = resource('a')
  expect(parsed.endpoint.parse).toBe(parse)
  expect(resource('a', { endpoint: { parse } }).endpoint.parse).toBe(parse)
  expect(other.fingerprint).toBe(parsed.fingerprint)
  expect(plain.fingerprint).not.toBe(parsed.fingerprint)
  const reset = resource({ name: 'a', endpoint: { parse: null } }, { endpoint: { parse } })
  expect([reset.endpoint.parse, reset.fingerprint]).toEqual([undefined, plain.fingerprint])
})

test('the config is not changed, and later changes of it have no effect', () => {
  const body = { a: [1] }
  const config = {
    name: 'crm',
    client: { baseUrl, headers: { a: '1' }, auth: { token: 't' }, retry: { statuses: [500] } },
    resourceDefaults: { columns: { a: { nullable: true } }, endpoint: { params: { a: 1 } } },
    resources: [
      'posts',
      {
        name: 'c',
        primaryKey: ['id'],
        columns: { a: { dataType: 'integer' } },
        endpoint: {
          path: 'posts/{post_id}/c',
          method: 'POST',
          json: body,
          params: { post_id: { type: 'resolve', resource: 'posts', field: 'id' }, list: [1, 2] },
          paginator: 'json_link',
          incremental: { cursorPath: 'at' },
        },
      },
    ],
  }
  const frozen = deepFreeze(structuredClone(config))
  const before = snapshot(resolveConfig(frozen))
  const source = resolveConfig(config)
  expect(snapshot(source)).toBe(before)
  expect(frozen).toEqual(config)
  config.client.headers.a = 'changed'
  config.client.retry.statuses.push(503)
  config.resourceDefaults.endpoint.params.a = 2
  config.resources.push('more')
  body.a.push(2)
  expect(snapshot(source)).toBe(before)
})

const snapshot = (value: unknown) =>
  JSON.stringify(value, (_, item) => (typeof item === 'function' ? String(item) : item))

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    for (const item of Object.values(value)) deepFreeze(item)
  }
  return value
}
