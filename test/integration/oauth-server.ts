import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose'
import { type Context, errors, Provider } from 'oidc-provider'
import { manyRows } from '../support/fake-api.ts'
import { httpServer, type Loopback, listenFor } from './loopback.ts'

/** A client as the server knows it, in the words of RFC 7591. */
export interface Registered {
  client_id: string
  client_secret?: string
  token_endpoint_auth_method: 'client_secret_post' | 'client_secret_basic' | 'none'
  grant_types: string[]
  /** What it may ask for; anything, if this is left out. */
  scope?: string
  /** Seconds since 1970. */
  client_secret_expires_at?: number
}

/** A request to the token endpoint, and what came of it. */
export interface TokenLog {
  readonly form: Readonly<Record<string, string>>
  /** `Authorization` as it came. */
  readonly authorization: string | undefined
  readonly status: number
  /** The code of an error. */
  readonly error: string | undefined
  readonly accessToken: string | undefined
  readonly refreshToken: string | undefined
}

export interface OAuthServer {
  readonly tokenUrl: string
  /** Requests to the token endpoint, in the order of their answers. */
  readonly tokens: readonly TokenLog[]
  /** A first refresh token for a user of this client, as if he had just signed in. */
  signIn(clientId: string): Promise<string>
  /** No longer takes an access token. */
  revoke(accessToken: string | undefined): Promise<void>
}

export interface ProtectedApi extends Loopback {
  /** What the OAuth server said about the token of each request that was let in, and the `path` of the request. */
  readonly granted: Readonly<Record<string, unknown>>[]
}

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** The only resource (RFC 8707) that tokens are given for. */
export const RESOURCE = 'https://api.example.com/'
/** Access tokens live so long, in seconds. */
export const LIFETIME = 600

/** The API's own client at the OAuth server, which may ask about tokens. */
const API = { client_id: 'api', client_secret: 'known-to-the-api', token_endpoint_auth_method: 'client_secret_basic' }

/** More tokens than any test asks for: ends what would ask for ever. */
const MOST_REQUESTS = 200

/** A real authorization server on the loopback interface, closed when the test ends. `keys`: of the client `robot`. */
export async function oauthServer(clients: readonly Registered[], keys: readonly JWK[] = []): Promise<OAuthServer> {
  const tokens: TokenLog[] = []
  const { origin } = await listenFor((request, response) => handle(request, response))
  const tokenUrl = `${origin}/token`
  const registered = [...clients, { ...API, grant_types: [] }]
  const stored = new Map<string, Stored>()
  const provider = new Provider(origin, {
    clients: registered.map((client) => ({ redirect_uris: [], response_types: [], ...client })),
    adapter: (model: string) => adapter(model, stored),
    cookies: { keys: ['unused'] },
    jwks: { keys: [await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['offline_access', 'read', 'write'],
    ttl: { AccessToken: LIFETIME, ClientCredentials: LIFETIME, RefreshToken: 86_400, Grant: 86_400 },
    rotateRefreshToken: true,
    findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: { enabled: true, defaultResource: () => undefined, getResourceServerInfo },
    },
  })
  provider.use(async (context, next) => {
    if (tokens.length >= MOST_REQUESTS) throw new Error('too many requests')
    await next()
    if (context.path === '/token') tokens.push(logged(context))
  })
  provider.registerGrantType(
    JWT_BEARER,
    async (context, next) => {
      await grantForAssertion(provider, context, tokenUrl, keys)
      await next()
    },
    ['assertion', 'scope'],
  )
  const handle = provider.callback()

  return {
    tokenUrl,
    tokens,
    async signIn(clientId) {
      const user = { accountId: 'user-1', clientId }
      const grant = new provider.Grant(user)
      grant.addOIDCScope('offline_access read')
      const grantId = await grant.save()
      const client = await provider.Client.find(clientId)
      const scope = 'offline_access read'
      return new provider.RefreshToken({ ...user, client, grantId, scope, gty: 'authorization_code' }).save()
    },
    async revoke(accessToken = '') {
      const { AccessToken, ClientCredentials } = provider
      const token = (await ClientCredentials.find(accessToken)) ?? (await AccessToken.find(accessToken))
      if (token === undefined) throw new Error('there is no such token to revoke')
      await token.destroy()
    },
  }
}

/**
 * An API that asks the OAuth server about each token (RFC 7662), and takes it only if it is active. 25 rows at `/items`
 * and `/others`, paged by `offset` and `limit`; `/public` is open to all.
 */
export async function protectedApi({ tokenUrl }: OAuthServer): Promise<ProtectedApi> {
  const granted: Record<string, unknown>[] = []
  const api = await httpServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1')
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
    const answer = token === undefined ? {} : await introspect(tokenUrl, token)
    if (pathname !== '/public' && answer.active !== true) {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
      return
    }
    if (token !== undefined) granted.push({ path: pathname, ...answer })
    const [offset, limit] = ['offset', 'limit'].map((name) => Number(searchParams.get(name)))
    const rows = manyRows(25)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ data: rows.slice(offset, (offset ?? 0) + (limit ?? 0)), total: rows.length }))
  })
  return { ...api, granted }
}

async function introspect(tokenUrl: string, token: string): Promise<Record<string, unknown>> {
  const authorization = `Basic ${btoa(`${API.client_id}:${API.client_secret}`)}`
  const body = new URLSearchParams({ token })
  const response = await fetch(`${tokenUrl}/introspection`, { method: 'POST', headers: { authorization }, body })
  if (!response.ok) throw new Error(`introspection: status ${response.status}`)
  return (await response.json()) as Record<string, unknown>
}

function getResourceServerInfo(_: unknown, resource: string) {
  if (resource !== RESOURCE) throw new errors.InvalidTarget()
  return { scope: 'read write', audience: resource, accessTokenFormat: 'opaque', accessTokenTTL: LIFETIME }
}

/** RFC 7523, 2.1 and 3, with the checks of a library that knows nothing of ours. */
async function grantForAssertion(provider: Provider, context: Context, audience: string, keys: readonly JWK[]) {
  const { client, params } = context.oidc
  const issuer = client.clientId
  const checks = { issuer, audience, algorithms: ['RS256', 'ES256'], requiredClaims: ['exp', 'iat', 'sub'] }
  const verified = await jwtVerify(params.assertion ?? '', createLocalJWKSet({ keys: [...keys] }), checks).catch(() => {
    throw new errors.InvalidGrant('the assertion is not valid')
  })
  const { sub, scope } = verified.payload
  const user = { accountId: sub, clientId: client.clientId }
  const grantId = await new provider.Grant(user).save()
  const token = new provider.AccessToken({ ...user, client, grantId, scope: params.scope ?? scope })
  const accessToken = await token.save()
  context.body = { access_token: accessToken, expires_in: token.expiration, token_type: token.tokenType }
}

function logged({ headers, status, body, oidc }: Context): TokenLog {
  const answer = body as { error?: string; access_token?: string; refresh_token?: string }
  return {
    form: { ...oidc.body },
    authorization: headers.authorization,
    status,
    error: answer.error,
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
  }
}

type Stored = Record<string, unknown>

/** Where the server keeps what it knows: the place that it brings is shared by all servers of a process, and warns. */
function adapter(model: string, stored: Map<string, Stored>) {
  const keyOf = (id: string) => `${model}:${id}`
  return {
    async upsert(id: string, payload: Stored) {
      stored.set(keyOf(id), payload)
    },
    async find(id: string) {
      return stored.get(keyOf(id))
    },
    async consume(id: string) {
      stored.set(keyOf(id), { ...stored.get(keyOf(id)), consumed: true })
    },
    async destroy(id: string) {
      stored.delete(keyOf(id))
    },
    async revokeByGrantId(grantId: string) {
      for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key)
    },
  }
}
