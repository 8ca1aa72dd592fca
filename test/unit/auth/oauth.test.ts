import { createPrivateKey } from 'node:crypto'
import * as v from 'valibot'
import { expect, test, vi } from 'vitest'
import { type AuthConfig, authConfig, createAuth } from '../../../src/auth/index.ts'
import { signJwt } from '../../../src/auth/oauth/jwt.ts'
import { pkcs8Of } from '../../../src/auth/oauth/pem.ts'
import type { ResponseAction } from '../../../src/config/resolved.ts'
import { createHttpClient } from '../../../src/http/client.ts'
import type { RequestSpec } from '../../../src/http/request.ts'
import { fakeClock, idle, START } from '../../support/clock.ts'
import { client, failure, fakeMeter, json, type Recorded, recorded, spec, status } from '../http/fake.ts'

const TOKEN_URL = 'https://auth.example.com/oauth/token'

type Reply = (request: Recorded, times: number) => Response | Promise<Response>

/** An API and its token endpoint; the API takes only the newest token. */
function world(config: AuthConfig, token: Reply, api: Reply = () => json([])) {
  const clock = fakeClock()
  const tokens: Recorded[] = []
  const requests: Recorded[] = []
  const fetch = async (url: string, init: RequestInit = {}) => {
    init.signal?.throwIfAborted()
    const request = await recorded(url, init)
    const [log, reply] = url === TOKEN_URL ? [tokens, token] : [requests, api]
    log.push(request)
    return reply(request, log.length)
  }
  const resolved = client({ auth: createAuth(config) })
  const http = createHttpClient(resolved, { ...clock, fetch, random: () => 0.5 })
  const { meter, log } = fakeMeter()
  const start = (signal?: AbortSignal, request: Partial<RequestSpec> = {}, actions: ResponseAction[] = []) =>
    http.send(spec(request), { auth: resolved.auth, actions, meter, signal })
  return { clock, tokens, requests, log, start, send: (signal?: AbortSignal) => clock.run(start(signal)) }
}

const granted =
  (fields: Record<string, unknown> = {}): Reply =>
  (_, times) =>
    json({ access_token: `A${times}`, ...fields })
const CLIENT: AuthConfig = {
  type: 'oauth2_client_credentials',
  accessTokenUrl: TOKEN_URL,
  clientId: 'cid',
  clientSecret: 'sec',
}
const USER: AuthConfig = {
  type: 'oauth2_refresh_token',
  accessTokenUrl: TOKEN_URL,
  clientId: 'cid',
  refreshToken: 'R0',
}
const throwing = (): never => {
  throw new Error('SECRET')
}
const used = (requests: Recorded[]) => requests.map(({ headers }) => headers.authorization)
const form = (request: Recorded | undefined) => Object.fromEntries(new URLSearchParams(request?.body))

test('client credentials go into the form, and the token into the request', async () => {
  const { send, tokens, requests, log } = world(
    { ...CLIENT, accessTokenRequestData: { scope: 'a b', grant_type: 'own' } },
    granted(),
  )
  await send()
  expect(tokens[0]).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    init: { redirect: 'manual', credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' },
  })
  expect(form(tokens[0])).toEqual({ client_id: 'cid', client_secret: 'sec', grant_type: 'own', scope: 'a b' })
  expect(used(requests)).toEqual(['Bearer A1'])
  expect(log.requests).toBe(2)
})

test('or into Authorization, each encoded as in a form before they are joined (RFC 6749, 2.3.1)', async () => {
  const { send, tokens } = world(
    { ...CLIENT, clientId: 'a:b é', clientSecret: () => 'p+q&r', clientAuthentication: 'basic' },
    granted(),
  )
  await send()
  expect(tokens[0]?.headers.authorization).toBe(`Basic ${btoa('a%3Ab+%C3%A9:p%2Bq%26r')}`)
  expect(form(tokens[0])).toEqual({ grant_type: 'client_credentials' })
})

// What expires_in says, and until how many seconds after its receipt the token is used.
test.each([
  [3600, 3540],
  ['3600', 3540],
  [60, 54],
  [10.5, 9.45],
  [undefined, 3540],
  [null, 3540],
  ['soon', 3540],
  [true, 3540],
  ['1e9', 3540],
])('a token with expires_in %j is used for %i seconds', async (expiresIn, seconds) => {
  const { send, clock, tokens, requests } = world(CLIENT, granted({ expires_in: expiresIn }))
  await send()
  clock.set(START + seconds * 1000 - 1)
  await send()
  expect(tokens.length).toBe(1)
  clock.set(START + seconds * 1000)
  await send()
  expect(used(requests)).toEqual(['Bearer A1', 'Bearer A1', 'Bearer A2'])
})

test.each([0, -5, '0'])('a token with expires_in %j is used once', async (expiresIn) => {
  const { send, requests } = world(CLIENT, granted({ expires_in: expiresIn }))
  await send()
  await send()
  expect(used(requests)).toEqual(['Bearer A1', 'Bearer A2'])
})

test('the default expiration is in the config; a clock that was set back renews', async () => {
  const { send, clock, tokens } = world({ ...CLIENT, defaultTokenExpiration: 100 }, granted())
  await send()
  clock.set(START + 90_000)
  await send()
  expect(tokens.length).toBe(2)
  clock.set(START - 86_400_000)
  await send()
  expect(tokens.length).toBe(3)
})

test('a 401 brings one renewal and one replay; a second 401 is the end', async () => {
  const revoked = world(CLIENT, granted(), (request) =>
    request.headers.authorization === 'Bearer A1' ? status(401) : json([1]),
  )
  expect(await revoked.send()).toMatchObject({ body: [1] })
  expect([revoked.tokens.length, revoked.requests.length]).toEqual([2, 2])
  const never = world(
    CLIENT,
    () => json({ access_token: 'A1', expires_in: 60 }),
    () => status(401),
  )
  expect(await failure(never.send())).toMatchObject({ code: 'http_status', status: 401 })
  expect([never.tokens.length, never.requests.length]).toEqual([2, 2])
})

test('a token that was revoked is not used again, even if its renewal fails', async () => {
  const { send, requests } = world(
    CLIENT,
    (_, times) =>
      times === 2 ? json({ error: 'invalid_client' }, { status: 400 }) : json({ access_token: `A${times}` }),
    (request) => (request.headers.authorization === 'Bearer A1' ? status(401) : json([1])),
  )
  expect(await failure(send())).toMatchObject({ code: 'auth_failed' })
  expect(await send()).toMatchObject({ body: [1] })
  expect(used(requests)).toEqual(['Bearer A1', 'Bearer A3'])
})

test.each([
  ['JSON', { json: { a: 'ä' } }, '{"a":"ä"}', 'application/json'],
  ['a form', { data: { a: 'ä' } }, 'a=%C3%A4', 'application/x-www-form-urlencoded'],
  ['a text', { data: 'räw' }, 'räw', undefined],
] as const)('a POST with %s is replayed with its body', async (_, body, sent, type) => {
  const { start, clock, requests } = world(CLIENT, granted(), (request) =>
    request.headers.authorization === 'Bearer A1' ? status(401) : json([1]),
  )
  await clock.run(start(undefined, { method: 'POST', ...body }))
  const seen = requests.map(({ method, headers, body }) => [method, headers['content-type'], body])
  expect(seen).toEqual([
    ['POST', type, sent],
    ['POST', type, sent],
  ])
  expect(used(requests)).toEqual(['Bearer A1', 'Bearer A2'])
})

test('an action that calls a 401 a failure does not keep an expired token in use; one that ignores it decides', async () => {
  const expired: Reply = (request) => (request.headers.authorization === 'Bearer A1' ? status(401) : json([1]))
  const run = (action: ResponseAction['action']) => {
    const { start, clock, tokens } = world(CLIENT, granted(), expired)
    return clock.run(start(undefined, {}, [{ statusCode: 401, action }])).then((page) => [page.body, tokens.length])
  }
  expect(await run('fail')).toEqual([[1], 2])
  expect(await run('retry')).toEqual([[1], 2])
  expect(await run(() => undefined)).toEqual([[1], 2])
  expect(await run('ignore')).toEqual([undefined, 1])
  const { start, clock, tokens } = world(CLIENT, granted(), expired)
  const limited = clock.run(start(undefined, {}, [{ statusCode: 401, action: 'rate_limited' }]))
  expect([(await failure(limited)).code, tokens.length]).toEqual(['rate_limited', 1])
})

test('a 401 while a renewal is under way, and one after it, join it', async () => {
  let answer: () => void = () => {}
  const held: (() => void)[] = []
  const { start, clock, tokens, requests } = world(
    CLIENT,
    (_, times) =>
      times === 1
        ? json({ access_token: 'A1' })
        : new Promise((resolve) => {
            answer = () => resolve(json({ access_token: 'A2' }))
          }),
    async (request) => {
      if (request.headers.authorization !== 'Bearer A1') return json([1])
      await new Promise<void>((resolve) => held.push(resolve))
      return status(401)
    },
  )
  const pages = [start(), start(), start()]
  const settle = async (step: () => void) => {
    step()
    for (let i = 0; i < 5; i++) await idle()
  }
  await settle(() => {})
  await settle(() => held[0]?.())
  expect(tokens.length).toBe(2)
  await settle(() => held[1]?.())
  await settle(answer)
  await settle(() => held[2]?.())
  expect((await clock.run(Promise.all(pages))).map(({ body }) => body)).toEqual([[1], [1], [1]])
  expect([tokens.length, requests.length]).toEqual([2, 6])
})

test('a hundred requests at once share one token, and one renewal when it is revoked', async () => {
  const { start, clock, tokens, requests } = world(CLIENT, granted(), (request) =>
    request.headers.authorization === 'Bearer A1' ? status(401) : json([1]),
  )
  const pages = await clock.run(Promise.all(Array.from({ length: 100 }, () => start())))
  expect(pages.length).toBe(100)
  expect([tokens.length, requests.length]).toEqual([2, 200])
})

test('a 401 that comes late is replayed with the newer token, without another renewal', async () => {
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const { start, clock, tokens } = world(CLIENT, granted(), async (request, times) => {
    if (request.headers.authorization !== 'Bearer A1') return json([1])
    if (times === 1) await held
    return status(401)
  })
  const late = start()
  await idle()
  await clock.run(start())
  expect(tokens.length).toBe(2)
  release()
  expect(await clock.run(late)).toMatchObject({ body: [1] })
  expect(tokens.length).toBe(2)
})

test('whichever request of a run meets the expired token, the run brings the same', async () => {
  for (let k = 1; k <= 30; k++) {
    let valid = 'Bearer A1'
    const { send, tokens } = world(CLIENT, granted(), (request, times) => {
      if (times === k) valid = 'Bearer A2'
      return request.headers.authorization === valid ? json([times]) : status(401)
    })
    const pages = []
    for (let i = 0; i < 30; i++) pages.push((await send()).status)
    expect([pages.every((code) => code === 200), tokens.length]).toEqual([true, 2])
  }
})

test('who leaves does not end the renewal for others; when all have left it is aborted', async () => {
  let answer: (response: Response) => void = () => {}
  const { start, clock, tokens } = world(
    CLIENT,
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  const [a, b] = [new AbortController(), new AbortController()]
  const first = start(a.signal).catch((error: unknown) => error)
  const second = start(b.signal).catch((error: unknown) => error)
  await idle()
  a.abort('a left')
  expect(await first).toBe('a left')
  expect(tokens[0]?.init.signal?.aborted).toBe(false)
  b.abort('b left')
  expect(await second).toBe('b left')
  await idle()
  expect(tokens[0]?.init.signal?.aborted).toBe(true)
  expect(clock.pending()).toBe(0)
  const third = start()
  await idle()
  expect(tokens.length).toBe(2)
  answer(json({ access_token: 'A9' }))
  expect(await clock.run(third)).toMatchObject({ body: [] })
})

const inForm = (text: string) =>
  new Response(text, { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } })

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

test('when it says so to the last, the error tells when', async () => {
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

test('a refresh token buys an access token; a public client sends no secret', async () => {
  const { send, tokens, requests } = world(USER, granted())
  await send()
  expect(form(tokens[0])).toEqual({ client_id: 'cid', grant_type: 'refresh_token', refresh_token: 'R0' })
  expect(used(requests)).toEqual(['Bearer A1'])
})

test('a rotated refresh token is handed over before the access token is used, and used the next time', async () => {
  const order: string[] = []
  const { send, tokens } = world(
    {
      ...USER,
      onRefreshToken: async (token) => {
        await Promise.resolve()
        order.push(token)
      },
    },
    (_, times) => json({ access_token: `A${times}`, refresh_token: `R${times}`, expires_in: 0 }),
    () => {
      order.push('request')
      return json([])
    },
  )
  await send()
  await send()
  await send()
  expect(order).toEqual(['R1', 'request', 'R2', 'request', 'R3', 'request'])
  expect(tokens.map((request) => form(request).refresh_token)).toEqual(['R0', 'R1', 'R2'])
})

test('what the caller stores wins over what was rotated here: another tab may have renewed', async () => {
  let stored = 'R0'
  const { send, tokens } = world({ ...USER, refreshToken: () => stored }, (_, times) =>
    json({ access_token: `A${times}`, refresh_token: `R${times}`, expires_in: 0 }),
  )
  await send()
  await send()
  stored = 'S'
  await send()
  expect(tokens.map((request) => form(request).refresh_token)).toEqual(['R0', 'R1', 'S'])
})

test.each([
  () => Promise.reject(new Error('SECRET')),
  () => {
    throw new Error('SECRET')
  },
])('a rotated token that cannot be kept stops the request, and is used to try again', async (fail) => {
  let broken = true
  const onRefreshToken = () => (broken ? fail() : undefined)
  const { send, tokens, requests } = world({ ...USER, onRefreshToken }, (_, times) =>
    json({ access_token: `A${times}`, refresh_token: `R${times}` }),
  )
  const error = await failure(send())
  expect(error).toMatchObject({ code: 'auth_failed', what: expect.stringContaining('auth.onRefreshToken') })
  expect(error.message).not.toContain('SECRET')
  expect(requests).toEqual([])
  broken = false
  await send()
  expect(tokens.map((request) => form(request).refresh_token)).toEqual(['R0', 'R1'])
  expect(used(requests)).toEqual(['Bearer A2'])
})

test('a token that another process has used up meanwhile: the one that it has stored is tried, once', async () => {
  let stored = 'R0'
  const { send, tokens, requests } = world({ ...USER, refreshToken: () => stored }, (request) => {
    if (form(request).refresh_token === 'S') return json({ access_token: 'A' })
    stored = stored === 'R0' ? 'S' : `${stored}!`
    return json({ error: 'invalid_grant' }, { status: 400 })
  })
  await send()
  expect(tokens.map((request) => form(request).refresh_token)).toEqual(['R0', 'S'])
  expect(used(requests)).toEqual(['Bearer A'])
  const never = world({ ...USER, refreshToken: () => `R${never.tokens.length}` }, () =>
    json({ error: 'invalid_grant' }, { status: 400 }),
  )
  expect(await failure(never.send())).toMatchObject({ code: 'auth_failed', status: 400 })
  expect(never.tokens.length).toBe(2)
})

/** Web Locks as a browser has them, one name at a time. */
function fakeLocks() {
  const names: string[] = []
  let last: Promise<unknown> = Promise.resolve()
  return {
    names,
    request: (name: string, run: () => Promise<unknown>) => {
      names.push(name)
      last = last.then(run, run)
      return last
    },
  }
}

test('tabs, and sources of one page, renew one after the other: each with what the one before has stored', async () => {
  const locks = fakeLocks()
  vi.stubGlobal('navigator', { locks })
  try {
    let stored = 'R0'
    const config: AuthConfig = {
      ...USER,
      refreshToken: () => stored,
      onRefreshToken: async (token) => {
        for (let i = 0; i < 9; i++) await Promise.resolve()
        stored = token
      },
    }
    let issued = 0
    const sent: (string | undefined)[] = []
    const token: Reply = (request) => {
      sent.push(form(request).refresh_token)
      return json({ access_token: `A${++issued}`, refresh_token: `R${issued}` })
    }
    const tabs = [world(config, token), world(config, token), world(config, token)]
    await Promise.all(tabs.map(({ send }) => send()))
    expect(sent).toEqual(['R0', 'R1', 'R2'])
    expect(locks.names).toEqual(Array(3).fill(`syncline token ${TOKEN_URL}`))
  } finally {
    vi.unstubAllGlobals()
  }
})

test.each([
  ['that rejects, as in a sandboxed frame', () => Promise.reject(new Error('SecurityError'))],
  [
    'that throws',
    () => {
      throw new Error('SecurityError')
    },
  ],
])('a lock %s is none; what fails under one is told once', async (_, request) => {
  vi.stubGlobal('navigator', { locks: { request } })
  try {
    const { send, tokens } = world(USER, granted())
    expect(await send()).toMatchObject({ body: [] })
    expect(tokens.length).toBe(1)
    vi.stubGlobal('navigator', { locks: fakeLocks() })
    const refused = world(USER, () => json({ error: 'invalid_client' }, { status: 401 }))
    expect(await failure(refused.send())).toMatchObject({ code: 'auth_failed', status: 401 })
    expect(refused.tokens.length).toBe(1)
  } finally {
    vi.unstubAllGlobals()
  }
})

test.each([
  ['auth.clientSecret', { ...CLIENT, clientSecret: throwing }],
  ['auth.clientId', { ...CLIENT, clientId: async () => throwing() }],
  ['auth.refreshToken', { ...USER, refreshToken: throwing }],
  ['auth.token', { token: throwing }],
  ['auth.apiKey', { type: 'api_key', apiKey: async () => throwing() }],
  ['auth.password', { type: 'http_basic', username: 'u', password: throwing }],
] as [string, AuthConfig][])('a secret that throws is named, without what it threw: %s', async (setting, config) => {
  const error = await failure(world(config, granted()).send())
  expect(error).toMatchObject({ code: 'auth_failed', what: expect.stringContaining(setting) })
  expect(error.message).not.toContain('SECRET')
})

test('a refresh whose answer was lost is not repeated: its token may be used up', async () => {
  const { send, tokens } = world(USER, () => Promise.reject(new Error('reset')))
  expect(await failure(send())).toMatchObject({ code: 'auth_failed' })
  expect(tokens.length).toBe(1)
})

test('nor is one that a gateway gave up, since the endpoint behind it may have taken it', async () => {
  for (const code of [500, 502, 504]) {
    const { send, tokens } = world(USER, () => status(code))
    expect(await failure(send())).toMatchObject({ code: 'auth_failed', status: code })
    expect(tokens.length).toBe(1)
  }
  const { send, tokens } = world(USER, (_, times) => (times === 1 ? status(429) : json({ access_token: 'A' })))
  expect(await send()).toMatchObject({ body: [] })
  expect(tokens.length).toBe(2)
})

test('a refresh token that was refused is not sent again, until there is another', async () => {
  let stored = 'R0'
  const { send, tokens } = world({ ...USER, refreshToken: () => stored }, (request) =>
    form(request).refresh_token === 'R0'
      ? json({ error: 'invalid_grant' }, { status: 400 })
      : json({ access_token: 'A' }),
  )
  const errors = [await failure(send()), await failure(send())]
  expect(errors[1]).toMatchObject({ code: 'auth_failed', what: errors[0]?.what, hint: errors[0]?.hint })
  expect(tokens.length).toBe(1)
  stored = 'R1'
  expect(await send()).toMatchObject({ body: [] })
  expect(tokens.length).toBe(2)
})

test('a client that was refused may be right the next time: its secret is read anew', async () => {
  const { send, tokens } = world({ ...USER, clientSecret: () => `S${tokens.length}` }, (request) =>
    form(request).client_secret === 'S0'
      ? json({ error: 'invalid_client' }, { status: 401 })
      : json({ access_token: 'A' }),
  )
  expect(await failure(send())).toMatchObject({ code: 'auth_failed', status: 401 })
  expect(await send()).toMatchObject({ body: [] })
})

// A line break at the end of a file, an empty variable: said where it is, not by the endpoint as `invalid_client`.
const UNUSABLE: [string, AuthConfig][] = [
  ['auth.clientId', { ...CLIENT, clientId: '' }],
  ['auth.clientId', { ...CLIENT, clientId: 'cid\r\n' }],
  ['auth.clientSecret', { ...CLIENT, clientSecret: 'SECRET\n' }],
  ['auth.clientSecret', { ...CLIENT, clientSecret: 'SECRET\n', clientAuthentication: 'basic' }],
  ['auth.refreshToken', { ...USER, refreshToken: () => '' }],
  ['auth.refreshToken', { ...USER, refreshToken: () => 'SECRET\0' }],
  ['auth.clientId', { type: 'oauth_jwt', accessTokenUrl: TOKEN_URL, clientId: '', privateKey: 'SECRET' }],
]

test.each(UNUSABLE)('%s cannot be right: nothing is sent', async (setting, config) => {
  const { send, tokens } = world(config, granted())
  const error = await failure(send())
  expect(error).toMatchObject({ code: 'secret_invalid', message: expect.stringContaining(setting) })
  expect(error.message).not.toContain('SECRET')
  expect(tokens).toEqual([])
})

test('an empty secret of a client is one: some endpoints give it to public clients', async () => {
  const { send, tokens } = world({ ...CLIENT, clientSecret: '', clientAuthentication: 'basic' }, granted())
  await send()
  expect(tokens[0]?.headers.authorization).toBe(`Basic ${btoa('cid:')}`)
})

test('the life of a token begins when it was asked for, however long its answer took', async () => {
  const { send, clock, tokens } = world(CLIENT, async (_, times) => {
    await clock.sleep(5000)
    return json({ access_token: `A${times}`, expires_in: 10 })
  })
  await send()
  await send()
  expect(tokens.length).toBe(1)
  clock.set(START + 9000)
  await send()
  expect(tokens.length).toBe(2)
})

test('a refresh goes on when nobody waits for it any more, and its token is kept', async () => {
  const kept: string[] = []
  let answer: (response: Response) => void = () => {}
  const { start, clock, tokens } = world(
    {
      ...USER,
      onRefreshToken: (token) => {
        kept.push(token)
      },
    },
    () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  )
  const controller = new AbortController()
  const left = start(controller.signal).catch((error: unknown) => error)
  await idle()
  controller.abort('left')
  expect(await left).toBe('left')
  answer(json({ access_token: 'A1', refresh_token: 'R1' }))
  await idle()
  expect(kept).toEqual(['R1'])
  await clock.run(start())
  expect(tokens.length).toBe(1)
})

/** A key pair: the private key in PEM, and a check of what it signs. */
async function keys(algorithm: RsaHashedKeyGenParams | EcKeyGenParams) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`
  const verify = (jwt: string) => {
    const [head, body, signature] = jwt.split('.')
    return crypto.subtle.verify(
      { name: algorithm.name, hash: 'SHA-256' },
      publicKey,
      Buffer.from(signature ?? '', 'base64url'),
      Buffer.from(`${head}.${body}`),
    )
  }
  return { pem, verify }
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
}
const EC = { name: 'ECDSA', namedCurve: 'P-256' }
const part = (jwt: string | undefined, index: number) =>
  JSON.parse(Buffer.from(jwt?.split('.')[index] ?? '', 'base64url').toString())

test.each([
  ['RS256', RSA],
  ['ES256', EC],
] as const)('a JWT signed with %s buys a token', async (algorithm, parameters) => {
  const { pem, verify } = await keys(parameters)
  const config: AuthConfig = {
    type: 'oauth_jwt',
    accessTokenUrl: TOKEN_URL,
    clientId: 'robot',
    algorithm,
    keyId: 'k1',
    scopes: ['a', 'b'],
    privateKey: () => pem.replaceAll('\n', '\\n'),
  }
  const { start, clock, tokens, requests } = world(config, granted())
  const pending = start()
  while (tokens.length === 0) await idle()
  await clock.run(pending)
  const { assertion, grant_type } = form(tokens[0])
  expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
  expect(await verify(assertion ?? '')).toBe(true)
  expect(part(assertion, 0)).toEqual({ alg: algorithm, kid: 'k1', typ: 'JWT' })
  const now = START / 1000
  expect(part(assertion, 1)).toEqual({
    iss: 'robot',
    sub: 'robot',
    aud: TOKEN_URL,
    iat: now,
    exp: now + 300,
    scope: 'a b',
  })
  expect(used(requests)).toEqual(['Bearer A1'])
})

/** The same key in the form of a program that knows only its own kind. */
const traditional = (pem: string, type: 'pkcs1' | 'sec1') => createPrivateKey(pem).export({ type, format: 'pem' })

const PEMS: [string, (pem: string, traditional: string) => string | Buffer][] = [
  ['CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
  ['no line break at the end', (pem) => pem.trimEnd()],
  ['one line', (pem) => pem.replaceAll('\n', ' ')],
  ['escaped line breaks', (pem) => pem.replaceAll('\n', '\\n')],
  ['escaped line breaks of Windows', (pem) => pem.replaceAll('\n', '\\r\\n')],
  ['line breaks that were escaped twice', (pem) => pem.replaceAll('\n', '\\\\n')],
  ['quotes, indents and text around it', (pem) => `Bag Attributes\n  "${pem.replaceAll('\n', '\n  ')}"\n`],
  ['a certificate before it', (pem) => `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${pem}`],
  ['the traditional form', (_, old) => old],
  ['the traditional form, escaped', (_, old) => String(old).replaceAll('\n', '\\n')],
  [
    'parameters before it',
    (_, old) => `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${old}`,
  ],
]

test.each(PEMS)('a private key in PEM: %s', async (_, write) => {
  for (const [algorithm, parameters, old] of [
    ['RS256', RSA, 'pkcs1'],
    ['RS256', { ...RSA, modulusLength: 4096 }, 'pkcs1'],
    ['ES256', EC, 'sec1'],
  ] as const) {
    const { pem, verify } = await keys(parameters)
    const privateKey = String(write(pem, String(traditional(pem, old))))
    const jwt = await signJwt({ alg: algorithm }, { sub: 'me' }, privateKey)
    expect(await verify(jwt), algorithm).toBe(true)
    // RFC 7518, 3.4: the two numbers one after the other, 32 bytes each, and no ASN.1.
    if (algorithm === 'ES256') expect(Buffer.from(jwt.split('.')[2] ?? '', 'base64url').length).toBe(64)
  }
})

test('a key of the traditional form is wrapped as DER wants it: browsers take no longer form of a length', async () => {
  const rsa = await keys(RSA)
  const wrapped = pkcs8Of(String(traditional(rsa.pem, 'pkcs1')))
  expect(Buffer.from(wrapped ?? [])).toEqual(createPrivateKey(rsa.pem).export({ type: 'pkcs8', format: 'der' }))
  const ec = pkcs8Of(String(traditional((await keys(EC)).pem, 'sec1'))) ?? new Uint8Array()
  // The whole, its version, the algorithm, the key.
  expect([...ec.slice(0, 8)]).toEqual([0x30, 0x81, ec.length - 3, 0x02, 1, 0, 0x30, 0x13])
  expect([...ec.slice(27, 29)]).toEqual([0x04, ec.length - 29])
})

test('subject and audience may be others; an RS256 key is the default', async () => {
  const { pem } = await keys(RSA)
  const config: AuthConfig = {
    type: 'oauth_jwt',
    accessTokenUrl: TOKEN_URL,
    clientId: 'robot',
    privateKey: pem,
    subject: 'u',
    audience: 'x',
  }
  const { start, clock, tokens } = world(config, granted())
  const pending = start()
  while (tokens.length === 0) await idle()
  await clock.run(pending)
  expect(part(form(tokens[0]).assertion, 1)).toMatchObject({ sub: 'u', aud: 'x' })
  expect(part(form(tokens[0]).assertion, 0)).toEqual({ alg: 'RS256', typ: 'JWT' })
})

test.each([
  'SECRET',
  '-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----',
  '-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----',
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nSECRET\n-----END RSA PRIVATE KEY-----',
  '-----BEGIN ENCRYPTED PRIVATE KEY-----\nU0VDUkVU\n-----END ENCRYPTED PRIVATE KEY-----',
  '-----BEGIN OPENSSH PRIVATE KEY-----\nU0VDUkVU\n-----END OPENSSH PRIVATE KEY-----',
  '-----BEGIN PUBLIC KEY-----\nU0VDUkVU\n-----END PUBLIC KEY-----',
  '-----BEGIN PRIVATE KEY-----\nSECRET!\n-----END PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----',
])('a key that is none is refused without being shown: %j', async (privateKey) => {
  const config: AuthConfig = { type: 'oauth_jwt', accessTokenUrl: TOKEN_URL, clientId: 'robot', privateKey }
  const { start, clock, tokens } = world(config, granted())
  const error = await failure(clock.run(start()))
  expect(error).toMatchObject({ code: 'secret_invalid', message: expect.stringContaining('auth.privateKey') })
  expect(`${error.message}${error.hint}`).not.toMatch(/SECRET|U0VDUkVU/)
  expect(tokens).toEqual([])
})

test('a key of another kind: the error says which kind it should be', async () => {
  const { pem } = await keys(EC)
  const config: AuthConfig = { type: 'oauth_jwt', accessTokenUrl: TOKEN_URL, clientId: 'robot', privateKey: pem }
  const { start, clock } = world(config, granted())
  expect(await failure(clock.run(start()))).toMatchObject({
    code: 'secret_invalid',
    what: expect.stringContaining('RS256'),
    hint: expect.stringContaining("algorithm 'ES256'"),
  })
})

test('where there is no WebCrypto, as on a page without https, it is not the key that is wrong', async () => {
  const { pem } = await keys(EC)
  vi.stubGlobal('crypto', { getRandomValues: () => {} })
  try {
    const config: AuthConfig = { type: 'oauth_jwt', accessTokenUrl: TOKEN_URL, clientId: 'robot', privateKey: pem }
    const { start, clock, tokens } = world(config, granted())
    expect(await failure(clock.run(start()))).toMatchObject({
      code: 'not_implemented',
      hint: expect.stringContaining('https'),
    })
    expect(tokens).toEqual([])
  } finally {
    vi.unstubAllGlobals()
  }
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
])('the URL of a token endpoint: %s', (accessTokenUrl, ok) => {
  const { issues = [] } = v.safeParse(authConfig, { ...CLIENT, accessTokenUrl })
  expect(issues.map((issue) => v.getDotPath(issue))).toEqual(ok ? [] : ['accessTokenUrl'])
})
