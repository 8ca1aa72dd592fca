import { ofetch } from 'ofetch'
import { expect, test } from 'vitest'
import { type AuthConfig, createAuth } from '../../../src/auth/index.ts'
import type { ParseFunction } from '../../../src/config/parse.ts'
import type { ResolvedClient, ResponseAction } from '../../../src/config/resolved.ts'
import { createHttpClient } from '../../../src/http/client.ts'
import type { RequestSpec } from '../../../src/http/request.ts'
import { leaksAmong } from '../../support/canaries.ts'
import { START } from '../../support/clock.ts'
import { client, fakeMeter, json, spec, status } from './fake.ts'

/** Awkward on purpose: each has characters that every encoding changes. */
const canary = (name: string) => `CaNaRy+/${name}=&"é?<${name}>`
const plain = (name: string) => `CaNaRy+/${name}=&?<${name}>`
const CANARIES = {
  queryKey: canary('query-key'),
  headerKey: plain('header-key'),
  bearer: plain('bearer-token'),
  basicUser: canary('basic-user'),
  basicPassword: canary('basic-password'),
  cookie: 'CaNaRy+/cookie-key=&?<cookie-key>',
  staticHeader: plain('static-header'),
  param: canary('url-param'),
  requestBody: canary('request-body'),
  responseBody: canary('response-body'),
  responseHeader: plain('response-header'),
  pathValue: 'CaNaRy-path-value-7731',
  clientSecret: canary('client-secret'),
  refreshToken: canary('refresh-token'),
  rotatedToken: canary('rotated-token'),
  accessToken: 'CaNaRy+/access-token=&?<access-token>',
  proxyAuth: plain('proxy-auth'),
}

const TOKEN_URL = 'https://auth.example.com/token'
const OAUTH = { accessTokenUrl: TOKEN_URL, clientId: 'cid', clientSecret: () => CANARIES.clientSecret } as const
const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
const PKCS8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
const PEM = `-----BEGIN PRIVATE KEY-----\n${PKCS8}\n-----END PRIVATE KEY-----`

const SCHEMES: AuthConfig[] = [
  { type: 'api_key', name: 'appid', apiKey: CANARIES.queryKey, location: 'query' },
  { type: 'api_key', name: 'x-key', apiKey: CANARIES.headerKey },
  { type: 'bearer', token: () => CANARIES.bearer },
  { type: 'http_basic', username: CANARIES.basicUser, password: CANARIES.basicPassword },
  { type: 'api_key', name: 'sid', apiKey: CANARIES.cookie, location: 'cookie' },
  { type: 'oauth2_client_credentials', ...OAUTH },
  { type: 'oauth2_client_credentials', ...OAUTH, clientAuthentication: 'basic' },
  { type: 'oauth2_refresh_token', ...OAUTH, refreshToken: CANARIES.refreshToken },
  { type: 'oauth_jwt', accessTokenUrl: TOKEN_URL, clientId: 'cid', privateKey: PEM, algorithm: 'ES256' },
]

interface Scenario {
  name: string
  code: string
  reply?: () => Response | Promise<Response>
  token?: () => Response | Promise<Response>
  over?: Partial<ResolvedClient>
  request?: Partial<RequestSpec>
  actions?: ResponseAction[]
  parse?: ParseFunction
  auth?: AuthConfig
  wait?: boolean
}

const echo = { location: '', 'x-echo': CANARIES.responseHeader, 'retry-after': CANARIES.responseHeader }
const body =
  (text: string, init: ResponseInit = {}) =>
  () =>
    new Response(text, { headers: echo, ...init })
const secret = CANARIES.responseBody
const granted = () => json({ access_token: CANARIES.accessToken, refresh_token: CANARIES.rotatedToken })
const fail = (error: unknown) => () => Promise.reject(error)
const throwing = () => {
  throw new Error(`${CANARIES.bearer} ${secret}`)
}

const SCENARIOS: Scenario[] = [
  ...[400, 401, 403, 404, 418, 429, 500, 503].map((code) => ({
    name: `status ${code}`,
    code: code === 429 ? 'rate_limited' : 'http_status',
    request: { method: 'POST', data: { body: CANARIES.requestBody } },
    reply: body(secret, { status: code, headers: echo }),
  })),
  { name: 'no JSON', code: 'invalid_json', reply: body(`${secret} is no JSON`) },
  { name: 'JSON that starts with a secret', code: 'invalid_json', reply: body(`"${secret}" x`) },
  { name: 'cut JSON', code: 'invalid_json', reply: body(`[${JSON.stringify(secret)},`) },
  { name: 'HTML', code: 'unexpected_html', reply: body(`<html>${secret}`) },
  {
    name: 'bad UTF-8',
    code: 'invalid_json',
    reply: () => new Response(new Uint8Array([...new TextEncoder().encode(secret), 0xff])),
  },
  {
    name: 'a charset that is a secret',
    code: 'invalid_json',
    reply: () => new Response('[]', { headers: { 'content-type': 'text/plain;charset=CaNaRy-path-value-7731' } }),
  },
  {
    name: 'a body that is too large',
    code: 'body_too_large',
    reply: body(secret.repeat(99)),
    over: { maxBodyBytes: 99 },
  },
  {
    name: 'a foreign redirect',
    code: 'foreign_origin',
    reply: () => redirect(`https://evil.example/${encodeURIComponent(secret)}`),
  },
  {
    name: 'a redirect with a password',
    code: 'invalid_url',
    reply: () => redirect(`https://u:${encodeURIComponent(secret)}@evil.example/`),
  },
  {
    name: 'a redirect to nowhere',
    code: 'invalid_url',
    reply: () => redirect(`https://[${encodeURIComponent(secret)}/`),
  },
  { name: 'a circle of redirects', code: 'redirect_refused', reply: () => redirect('?') },
  {
    name: 'a network error that quotes the URL',
    code: 'network',
    reply: fail(
      Object.assign(new TypeError(`fetch failed ${CANARIES.queryKey} ${CANARIES.bearer}`), {
        path: CANARIES.param,
        code: CANARIES.param,
        cause: new Error(CANARIES.headerKey),
      }),
    ),
  },
  { name: 'a thrown text', code: 'network', reply: fail(CANARIES.bearer) },
  {
    name: 'a body that breaks',
    code: 'network',
    reply: () => new Response(new ReadableStream({ start: (c) => c.error(new Error(secret)) })),
  },
  {
    name: 'no answer in time',
    code: 'timeout',
    reply: () => new Promise(() => {}),
    over: { timeout: { attempt: 0.01, idle: 1, total: 0.03 } },
  },
  { name: 'a wait that does not fit', code: 'budget_exceeded', reply: body(secret, { status: 429 }), wait: false },
  { name: 'an action that throws', code: 'response_rejected', reply: body(secret), actions: [{ action: throwing }] },
  {
    name: 'an action that fails',
    code: 'response_rejected',
    reply: body(secret),
    actions: [{ content: secret, action: 'fail' }],
  },
  { name: 'a parse function that throws', code: 'response_rejected', reply: body(secret), parse: throwing },
  {
    name: 'a parse function that returns no JSON',
    code: 'response_rejected',
    reply: body(secret),
    parse: (text) => ({ body: [text, Number.NaN], ended: true }),
  },
  {
    name: 'a parse function without a proof',
    code: 'invalid_json',
    reply: body(secret),
    parse: (text) => ({ body: [text], ended: false }),
  },
  {
    name: 'a part that is no JSON',
    code: 'invalid_json',
    reply: body(secret),
    parse: (text, { json }) => ({ body: json(text), ended: true }),
  },
  { name: 'a link that is no URL', code: 'invalid_url', request: { url: `https://[${CANARIES.param}/` } },
  { name: 'a foreign link', code: 'foreign_origin', request: { url: `https://evil.example/${CANARIES.param}` } },
  { name: 'another scheme', code: 'foreign_origin', request: { url: `data:application/json,${CANARIES.param}` } },
  { name: 'a body on a GET', code: 'get_with_body', request: { json: { secret: CANARIES.requestBody } } },
  {
    name: 'two bodies',
    code: 'body_conflict',
    request: { method: 'POST', json: CANARIES.requestBody, data: CANARIES.requestBody },
  },
  {
    name: 'a header that cannot be sent',
    code: 'config_invalid',
    request: { headers: { 'x-a': `${CANARIES.staticHeader}\nx` } },
  },
  {
    name: 'a header name that cannot be sent',
    code: 'config_invalid',
    request: { headers: { [`${CANARIES.staticHeader}\n`]: 'x' } },
  },
  { name: 'a secret with a line break', code: 'secret_invalid', auth: { token: `${CANARIES.bearer}\nx` } },
  {
    name: 'a user with a colon',
    code: 'secret_invalid',
    auth: { type: 'http_basic', username: `${CANARIES.basicUser}:`, password: '' },
  },
  { name: 'a secret that throws', code: 'auth_failed', auth: { token: throwing } },
  { name: 'a signing function that throws', code: 'auth_failed', auth: throwing },
  {
    name: 'a signing function that moves the request',
    code: 'foreign_origin',
    auth: (request) => ({ ...request, url: new URL(`https://evil.example/${CANARIES.param}`) }),
  },
]

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } })
}

async function run(scenario: Scenario, auth: AuthConfig): Promise<unknown> {
  const resolved = client({ auth: createAuth(scenario.auth ?? auth), ...scenario.over })
  const ports = {
    fetch: async (url: string) =>
      url === TOKEN_URL ? (scenario.token ?? granted)() : (scenario.reply?.() ?? json([])),
    now: scenario.over?.timeout ? Date.now : () => START,
    sleep: async () => {},
    random: () => 0,
  }
  const request = spec({
    url: `https://api.example.com/${CANARIES.pathValue}/items?k=${encodeURIComponent(CANARIES.param)}`,
    params: { param: CANARIES.param },
    headers: { 'x-static': CANARIES.staticHeader, 'proxy-authorization': CANARIES.proxyAuth },
    pathTemplate: `{id}/items?k=${CANARIES.param}`,
    ...scenario.request,
  })
  const { meter } = fakeMeter({ mayWait: () => scenario.wait ?? true })
  const logged: unknown[] = []
  const onRetry = (retry: unknown) => logged.push(retry)
  const options = {
    auth: resolved.auth,
    actions: scenario.actions ?? [],
    parse: scenario.parse,
    meter: { ...meter, onRetry },
    resource: 'items',
  }
  const outcome = await createHttpClient(resolved, ports)
    .send(request, options)
    .then(
      () => 'it did not fail',
      (error: unknown) => error,
    )
  expect(outcome).toMatchObject({ code: scenario.code })
  return { outcome, logged }
}

const found = (value: unknown) => [
  ...new Set(leaksAmong({ ...CANARIES, privateKey: PKCS8 }, value).map((hit) => hit.split(':')[0])),
]

test.each(SCENARIOS)('no error shows a secret: $name', async (scenario) => {
  for (const auth of SCHEMES) expect(found(await run(scenario, auth))).toEqual([])
})

const spoken = `${CANARIES.clientSecret} ${CANARIES.refreshToken} ${CANARIES.accessToken} ${secret}`
const TOKEN_ANSWERS: [string, () => Response | Promise<Response>][] = [
  [
    'an error that quotes the request',
    () => json({ error: 'invalid_client', error_description: spoken }, { status: 401 }),
  ],
  ['an error code that is a secret', () => json({ error: spoken }, { status: 400 })],
  ['no JSON', () => new Response(spoken)],
  ['another type of token', () => json({ access_token: CANARIES.accessToken, token_type: 'DPoP', scope: spoken })],
  ['an error in a form', () => new Response(new URLSearchParams({ error: spoken, error_description: spoken }))],
  ['a token that no header holds', () => json({ access_token: `${CANARIES.accessToken}\n` })],
  ['a redirect', () => redirect(`https://evil.example/?${new URLSearchParams({ spoken })}`)],
  ['a lost connection', () => Promise.reject(new TypeError(`POST ${TOKEN_URL} ${spoken}`, { cause: spoken }))],
  ['a body that breaks off', () => new Response(new ReadableStream({ start: (c) => c.error(new Error(spoken)) }))],
]

test.each(TOKEN_ANSWERS)('no error shows a secret: the token endpoint answers with %s', async (_, token) => {
  for (const auth of SCHEMES) {
    if (!('accessTokenUrl' in auth)) continue
    expect(found(await run({ name: '', code: 'auth_failed', token }, auth))).toEqual([])
  }
})

test('a callback that throws, or a key that is none, shows no secret', async () => {
  const onRefreshToken = (token: string) => Promise.reject(new Error(token))
  const user: AuthConfig = {
    type: 'oauth2_refresh_token',
    ...OAUTH,
    refreshToken: CANARIES.refreshToken,
    onRefreshToken,
  }
  expect(found(await run({ name: '', code: 'auth_failed' }, user))).toEqual([])
  const robot: AuthConfig = {
    type: 'oauth_jwt',
    accessTokenUrl: TOKEN_URL,
    clientId: 'cid',
    privateKey: PEM.slice(0, -9),
  }
  expect(found(await run({ name: '', code: 'secret_invalid' }, robot))).toEqual([])
})

test('the scanner sees: raw ofetch shows the query key, and the header through its options', async () => {
  const call = ofetch.create({}, { fetch: async () => status(500) })
  const query = new URLSearchParams({ k: CANARIES.queryKey })
  const error = await call(`https://api.example.com/?${query}`, {
    retry: 0,
    headers: { 'x-key': CANARIES.headerKey },
  }).catch((reason: unknown) => reason)
  expect(found(error)).toEqual(expect.arrayContaining(['queryKey', 'headerKey']))
})

test('the scanner sees: a message, a hidden property, a getter, a cause, a stack, a header', () => {
  const form = encodeURIComponent(CANARIES.queryKey)
  const things = [
    new Error(form),
    Object.defineProperty(new Error('x'), 'hidden', { value: { deep: form }, enumerable: false }),
    Object.defineProperty(new Error('x'), 'url', { get: () => form }),
    Object.assign(new Error('x'), { stack: form }),
    new Error('x', { cause: new Error(form) }),
    { a: [new Headers({ x: form })] },
  ]
  for (const thing of things) expect(found(thing)).toEqual(['queryKey'])
})
