import { expect, test } from 'vitest'
import type { Auth, AuthContext, SignableRequest } from '../../../../src/auth/auth.ts'
import { bearerFrom } from '../../../../src/auth/oauth/token-source.ts'
import type { ResponseAction } from '../../../../src/config/resolved.ts'
import { idle, START } from '../../../support/clock.ts'
import { failure, json, status } from '../../http/fake.ts'
import { CLIENT, granted, type Reply, used, world } from '../token-world.ts'

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

/** A token endpoint that answers when it is told to, and heeds no signal. */
function heldSource(singleUse: boolean) {
  const answers: ((token: string) => void)[] = []
  const signals: (AbortSignal | undefined)[] = []
  const auth = bearerFrom({
    defaultExpiration: undefined,
    singleUse,
    fetch({ signal }) {
      signals.push(signal)
      return new Promise((resolve) => {
        answers.push((accessToken) => resolve({ accessToken, validMs: undefined, refreshToken: undefined }))
      })
    },
  })
  return { auth, answers, signals }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

function sign(auth: Auth, signal?: AbortSignal): Promise<string | null> {
  const context: AuthContext = { signal, now: () => 0, post: () => Promise.reject(new Error('unused')) }
  const request: SignableRequest = {
    method: 'GET',
    url: new URL('https://api.example.com'),
    headers: new Headers(),
    body: undefined,
  }
  return Promise.resolve(auth.sign(request, context)).then(({ headers }) => headers.get('authorization'))
}

test('who comes when all have left asks anew, even if the call that was left does not end', async () => {
  const { auth, answers, signals } = heldSource(false)
  const leaving = new AbortController()
  const left = sign(auth, leaving.signal).catch((reason: unknown) => reason)
  leaving.abort('left')
  expect(await left).toBe('left')
  expect(signals[0]?.aborted).toBe(true)
  const next = sign(auth)
  answers[1]?.('second')
  expect(await next).toBe('Bearer second')
})

test('who comes when all have left joins a call that goes on, as what it sends may be used only once', async () => {
  const { auth, answers, signals } = heldSource(true)
  const leaving = new AbortController()
  const left = sign(auth, leaving.signal).catch((reason: unknown) => reason)
  leaving.abort('left')
  expect(await left).toBe('left')
  expect(signals[0]?.aborted).toBe(false)
  const next = sign(auth)
  answers[0]?.('first')
  expect(await next).toBe('Bearer first')
  expect(signals).toHaveLength(1)
})

test('who has left already asks for nothing that goes on, and takes nothing from others', async () => {
  const { auth, answers, signals } = heldSource(false)
  await expect(sign(auth, AbortSignal.abort('gone'))).rejects.toBe('gone')
  expect(signals[0]?.aborted).toBe(true)
  const waiting = sign(auth)
  await expect(sign(auth, AbortSignal.abort('gone'))).rejects.toBe('gone')
  answers[1]?.('second')
  expect(await waiting).toBe('Bearer second')
  expect(signals).toHaveLength(2)
})

test('a token that comes when all have left is kept from none: it is used', async () => {
  const { auth, answers } = heldSource(true)
  const leaving = new AbortController()
  const left = sign(auth, leaving.signal).catch(() => {})
  leaving.abort()
  await left
  answers[0]?.('first')
  await settle()
  expect(await sign(auth)).toBe('Bearer first')
})

test('no listener stays on the signal of a run', async () => {
  const { auth, answers } = heldSource(false)
  const { signal } = new AbortController()
  const listeners = new Set<unknown>()
  signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener)
  signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener)
  const signed = sign(auth, signal)
  expect(listeners.size).toBe(1)
  answers[0]?.('first')
  await signed
  await settle()
  expect(listeners.size).toBe(0)
})
