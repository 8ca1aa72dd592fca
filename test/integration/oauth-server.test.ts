import { exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { memoryChunks } from '../../adapters/memory.ts'
import { type AuthConfig, createClient, defineSource, extract, type SyncEvent, step, sync } from '../../src/index.ts'
import { chunked } from '../../src/store/index.ts'
import { CANARY, leaks } from '../support/canaries.ts'
import {
  JWT_BEARER,
  LIFETIME,
  type OAuthServer,
  oauthServer,
  type ProtectedApi,
  protectedApi,
  RESOURCE,
  type Registered,
} from './oauth-server.ts'

/** Each has characters that a form changes. */
const ODD_ID = 'my app:100% + a/b&c="d"'
const ODD_SECRET = 's3cret :+%2B &="/?;~\\ x'

const machine = (fields: Partial<Registered> = {}): Registered => ({
  client_id: 'machine',
  client_secret: 'machine-secret-7f3e9d',
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['client_credentials'],
  ...fields,
})
const app = (fields: Partial<Registered> = {}): Registered => ({
  client_id: 'app',
  token_endpoint_auth_method: 'none',
  grant_types: ['refresh_token'],
  ...fields,
})

/**
 * A server, an API behind it, and a clock of ours that stands still; what the server gives lives by the real one. Waits
 * take no time, since nothing here is to be tried again.
 */
async function world(clients: readonly Registered[], keys: Parameters<typeof oauthServer>[1] = []) {
  const server = await oauthServer(clients, keys)
  const api = await protectedApi(server)
  const clock = { now: Date.now() }
  const events: SyncEvent[] = []
  const chunks = memoryChunks()
  const options = { ports: { now: () => clock.now }, onEvent: (event: SyncEvent) => void events.push(event) }
  const store = { open: () => chunked(chunks), drop: async () => {} }
  /** All that the store holds, as it holds it. */
  const stored = async () => {
    const texts = [(await chunks.head())?.value]
    for await (const { ref } of chunks.list()) texts.push(...(await chunks.read([ref])))
    return texts.join('\n')
  }
  return { server, api, clock, events, options, store, stored }
}

const paginator = { type: 'offset', limit: 10 } as const

/** `/items` and `/others`: 25 rows each, in pages of 10. */
function sourceOf(api: ProtectedApi, auth: AuthConfig) {
  return defineSource({
    name: 'test',
    client: { baseUrl: api.origin, auth, retry: { retries: 0 } },
    resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator } },
    resources: ['items', 'others'],
  })
}

const machineAuth = ({ tokenUrl }: OAuthServer, fields: object = {}): AuthConfig => ({
  type: 'oauth2_client_credentials',
  accessTokenUrl: tokenUrl,
  clientId: 'machine',
  clientSecret: () => 'machine-secret-7f3e9d',
  ...fields,
})

async function rowsOf(pages: AsyncIterable<{ rows: unknown[] }>): Promise<number> {
  let count = 0
  for await (const { rows } of pages) count += rows.length
  return count
}

describe('oauth2_client_credentials', () => {
  test.each([
    ['body', 'client_secret_post', 'machine', 'machine-secret-7f3e9d'],
    ['basic', 'client_secret_basic', 'machine', 'machine-secret-7f3e9d'],
    ['body', 'client_secret_post', ODD_ID, ODD_SECRET],
    ['basic', 'client_secret_basic', ODD_ID, ODD_SECRET],
  ] as const)('in the %s (%s), as %s: one token for all pages, and none of it stored', async (...row) => {
    const [clientAuthentication, method, clientId, clientSecret] = row
    const registered = { client_id: clientId, client_secret: clientSecret, token_endpoint_auth_method: method }
    const { server, api, options, events, store, stored } = await world([machine(registered)])
    const source = sourceOf(api, machineAuth(server, { clientAuthentication, clientId, clientSecret }))
    const report = await sync(source, store, options)
    expect(report.resources).toMatchObject({ items: { added: 25 }, others: { added: 25 } })
    expect(server.tokens).toMatchObject([{ status: 200, error: undefined }])
    expect(api.granted.map(({ client_id }) => client_id)).toEqual(Array(6).fill(clientId))
    expect('client_secret' in (server.tokens[0]?.form ?? {})).toBe(clientAuthentication === 'body')
    for (const secret of [clientSecret, server.tokens[0]?.accessToken ?? '']) {
      expect(secret).not.toBe('')
      expect(leaks(secret, report, events, await stored())).toEqual([])
    }
    expect(await stored()).toContain('row 25')
  })

  test('more data of the form: scope, resource, audience', async () => {
    const { server, api, options } = await world([machine()])
    const accessTokenRequestData = { scope: 'read', resource: RESOURCE, audience: 'the api' }
    expect(await rowsOf(extract(sourceOf(api, machineAuth(server, { accessTokenRequestData })), options))).toBe(50)
    expect(server.tokens).toMatchObject([{ form: accessTokenRequestData }])
    expect(api.granted[0]).toMatchObject({ scope: 'read', aud: RESOURCE })
  })

  test('a token is renewed a minute before it expires', async () => {
    const { server, api, clock, options } = await world([machine()])
    const source = sourceOf(api, machineAuth(server))
    const begin = clock.now
    await rowsOf(extract(source, options))
    clock.now = begin + (LIFETIME - 60) * 1000 - 1
    await rowsOf(extract(source, options))
    expect(server.tokens).toHaveLength(1)
    clock.now++
    expect(await rowsOf(extract(source, options))).toBe(50)
    expect(server.tokens).toHaveLength(2)
    expect(api.requests.every(({ headers }) => headers.authorization !== undefined)).toBe(true)
    expect(api.granted).toHaveLength(18)
  })

  test('a token that was revoked: one renewal, and one replay of the page', async () => {
    const { server, api, options } = await world([machine()])
    const source = sourceOf(api, machineAuth(server))
    const pages: number[] = []
    for await (const { rows } of extract(source, { ...options, resources: ['items'] })) {
      if (pages.push(rows.length) === 1) await server.revoke(server.tokens[0]?.accessToken)
    }
    expect(pages).toEqual([10, 10, 5])
    expect(server.tokens).toHaveLength(2)
    const offsets = api.requests.map(({ url }) => new URLSearchParams(url.split('?')[1]).get('offset'))
    expect(offsets).toEqual(['0', '10', '10', '20'])
  })

  test('twenty requests at once: one token, and one renewal when it is revoked', async () => {
    const { server, api, options } = await world([machine()])
    const client = createClient({ baseUrl: api.origin, auth: machineAuth(server), retry: { retries: 0 } }, options)
    const all = () => Promise.all(Array.from({ length: 20 }, () => client.request('/items?offset=0&limit=1')))
    expect(await all()).toHaveLength(20)
    expect(server.tokens).toHaveLength(1)
    await server.revoke(server.tokens[0]?.accessToken)
    expect(await all()).toHaveLength(20)
    expect(server.tokens).toHaveLength(2)
    expect(api.granted).toHaveLength(40)
  })

  test('a run that was stopped goes on in another process with a token of its own', async () => {
    const { server, api, options, store } = await world([machine()])
    const first = await step(sourceOf(api, machineAuth(server)), store, {
      ...options,
      resources: ['items'],
      budget: { requests: 2 },
    })
    // The token and one page.
    expect([first.status, server.tokens.length, api.granted.length]).toEqual(['more', 1, 1])
    await server.revoke(server.tokens[0]?.accessToken)
    const report = await sync(sourceOf(api, machineAuth(server)), store, { ...options, resources: ['items'] })
    expect(report.resources).toMatchObject({ items: { added: 25 } })
    expect([server.tokens.length, api.granted.length]).toEqual([2, 3])
  })

  const EXPIRED = Math.floor(Date.now() / 1000) - 60
  const REFUSALS: [string, Partial<Registered>, object, number, string, string][] = [
    ['a wrong secret', {}, { clientSecret: CANARY }, 401, 'invalid_client', 'clientSecret'],
    ['another', {}, { clientSecret: ODD_SECRET, clientAuthentication: 'basic' }, 401, 'invalid_client', 'clientSecret'],
    ['an unknown client', {}, { clientId: CANARY }, 401, 'invalid_client', 'clientId'],
    // RFC 6749 allows ASCII only; this server says so in its own way.
    ['no ASCII', {}, { clientSecret: CANARY, clientAuthentication: 'basic' }, 400, 'invalid_request', 'Data'],
    ['an expired client', { client_secret_expires_at: EXPIRED }, {}, 400, 'invalid_client', 'clientSecret'],
    ['a scope', { scope: 'read' }, { accessTokenRequestData: { scope: 'write' } }, 400, 'invalid_scope', 'scope'],
    [
      'a resource',
      {},
      { accessTokenRequestData: { resource: 'https://x.example' } },
      400,
      'invalid_target',
      'resource',
    ],
    ['a grant', {}, { accessTokenRequestData: { grant_type: 'magic' } }, 400, 'unsupported_grant_type', 'grant'],
  ]
  test.each(REFUSALS)('%s is refused: a coded error without secrets', async (_, client, fields, ...expected) => {
    const [status, error, hint] = expected
    const { server, api, options, events, store, stored } = await world([machine(client)])
    const result = await step(sourceOf(api, machineAuth(server, fields)), store, { ...options, resources: ['items'] })
    expect(server.tokens).toMatchObject([{ status, error }])
    expect(result).toMatchObject({
      status: 'failed',
      error: {
        code: 'auth_failed',
        what: `the token endpoint refused (${error})`,
        hint: expect.stringContaining(hint),
        retryable: false,
        resource: 'items',
        method: 'POST',
        origin: new URL(server.tokenUrl).origin,
        pathTemplate: '/token',
        status,
      },
    })
    for (const secret of [CANARY, ODD_SECRET, 'machine-secret-7f3e9d']) {
      expect(leaks(secret, result, events, await stored())).toEqual([])
    }
    expect(api.requests).toEqual([])
  })
})

describe('oauth2_refresh_token', () => {
  const userAuth = ({ tokenUrl }: OAuthServer, fields: object): AuthConfig => ({
    type: 'oauth2_refresh_token',
    accessTokenUrl: tokenUrl,
    clientId: 'app',
    refreshToken: '',
    ...fields,
  })

  test.each([
    ['a public client', app(), {}],
    [
      'a client with a secret',
      app({ client_secret: ODD_SECRET, token_endpoint_auth_method: 'client_secret_basic' }),
      { clientSecret: ODD_SECRET, clientAuthentication: 'basic' },
    ],
  ])('%s: each rotated token is kept before anything is asked with it', async (_, registered, fields) => {
    const { server, api, clock, options, events, store, stored } = await world([registered])
    const given = [await server.signIn('app')]
    const askedBefore: number[] = []
    const auth = userAuth(server, {
      ...fields,
      refreshToken: () => given.at(-1),
      onRefreshToken: async (token: string) => {
        // It is kept across a network, which takes longer than a request to the API.
        for (let i = 0; i < 3; i++) await fetch(new URL('/jwks', server.tokenUrl))
        askedBefore.push(api.requests.length)
        given.push(token)
      },
    })
    const source = sourceOf(api, auth)
    await sync(source, store, options)
    clock.now += (LIFETIME - 60) * 1000
    const report = await sync(source, store, { ...options, full: true })
    expect(report.resources).toMatchObject({ items: { unchanged: 25 }, others: { unchanged: 25 } })
    expect(askedBefore).toEqual([0, 6])
    expect(server.tokens.map(({ form }) => form.refresh_token)).toEqual(given.slice(0, 2))
    expect(new Set(given).size).toBe(3)
    expect(api.granted[0]).toMatchObject({ sub: 'user-1', client_id: 'app', scope: 'offline_access read' })
    for (const secret of [...given, ...server.tokens.map(({ accessToken }) => accessToken ?? '')]) {
      expect(leaks(secret, report, events, await stored())).toEqual([])
    }
  })

  test('without a place to keep it, the rotated token is used as long as the source lives', async () => {
    const { server, api, clock, options } = await world([app()])
    const source = sourceOf(api, userAuth(server, { refreshToken: await server.signIn('app') }))
    for (let run = 0; run < 3; run++) {
      expect(await rowsOf(extract(source, options))).toBe(50)
      clock.now += (LIFETIME - 60) * 1000
    }
    expect(server.tokens.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  test('one that is used up is refused, once for all requests; the server then trusts none of the family', async () => {
    const { server, api, options, store } = await world([app()])
    const first = await server.signIn('app')
    const user = sourceOf(api, userAuth(server, { refreshToken: first }))
    await sync(user, store, options)
    const late = await step(sourceOf(api, userAuth(server, { refreshToken: first })), store, {
      ...options,
      concurrency: 1,
    })
    const refused = { code: 'auth_failed', status: 400, retryable: false, hint: expect.stringContaining('sign in') }
    expect(late.error).toMatchObject(refused)
    expect(late.report.resources).toMatchObject({
      items: { status: 'failed', error: { code: 'auth_failed' } },
      others: { status: 'failed', error: { code: 'auth_failed' } },
    })
    expect(server.tokens.map(({ error }) => error)).toEqual([undefined, 'invalid_grant'])
    expect(leaks(first, late)).toEqual([])
    // The access token has gone as well: the 401 asks for a renewal, which is refused.
    expect((await step(user, store, options)).error).toMatchObject(refused)
    expect(server.tokens).toHaveLength(3)
    expect(api.granted).toHaveLength(6)
  })

  test('twenty requests at once use a refresh token once', async () => {
    const { server, api, options } = await world([app()])
    const auth = userAuth(server, { refreshToken: await server.signIn('app') })
    const client = createClient({ baseUrl: api.origin, auth, retry: { retries: 0 } }, options)
    const all = () => Promise.all(Array.from({ length: 20 }, () => client.request('/items?offset=0&limit=1')))
    await all()
    await server.revoke(server.tokens[0]?.accessToken)
    await all()
    expect(server.tokens.map(({ status }) => status)).toEqual([200, 200])
    expect(api.granted).toHaveLength(40)
  })
})

describe('oauth_jwt', () => {
  /** A key pair, and the public one as the server has it. */
  async function key(algorithm: 'RS256' | 'ES256', kid: string) {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
    return { pem: await exportPKCS8(privateKey), jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } }
  }
  const robot = app({ client_id: 'robot', grant_types: [JWT_BEARER] })
  const robotAuth = ({ tokenUrl }: OAuthServer, fields: object): AuthConfig => ({
    type: 'oauth_jwt',
    accessTokenUrl: tokenUrl,
    clientId: 'robot',
    privateKey: '',
    // This server wants to know the client before it reads the assertion.
    accessTokenRequestData: { client_id: 'robot' },
    ...fields,
  })

  test.each(['RS256', 'ES256'] as const)(
    '%s: the signature holds, and the token reads all pages',
    async (algorithm) => {
      const keys = [await key(algorithm, 'k1'), await key(algorithm, 'k2')]
      const { server, api, options, events, store, stored } = await world(
        [robot],
        keys.map(({ jwk }) => jwk),
      )
      const privateKey = keys[1]?.pem ?? ''
      const fields = { algorithm, keyId: 'k2', scopes: ['read', 'write'], subject: 'user-2', privateKey }
      const report = await sync(sourceOf(api, robotAuth(server, fields)), store, options)
      expect(report.resources).toMatchObject({ items: { added: 25 }, others: { added: 25 } })
      expect(server.tokens).toHaveLength(1)
      expect(api.granted[0]).toMatchObject({ client_id: 'robot', sub: 'user-2', scope: 'read write' })
      const { accessToken = '', form } = server.tokens[0] ?? {}
      const body = privateKey.split('\n')[1] ?? ''
      for (const secret of [accessToken, form?.assertion ?? '', body]) {
        expect(secret).not.toBe('')
        expect(leaks(secret, report, events, await stored())).toEqual([])
      }
    },
  )

  const TEN_MINUTES = 600_000
  test.each([
    ['another key', { keyId: 'k1' }, 0],
    ['a key that is not known', { keyId: 'k3' }, 0],
    ['no key named, where there are two', {}, 0],
    ['another audience', { keyId: 'k2', audience: 'https://elsewhere.example' }, 0],
    ['a clock that is ten minutes late', { keyId: 'k2' }, -TEN_MINUTES],
  ])('%s: invalid_grant, with a hint about keys and the clock', async (_, fields, skew) => {
    const keys = [await key('ES256', 'k1'), await key('ES256', 'k2')]
    const { server, api, clock, options, store } = await world(
      [robot],
      keys.map(({ jwk }) => jwk),
    )
    clock.now += skew
    const auth = robotAuth(server, { algorithm: 'ES256', privateKey: () => keys[1]?.pem, ...fields })
    const { error } = await step(sourceOf(api, auth), store, { ...options, resources: ['items'] })
    expect(error).toMatchObject({
      code: 'auth_failed',
      what: 'the token endpoint refused (invalid_grant)',
      hint: expect.stringMatching(/keyId.*clock/),
    })
    expect(server.tokens).toHaveLength(1)
    expect(api.requests).toEqual([])
  })
})

test('an endpoint with an auth of its own, and one with none', async () => {
  const { server, api, options, store } = await world([machine(), machine({ client_id: 'second' })])
  const source = defineSource({
    name: 'test',
    client: { baseUrl: api.origin, auth: machineAuth(server) },
    resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator } },
    resources: [
      'items',
      { name: 'others', endpoint: { path: '/others', auth: machineAuth(server, { clientId: 'second' }) } },
      { name: 'public', endpoint: { path: '/public', auth: null } },
    ],
  })
  const report = await sync(source, store, options)
  expect(report.resources).toMatchObject({ items: { added: 25 }, others: { added: 25 }, public: { added: 25 } })
  const seen = api.granted.map(({ path, client_id }) => `${path} ${client_id}`)
  expect(new Set(seen)).toEqual(new Set(['/items machine', '/others second']))
  const open = api.requests.filter(({ url }) => url.startsWith('/public'))
  expect(open.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, undefined])
  expect(server.tokens).toHaveLength(2)
})
