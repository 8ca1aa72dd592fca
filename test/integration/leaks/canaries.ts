import type { AuthConfig } from '../../../src/auth/index.ts'

/** Awkward on purpose: each has characters that every encoding changes. */
const any = (name: string) => `CaNaRy+/${name}=&"é?<${name}>`
/** As awkward as a header bears. */
const ascii = (name: string) => `CaNaRy+/${name}=&?<${name}>`

const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')

/** What `auth` holds or fetches: it shows nowhere, and no byte of it is stored. */
export const SECRETS = {
  queryKey: any('query-key'),
  headerKey: ascii('header-key'),
  bearer: ascii('bearer-token'),
  basicUser: any('basic-user'),
  basicPassword: any('basic-password'),
  cookie: ascii('cookie-key'),
  clientSecret: any('client-secret'),
  refreshToken: any('refresh-token'),
  rotatedToken: any('rotated-token'),
  accessToken: ascii('access-token'),
  privateKey: pkcs8,
  signature: ascii('signature-of-a-function'),
}

/** What else of the config may be a key. Shows nowhere; stored only within a next link, if the API repeats it there. */
export const CONFIGURED = {
  basePath: 'CaNaRy-webhook-path-5513',
  staticHeader: ascii('static-header'),
  proxyAuthorization: ascii('proxy-authorization'),
  queryOfPath: 'CaNaRy-query-of-path-4482',
  param: any('param'),
  requestBody: any('request-body'),
  tokenData: any('token-data'),
}

/** What the API sends about people. Shows nowhere; stored in rows and quarantine only. */
export const PERSONAL = { email: any('e-mail'), header: ascii('response-header'), body: any('response-body') }

/** Keys and cursors of records, and of pages. Show nowhere; stored where rows and places are. */
export const KEYS = { id: any('person').replace('"', ''), cursor: any('page-cursor') }

export const EVERYTHING = { ...SECRETS, ...CONFIGURED, ...PERSONAL, ...KEYS }

export const TOKEN_URL = 'https://login.example.com/token'

const oauth = {
  accessTokenUrl: TOKEN_URL,
  clientId: 'my-app',
  clientSecret: () => SECRETS.clientSecret,
  accessTokenRequestData: { audience: CONFIGURED.tokenData },
}

export const PEM = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`

/** Every kind of auth, each with its canaries. */
export const SCHEMES: Readonly<Record<string, AuthConfig>> = {
  'query key': { type: 'api_key', name: 'appid', apiKey: SECRETS.queryKey, location: 'query' },
  'header key': { type: 'api_key', name: 'x-key', apiKey: SECRETS.headerKey },
  cookie: { type: 'api_key', name: 'sid', apiKey: SECRETS.cookie, location: 'cookie' },
  bearer: { type: 'bearer', token: () => SECRETS.bearer },
  basic: { type: 'http_basic', username: SECRETS.basicUser, password: SECRETS.basicPassword },
  'client credentials': { type: 'oauth2_client_credentials', ...oauth },
  'client credentials by Basic': { type: 'oauth2_client_credentials', ...oauth, clientAuthentication: 'basic' },
  'refresh token': { type: 'oauth2_refresh_token', ...oauth, refreshToken: SECRETS.refreshToken },
  JWT: {
    type: 'oauth_jwt',
    accessTokenUrl: TOKEN_URL,
    clientId: 'my-app',
    privateKey: PEM,
    algorithm: 'ES256',
    accessTokenRequestData: { audience: CONFIGURED.tokenData },
  },
  function: (request) => {
    request.headers.set('x-signature-key', SECRETS.signature)
    return request
  },
}
