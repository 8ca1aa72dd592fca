import * as v from 'valibot'
import type { SignableRequest } from '../../../src/auth/auth.ts'
import { jsonpath } from '../../../src/select/jsonpath.ts'
import { json, text } from '../../support/server.ts'
import { CONFIGURED, KEYS, PERSONAL, SECRETS } from './canaries.ts'
import { echo, type Failure } from './world.ts'

const spoken = `${Object.values(SECRETS).join(' ')} ${PERSONAL.email} ${PERSONAL.body}`
const throwing = (): never => {
  throw Object.assign(new Error(spoken, { cause: spoken }), { code: spoken, url: spoken })
}
const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } })
const query = new URLSearchParams({ spoken }).toString()
const personal = new URLSearchParams({ of: `${PERSONAL.email} ${PERSONAL.body}` }).toString()
const page = (data: unknown, more: object = {}) => json({ data, ...more })
const person = { id: 'p', email: PERSONAL.email }

const statuses: Failure[] = [400, 401, 403, 404, 409, 410, 418, 422, 425, 429, 500, 502, 503, 504].map((status) => ({
  name: `status ${status}`,
  code: status === 429 ? 'rate_limited' : 'http_status',
  reply: (request) =>
    text(echo(request), { status, headers: { 'x-echo': PERSONAL.header, 'retry-after': PERSONAL.header } }),
}))

const network: Failure[] = [
  { name: 'no connection', code: 'network', reply: () => 'connection' },
  {
    name: 'no connection, and the error quotes the request',
    code: 'network',
    reply: (request) => {
      throw Object.assign(new TypeError(`fetch failed: ${echo(request)}`), {
        code: PERSONAL.body,
        path: request.url,
        cause: Object.assign(new Error(echo(request)), { code: 'ECONNREFUSED' }),
      })
    },
  },
  {
    name: 'what is thrown is a text',
    code: 'network',
    reply: (request) => {
      throw echo(request)
    },
  },
  {
    name: 'no answer',
    code: 'timeout',
    late: true,
    reply: () => 'timeout',
    client: { timeout: { attempt: 1, total: 3 } },
  },
  {
    name: 'a body that breaks',
    code: 'network',
    reply: (request) =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.error(new Error(echo(request))),
        }),
      ),
  },
  {
    name: 'a body that stops',
    code: 'timeout',
    late: true,
    reply: (request) =>
      new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode(echo(request))) })),
    client: { timeout: { attempt: 5, idle: 1, total: 9 } },
  },
]

const reads = ['first page', 'second page'] as const

const redirects: Failure[] = (
  [
    ['elsewhere', 'foreign_origin', `https://evil.example/?${query}`],
    ['to http', 'foreign_origin', `http://api.example.com/?${query}`],
    ['to data', 'foreign_origin', `data:text/plain,${query}`],
    ['with a password', 'invalid_url', `https://u:${encodeURIComponent(SECRETS.bearer)}@api.example.com/`],
    ['to nowhere', 'invalid_url', `https://[${query}/`],
  ] as const
).map(
  ([name, code, location]): Failure => ({
    name: `a redirect ${name}`,
    code,
    reply: () => redirect(location),
    points: reads,
  }),
)

redirects.push(
  { name: 'a redirect of a POST', code: 'redirect_refused', reply: () => redirect(`/?${query}`), points: ['child'] },
  {
    name: 'a redirect of a POST elsewhere',
    code: 'redirect_refused',
    reply: () => redirect(`https://evil.example/?${query}`, 307),
    points: ['child'],
  },
  {
    name: 'a redirect in a circle',
    code: 'redirect_refused',
    reply: ({ query: asked }) => redirect(`?${new URLSearchParams(asked as Record<string, string>)}`),
    points: reads,
  },
  {
    name: 'a redirect without end',
    code: 'redirect_refused',
    reply: ({ query: asked }) => redirect(`?${new URLSearchParams({ ...asked, n: `${Math.random()} ${spoken}` })}`),
    points: reads,
  },
)

const bodies: Failure[] = [
  { name: 'text', code: 'invalid_json', reply: (request) => text(echo(request)) },
  {
    name: 'a text in JSON, and more',
    code: 'invalid_json',
    reply: (request) => text(`${JSON.stringify(echo(request))} x`),
  },
  { name: 'cut JSON', code: 'invalid_json', reply: (request) => text(`{"data":[${JSON.stringify(echo(request))},`) },
  {
    name: 'a key that is a secret, and broken',
    code: 'invalid_json',
    reply: () => text(`{${JSON.stringify(spoken)} 1}`),
  },
  { name: 'nothing', code: 'invalid_json', reply: () => text('') },
  { name: 'HTML', code: 'unexpected_html', reply: (request) => text(`<!doctype html><p>${echo(request)}`) },
  {
    name: 'HTML by type',
    code: 'unexpected_html',
    reply: (request) => text(echo(request), { headers: { 'content-type': 'text/html' } }),
  },
  {
    name: 'what is no UTF-8',
    code: 'invalid_json',
    reply: (request) => new Response(new Uint8Array([...new TextEncoder().encode(echo(request)), 0xff])),
  },
  {
    name: 'a charset that is a secret',
    code: 'invalid_json',
    reply: () => text('[]', { headers: { 'content-type': `text/plain;charset=${CONFIGURED.basePath}` } }),
  },
  {
    name: 'too large a body',
    code: 'body_too_large',
    reply: (request) => text(echo(request).repeat(20)),
    client: { maxBodyBytes: 9000 },
  },
  {
    name: 'too deep a body',
    code: 'invalid_json',
    reply: () => text(`${'['.repeat(600)}${JSON.stringify(spoken)}${']'.repeat(600)}`),
  },
  { name: 'an error with 200', code: 'selector_empty', reply: (request) => json({ error: echo(request) }) },
  { name: 'a text where a body should be', code: 'selector_empty', reply: (request) => json(echo(request)) },
]

const actions: Failure[] = [
  ...(['fail', 'retry'] as const).map(
    (action): Failure => ({
      name: `an action says ${action}`,
      code: 'response_rejected',
      reply: () => text(spoken),
      endpoint: { responseActions: [{ content: SECRETS.bearer, action }] },
    }),
  ),
  {
    name: 'an action says rate_limited',
    code: 'rate_limited',
    reply: () => text(spoken),
    endpoint: { responseActions: [{ content: SECRETS.bearer, action: 'rate_limited' }] },
  },
  {
    name: 'an action throws',
    code: 'response_rejected',
    reply: () => text(spoken),
    endpoint: { responseActions: [{ content: SECRETS.bearer, action: throwing }] },
  },
  {
    name: 'an action rejects',
    code: 'response_rejected',
    reply: () => text(spoken),
    endpoint: { responseActions: [{ content: SECRETS.bearer, action: async () => throwing() }] },
  },
]

/** What can go wrong with any response. */
export const RESPONSES: readonly Failure[] = [...statuses, ...network, ...redirects, ...bodies, ...actions]

const first = ['first page'] as const

const paging: Failure[] = [
  ...Object.entries({
    'to another host': [`https://evil.example/?${personal}`, 'foreign_origin'],
    'with a password': [`https://u:${encodeURIComponent(SECRETS.queryKey)}@api.example.com/`, 'invalid_url'],
    'that is no URL': [`https://[${query}`, 'invalid_url'],
    'that is no text': [{ href: spoken }, 'invalid_url'],
    'with all secrets in a parameter': [`/people?back=${encodeURIComponent(query)}`, 'invalid_url'],
    'that is very long': [`/people?${'x'.repeat(20_000)}`, 'position_too_large'],
  } as const).map(
    ([name, [next, code]]): Failure => ({
      name: `a next link ${name}`,
      code,
      reply: () => page([person], { next }),
      points: first,
      ...(code === 'position_too_large' && { stored: true }),
    }),
  ),
  {
    name: 'a Link header to another host',
    code: 'foreign_origin',
    reply: () => json({ data: [person] }, { headers: { link: `<https://evil.example/?${personal}>; rel=next` } }),
    endpoint: { paginator: 'header_link' },
    points: first,
  },
  {
    name: 'a Link header that is too long',
    code: 'body_too_large',
    reply: () => json({ data: [person] }, { headers: { link: `<${query.repeat(20)}` } }),
    endpoint: { paginator: 'header_link' },
    points: first,
  },
  {
    name: 'links in a circle',
    code: 'pagination_loop',
    reply: ({ url }) => page([{ id: Math.random(), email: PERSONAL.email }], { next: `${url}?like=${KEYS.id}` }),
    points: first,
  },
  {
    name: 'a page that comes again',
    code: 'pagination_no_progress',
    reply: () => page([person], { cursor: KEYS.cursor }),
    endpoint: { paginator: { type: 'cursor', cursorPath: 'cursor' } },
    points: first,
  },
  {
    name: 'a cursor that is an object',
    code: 'config_invalid',
    reply: () => page([person], { cursor: { [KEYS.cursor]: PERSONAL.body } }),
    endpoint: { paginator: { type: 'cursor', cursorPath: 'cursor' } },
    points: first,
  },
  {
    name: 'no total',
    code: 'paginator_missing_total',
    reply: () => page([person]),
    endpoint: { paginator: { type: 'offset', limit: 1, totalPath: 'sum' } },
    points: first,
  },
  {
    name: 'a total that is none',
    code: 'paginator_bad_total',
    reply: () => page([person], { total: PERSONAL.body }),
    endpoint: { paginator: { type: 'offset', limit: 1 } },
    points: first,
  },
  {
    name: 'no flag',
    code: 'paginator_missing_has_more',
    reply: () => page([person]),
    endpoint: { paginator: { type: 'page_number', hasMorePath: 'more' } },
    points: first,
  },
  {
    name: 'a flag that is none',
    code: 'paginator_bad_has_more',
    reply: () => page([person], { more: PERSONAL.body }),
    endpoint: { paginator: { type: 'page_number', hasMorePath: 'more' } },
    points: first,
  },
  {
    name: 'more, but not how',
    code: 'paginator_unproved',
    reply: () => page([person], { has_more: true, note: PERSONAL.body }),
    endpoint: { paginator: 'auto', dataSelector: null },
    points: first,
  },
  ...(['start', 'apply', 'next', 'total'] as const).map(
    (part): Failure => ({
      name: `a paginator of the user whose ${part} throws`,
      code: 'processing_failed',
      endpoint: {
        paginator: {
          start: () => ({}),
          apply: (request: unknown) => request,
          next: () => ({ end: 'complete' }),
          [part]: throwing,
        },
      },
      points: first,
    }),
  ),
]

const selecting: Failure[] = [
  {
    name: 'a selector of the user that throws',
    code: 'processing_failed',
    endpoint: { dataSelector: throwing },
    points: first,
  },
  {
    name: 'a JSONPath that visits too much',
    code: 'selector_budget',
    reply: () => page(Array.from({ length: 600 }, (_, n) => ({ n, email: PERSONAL.email }))),
    endpoint: { dataSelector: jsonpath('$..[?$..n]') },
    points: first,
  },
  ...(['filter', 'map', 'yieldMap'] as const).map(
    (step): Failure => ({
      name: `a step ${step} that throws`,
      code: 'processing_failed',
      resource: { processingSteps: [{ [step]: throwing }] },
      points: first,
    }),
  ),
  {
    name: 'a step that yields, then throws',
    code: 'processing_failed',
    resource: {
      processingSteps: [
        {
          *yieldMap(row: object) {
            yield row
            throwing()
          },
        },
      ],
    },
    points: first,
  },
  {
    name: 'a parent without the field of a child',
    code: 'parent_field_missing',
    reply: () => page([{ id: KEYS.id, mail: PERSONAL.email }]),
    points: first,
  },
  {
    name: 'a parent whose id is no segment',
    code: 'path_param_invalid',
    reply: () => page([{ id: '..', email: PERSONAL.email }]),
    points: first,
  },
  ...Object.entries({
    cursor_missing: [{ id: 'p', email: PERSONAL.email }],
    cursor_null: [{ id: 'p', email: PERSONAL.email, at: null }],
    cursor_type_mismatch: [
      { id: 'p', email: PERSONAL.email, at: 1 },
      { id: 'q', email: PERSONAL.email, at: PERSONAL.body },
    ],
  } as const).map(
    ([code, rows]): Failure => ({
      name: `an incremental cursor: ${code}`,
      code: code as Failure['code'],
      reply: () => page(rows),
      endpoint: { incremental: { cursorPath: 'at' } },
      points: first,
      ...(code === 'cursor_type_mismatch' && { stored: true }),
    }),
  ),
]

const Strict = v.object({ id: v.pipe(v.string(), v.regex(/^never$/)), email: v.pipe(v.string(), v.email()) })
const schema = (validate: (value: unknown) => unknown) => ({
  '~standard': { version: 1, vendor: 'test', validate },
})

const records: Failure[] = (
  [
    ['not_an_object', [PERSONAL.body]],
    ['not_json', [person], { schema: schema(() => ({ value: { id: 'p', at: new Date(), email: PERSONAL.email } })) }],
    ['key_column_missing', [{ email: PERSONAL.email }]],
    ['key_invalid', [{ id: { of: PERSONAL.email } }]],
    ['unsafe_integer', text(`{"data":[{"id":12345678901234567890,"email":${JSON.stringify(PERSONAL.email)}}]}`)],
    ['number_overflow', text(`{"data":[{"id":1e400,"email":${JSON.stringify(PERSONAL.email)}}]}`)],
    [
      'null_in_not_null_column',
      [{ id: 'p', email: null, note: PERSONAL.body }],
      { columns: { email: { nullable: false } } },
    ],
    ['schema_invalid', [{ id: KEYS.id, email: PERSONAL.email }], { schema: Strict }],
    [
      'schema_invalid',
      [person],
      { schema: schema(async (value) => ({ issues: [{ message: JSON.stringify(value), path: ['email'] }] })) },
    ],
    ['schema_invalid', [person], { schema: schema(throwing) }],
    ['schema_invalid', [person], { schema: schema(async () => throwing()) }],
  ] as [Failure['code'], unknown[] | Response, object?][]
).map(([code, rows, resource], index) => ({
  name: `records: ${code} (${index})`,
  code,
  reply: () => (rows instanceof Response ? rows.clone() : page(rows)),
  ...(resource && { resource }),
  points: first,
  stored: true,
}))

const authOf = (token: string | (() => never) | (() => Promise<never>)) => ({ token })

const auth: Failure[] = [
  { name: 'a secret that throws', code: 'auth_failed', auth: authOf(throwing) },
  { name: 'a secret that rejects', code: 'auth_failed', auth: authOf(async () => throwing()) },
  { name: 'a secret with a line break', code: 'secret_invalid', auth: authOf(`${SECRETS.bearer}\nx`) },
  {
    name: 'a secret with a character that no header holds',
    code: 'secret_invalid',
    auth: authOf(`${SECRETS.bearer}✓`),
  },
  {
    name: 'a cookie that none holds',
    code: 'secret_invalid',
    auth: { type: 'api_key', name: 'sid', apiKey: `${SECRETS.cookie};`, location: 'cookie' },
  },
  {
    name: 'a user with a colon',
    code: 'secret_invalid',
    auth: { type: 'http_basic', username: `${SECRETS.basicUser}:`, password: SECRETS.basicPassword },
  },
  { name: 'a function that throws', code: 'auth_failed', auth: throwing },
  { name: 'a function that rejects', code: 'auth_failed', auth: async () => throwing() },
  { name: 'a function that returns something else', code: 'auth_failed', auth: (() => spoken) as never },
  {
    name: 'a function that moves the request',
    code: 'foreign_origin',
    auth: (request: SignableRequest) => ({ ...request, url: new URL(`https://evil.example/?${query}`) }),
  },
].map((failure) => ({ ...failure, points: first }) as Failure)

/** What can go wrong at one place only; the auth is theirs, or does not matter. */
export const OTHERS: readonly Failure[] = [...paging, ...selecting, ...records, ...auth]

const granted = (more: object) =>
  json({ access_token: SECRETS.accessToken, refresh_token: SECRETS.rotatedToken, ...more })

/** Answers of a token endpoint that are no token. */
export const TOKENS: readonly Failure[] = (
  [
    ['a status', (request) => text(echo(request), { status: 500 })],
    ['an error', (request) => json({ error: 'invalid_grant', error_description: echo(request) }, { status: 400 })],
    ['an error code of its own', (request) => json({ error: echo(request) }, { status: 400 })],
    [
      'an error URI',
      () => json({ error: 'invalid_client', error_uri: `https://evil.example/?${query}` }, { status: 401 }),
    ],
    ['a token, then broken JSON', () => text(`{"access_token":${JSON.stringify(SECRETS.accessToken)},,}`)],
    ['a token, cut', () => text(`{"access_token":${JSON.stringify(SECRETS.accessToken)},"refresh_token":"CaNaRy`)],
    ['a bare token', () => text(SECRETS.accessToken)],
    ['a form', () => text(new URLSearchParams({ access_token: SECRETS.accessToken }).toString())],
    ['HTML', (request) => text(`<!doctype html>${echo(request)}`)],
    ['another type of token', () => granted({ token_type: 'DPoP', scope: spoken })],
    [
      'an error in a form',
      (request) => new Response(new URLSearchParams({ error: 'invalid_grant', error_description: echo(request) })),
    ],
    ['a form without a token', (request) => new Response(new URLSearchParams({ [spoken]: echo(request) }))],
    ['a token that is a list', () => granted({ access_token: [spoken] })],
    ['a token that no header holds', () => granted({ access_token: `${SECRETS.accessToken}\n` })],
    ['no token', () => json({ refresh_token: SECRETS.rotatedToken })],
    ['a redirect', () => redirect(`https://evil.example/?${query}`, 307)],
    ['too large a body', (request) => text(echo(request).repeat(50))],
    ['what is no UTF-8', () => new Response(new Uint8Array([0x22, 0xff, ...new TextEncoder().encode(spoken)]))],
    ['nothing', () => text('')],
    ['no connection', () => 'connection'],
    ['no answer', () => 'timeout'],
    [
      'an error that quotes the request',
      (request) => {
        throw new TypeError(`POST ${echo(request)}`, { cause: echo(request) })
      },
    ],
    ['a body that breaks', () => new Response(new ReadableStream({ pull: (c) => c.error(new Error(spoken)) }))],
  ] as [string, NonNullable<Failure['token']>][]
).map(([name, token]) => ({
  name: `the token endpoint answers with ${name}`,
  code: 'auth_failed',
  token,
  points: first,
  ...(name === 'no answer' && { late: true }),
}))

/** The token of the first page does not do for the second one, and no other comes. */
export const RENEWALS: readonly Failure[] = TOKENS.map(({ name, token, ...failure }) => ({
  ...failure,
  name: name.replace('the token', 'for a renewal, the token'),
  token: (request, earlier) => (earlier === 0 ? undefined : token?.(request, earlier)),
  reply: (request) => text(echo(request), { status: 401 }),
  points: ['second page'],
}))

const config = (more: object) => ({
  name: 'people',
  client: { baseUrl: 'https://api.example.com' },
  resources: ['a'],
  ...more,
})
const clientOf = (more: object) => config({ client: { baseUrl: 'https://api.example.com', ...more } })
const endpointOf = (endpoint: object) => config({ resources: [{ name: 'a', endpoint }] })

/** Configs that are refused, with something to hide at each place that is wrong. */
export const CONFIGS: readonly (readonly [name: string, config: unknown])[] = [
  ['text', spoken],
  ['a list', [spoken]],
  ['a name', config({ name: { spoken } })],
  [
    'a base URL with a password',
    clientOf({ baseUrl: `https://u:${encodeURIComponent(SECRETS.basicPassword)}@x.example` }),
  ],
  ['a base URL with a query', clientOf({ baseUrl: `https://x.example/?${query}` })],
  ['no base URL', clientOf({ baseUrl: spoken })],
  ['headers', clientOf({ headers: { 'x-a': `${CONFIGURED.staticHeader}\n` } })],
  ['headers that are a list', clientOf({ headers: [CONFIGURED.staticHeader] })],
  ['a header that is none', clientOf({ headers: { a: { b: CONFIGURED.staticHeader } } })],
  ['auth', clientOf({ auth: SECRETS.bearer })],
  ['a type of auth', clientOf({ auth: { type: SECRETS.bearer } })],
  ['a token that is a list', clientOf({ auth: { token: [SECRETS.bearer] } })],
  ['a misspelt option', clientOf({ auth: { type: 'bearer', tokn: SECRETS.bearer } })],
  ['a misspelt secret', clientOf({ auth: { type: 'http_basic', username: 'me', pasword: SECRETS.basicPassword } })],
  ['a location', clientOf({ auth: { type: 'api_key', apiKey: SECRETS.headerKey, location: SECRETS.headerKey } })],
  ['a name of a header', clientOf({ auth: { type: 'api_key', apiKey: 'k', name: SECRETS.headerKey } })],
  [
    'a token URL with a password',
    clientOf({
      auth: {
        type: 'oauth2_client_credentials',
        clientId: 'c',
        clientSecret: SECRETS.clientSecret,
        accessTokenUrl: `https://u:${encodeURIComponent(SECRETS.clientSecret)}@x.example/`,
      },
    }),
  ],
  ['an origin', clientOf({ allowedOrigins: [`https://x.example/?${query}`] })],
  ['a timeout', clientOf({ timeout: { total: spoken } })],
  ['a method', endpointOf({ method: spoken })],
  ['a parameter', endpointOf({ params: { a: { b: CONFIGURED.param } } })],
  ['a body that is no JSON', endpointOf({ method: 'POST', json: { a: () => CONFIGURED.requestBody } })],
  ['two bodies', endpointOf({ method: 'POST', json: { a: CONFIGURED.requestBody }, data: CONFIGURED.requestBody })],
  ['a body on a GET', endpointOf({ json: { a: CONFIGURED.requestBody } })],
  ['a brace in a body', endpointOf({ method: 'POST', json: { a: `{${CONFIGURED.requestBody}` } })],
  ['a brace in a parameter', endpointOf({ params: { a: `${CONFIGURED.param}}` } })],
  ['a brace in a header', endpointOf({ headers: { a: `{${CONFIGURED.staticHeader}` } })],
  ['a page size', endpointOf({ paginator: { type: 'offset', limit: spoken } })],
  ['a type of paginator', endpointOf({ paginator: spoken })],
  ['an action', endpointOf({ responseActions: [{ content: spoken, action: spoken }] })],
  ['a start', endpointOf({ incremental: { cursorPath: 'at', initialValue: { a: spoken } } })],
  ['a step', config({ resources: [{ name: 'a', processingSteps: [spoken] }] })],
  ['a schema', config({ resources: [{ name: 'a', schema: { spoken } }] })],
  ['a disposition', config({ resources: [{ name: 'a', writeDisposition: spoken }] })],
]
