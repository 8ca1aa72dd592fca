import * as v from 'valibot'
import { expect, test } from 'vitest'
import { authConfig } from '../../../../src/auth/index.ts'
import { START } from '../../../support/clock.ts'
import { failure, json, status } from '../../http/fake.ts'
import { CLIENT, form, granted, inForm, USER, used, world } from '../token-world.ts'

// What vendors write where RFC 6749 wants `Bearer`, and mean the same: Apigee, eBay, Slack.
test.each(['bearer', 'BEARER', 'BearerToken', 'Application Access Token', 'bot', null, undefined, '', 7])(
  'a token of the type %j is a bearer token',
  async (tokenType) => {
    const { send, requests } = world(CLIENT, granted({ token_type: tokenType }))
    await send()
    expect(used(requests)).toEqual(['Bearer A1'])
  },
)

test('a token in a form is read as one in JSON: some endpoints do not heed Accept', async () => {
  const kept: string[] = []
  const onRefreshToken = (token: string) => void kept.push(token)
  const { send, clock, tokens, requests } = world({ ...USER, onRefreshToken }, () =>
    inForm('access_token=A%2B1&expires_in=100&refresh_token=R%201&token_type=bearer&scope='),
  )
  await send()
  clock.set(START + 90_000)
  await send()
  expect(used(requests)).toEqual(['Bearer A+1', 'Bearer A+1'])
  expect([kept, tokens.map((request) => form(request).refresh_token)]).toEqual([['R 1'], ['R0', 'R 1']])
})

test.each([429, 503])(
  'a token endpoint that says when to come back (%i) is asked then, and not before',
  async (code) => {
    const { send, clock, tokens } = world(USER, (_, times) =>
      times === 1 ? status(code, { 'retry-after': '40' }) : json({ access_token: 'A' }),
    )
    expect(await send()).toMatchObject({ body: [] })
    expect([tokens.length, clock.waits()]).toEqual([2, [40_000]])
  },
)

test('a token endpoint that says it to the last: the error tells when to come back', async () => {
  const { send, clock } = world(CLIENT, () => status(429, { 'retry-after': '40' }))
  const error = await failure(send())
  expect(error).toMatchObject({ code: 'auth_failed', status: 429, retryable: true, retryAt: clock.now() + 40_000 })
  expect(error.hint).toContain('later')
  const refused = await failure(world(CLIENT, () => status(400, { 'retry-after': '40' })).send())
  expect([refused.retryAt, refused.retryable]).toEqual([undefined, false])
})

const BAD_TOKENS: [string, () => Response, string][] = [
  ['no JSON', () => new Response('token=SECRET'), 'no access token'],
  ['HTML', () => new Response('<html>SECRET'), 'no access token'],
  ['nothing', () => new Response(''), 'no access token'],
  ['a list', () => json(['SECRET']), 'no access token'],
  ['no token', () => json({ token: 'SECRET' }), 'no access token'],
  ['an empty token', () => json({ access_token: '' }), 'no access token'],
  ['a token with a line break', () => json({ access_token: 'SECRET\n' }), 'no access token'],
  ['a token that is a number', () => json({ access_token: 7 }), 'no access token'],
  ['another type', () => json({ access_token: 'SECRET', token_type: 'mac' }), 'no bearer token'],
  ['a type that needs a proof', () => json({ access_token: 'SECRET', token_type: 'DPoP' }), 'no bearer token'],
  ['no type of token', () => json({ access_token: 'SECRET', token_type: 'N_A' }), 'no bearer token'],
  ['an error in a form', () => inForm('error=invalid_grant&error_description=SECRET'), '(invalid_grant)'],
  ['a form without a token', () => inForm('token=SECRET'), 'no access token'],
  ['a form that says it is JSON', () => new Response('access_token=SECRET'), 'no access token'],
  // As Slack's endpoint writes errors, and GitHub's.
  ['an error of Slack', () => json({ ok: false, error: 'invalid_refresh_token' }), '(invalid_grant)'],
  ['an error of GitHub', () => json({ error: 'bad_refresh_token', error_uri: 'SECRET' }), '(invalid_grant)'],
  ['a body that is too large', () => new Response(' '.repeat(70_000)), 'no access token'],
  [
    'a redirect',
    () => new Response(null, { status: 302, headers: { location: 'https://evil.example/SECRET' } }),
    'refused',
  ],
  [
    'invalid_client',
    () => json({ error: 'invalid_client', error_description: 'SECRET' }, { status: 401 }),
    '(invalid_client)',
  ],
  ['an error of its own', () => json({ error: 'SECRET' }, { status: 400 }), 'refused'],
  ['an unknown resource', () => json({ error: 'invalid_target' }, { status: 400 }), '(invalid_target)'],
  // As GitHub's endpoint writes errors.
  ['an error with status 200', () => json({ error: 'invalid_grant', error_uri: 'SECRET' }), '(invalid_grant)'],
  ['an error of its own with status 200', () => json({ error: 'SECRET' }), 'refused'],
]

test.each(BAD_TOKENS)(
  'the token endpoint answers with %s: a coded error that quotes none of it',
  async (_, reply, text) => {
    const { send, tokens, requests } = world(CLIENT, reply)
    const error = await failure(send())
    expect(error).toMatchObject({
      code: 'auth_failed',
      origin: 'https://auth.example.com',
      pathTemplate: '/oauth/token',
    })
    expect(error.message).toContain(text)
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('SECRET')
    expect([tokens.length, requests.length]).toEqual([1, 0])
  },
)

test('a token endpoint that fails for a while is asked again; token_type is read in any case', async () => {
  const replies = [() => status(503), () => Promise.reject(new Error('reset')), () => status(429)]
  const { send, tokens, clock } = world(
    CLIENT,
    (_, times) => replies[times - 1]?.() ?? json({ access_token: 'A', token_type: 'BEARER' }),
  )
  expect(await send()).toMatchObject({ body: [] })
  expect(tokens.length).toBe(4)
  expect(clock.waits()).toEqual([2000, 4000, 8000])
})

test('a token endpoint that never answers is given up', async () => {
  const { send, clock, tokens } = world(CLIENT, () => new Promise<Response>(() => {}))
  expect(await failure(send())).toMatchObject({ code: expect.stringMatching(/auth_failed|timeout/) })
  expect(tokens.length).toBe(4)
  expect(clock.pending()).toBe(0)
})

test.each([
  ['http://auth.example.com/token', false],
  ['http://127.0.0.1:8080/token', true],
  ['http://localhost/token', true],
  ['http://localhost.evil.example/token', false],
  ['https://user:pass@auth.example.com/token', false],
  ['ftp://auth.example.com/token', false],
  ['/oauth/token', false],
  ['https://auth.example.com/token', true],
])('%s as the URL of a token endpoint: %s', (accessTokenUrl, ok) => {
  const { issues = [] } = v.safeParse(authConfig, { ...CLIENT, accessTokenUrl })
  expect(issues.map((issue) => v.getDotPath(issue))).toEqual(ok ? [] : ['accessTokenUrl'])
})
