import { expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { type AuthConfig, checkConnection, createClient, defineSource, extract, step, sync } from '../../src/index.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json, type SeenRequest } from '../support/server.ts'

const TOKEN_URL = 'https://auth.example.com/token'

/** Every request is answered with one row, and every refresh token with the next one. */
function world() {
  const tokens: SeenRequest[] = []
  const server = fakeServer((request) => {
    if (request.url !== TOKEN_URL) return json([{ id: 1 }])
    tokens.push(request)
    return json({ access_token: `A${tokens.length}`, refresh_token: `R${tokens.length}` })
  })
  /** What each path was asked with. */
  const seen = () =>
    Object.fromEntries(
      server.requests.map(({ url, headers }) => [new URL(url).pathname, headers.authorization ?? headers['x-key']]),
    )
  const used = () => tokens.map(({ body }) => new URLSearchParams(body).get('refresh_token'))
  return { seen, used, ports: fakePorts({ fetch: server.fetch }) }
}

const user = (): AuthConfig => ({
  type: 'oauth2_refresh_token',
  accessTokenUrl: TOKEN_URL,
  clientId: 'me',
  refreshToken: 'R0',
})

const client = (auth: AuthConfig) => ({ baseUrl: 'https://api.example.com', auth, paginator: 'single_page' }) as const

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

test('the endpoint before the defaults before the client; null takes it away, from children too', async () => {
  const { seen, ports } = world()
  const source = defineSource({
    name: 'places',
    client: client({ token: 'of-the-client' }),
    resourceDefaults: { primaryKey: 'id', endpoint: { auth: { token: 'of-the-defaults' } } },
    resources: [
      'plain',
      { name: 'own', endpoint: { auth: { type: 'api_key', name: 'x-key', apiKey: 'own' } } },
      { name: 'open', endpoint: { auth: null } },
      { name: 'child', endpoint: '/open/{resources.open.id}/child' },
      { name: 'own_child', endpoint: { path: '/plain/{resources.plain.id}/own', auth: { token: 'of-the-child' } } },
      { name: 'open_child', endpoint: { path: '/plain/{resources.plain.id}/open', auth: null } },
    ],
  })
  await sync(source, memoryStore(), { ports })
  expect(seen()).toEqual({
    '/plain': 'Bearer of-the-defaults',
    '/own': 'own',
    '/open': undefined,
    '/open/1/child': 'Bearer of-the-defaults',
    '/plain/1/own': 'Bearer of-the-child',
    '/plain/1/open': undefined,
  })
})

const PLACES: [string, Parameters<typeof defineSource>[0]][] = [
  ['the client', { name: 's', client: client(user()), resources: ['a', 'b'] }],
  [
    'the defaults',
    {
      name: 's',
      client: client({ token: 'unused' }),
      resourceDefaults: { endpoint: { auth: user() } },
      resources: ['a', { name: 'b', endpoint: '/a/{resources.a.id}/b' }],
    },
  ],
  [
    'the client and each endpoint',
    {
      name: 's',
      client: client(user()),
      resources: [
        'a',
        { name: 'b', endpoint: { auth: user() } },
        { name: 'c', endpoint: { path: '/a/{resources.a.id}/c', auth: user() } },
      ],
    },
  ],
]

test.each(PLACES)('one token for all that is done with a source: auth in %s', async (_, config) => {
  const { used, ports } = world()
  const source = defineSource(config)
  expect((await checkConnection(source, { ports })).ok).toBe(true)
  await Promise.all([readAll(extract(source, { ports })), sync(source, memoryStore(), { ports })])
  await step(source, memoryStore(), { ports, budget: { requests: 2 } })
  expect(used()).toEqual(['R0'])
  // Another source knows nothing of it: where the token is kept is for the caller to say.
  await readAll(extract(defineSource(config), { ports }))
  expect(used()).toEqual(['R0', 'R0'])
})

test('a client shares its token with endpoints that say the same auth', async () => {
  const { used, ports } = world()
  const api = createClient({ baseUrl: 'https://api.example.com', auth: user() }, { ports })
  await api.request('/a')
  await api.request({ path: '/b', auth: user() })
  await readAll(api.paginate({ path: '/c', auth: user(), paginator: 'single_page' }))
  expect(used()).toEqual(['R0'])
})

test('a client keeps the token of an auth that only its endpoints have, and of one that it was given last', async () => {
  const { used, ports } = world()
  const api = createClient({ baseUrl: 'https://api.example.com' }, { ports })
  await api.request({ path: '/a', auth: user() })
  await api.request({ path: '/b', auth: user() })
  await readAll(api.paginate({ path: '/c', auth: user(), paginator: 'single_page' }))
  expect(used()).toEqual(['R0'])
  const other = { ...user(), refreshToken: () => 'S0' } as AuthConfig
  await Promise.all([api.request({ path: '/d', auth: other }), api.request({ path: '/e', auth: other })])
  expect(used()).toEqual(['R0', 'S0'])
})
