import { expect, test, vi } from 'vitest'
import type { AuthConfig } from '../../../src/auth/index.ts'
import { idle } from '../../support/clock.ts'
import { failure, json, status } from '../http/fake.ts'
import { form, granted, type Reply, TOKEN_URL, USER, used, world } from './token-world.ts'

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

test('a refresh whose answer was lost is not repeated: its token may be used up', async () => {
  const { send, tokens } = world(USER, () => Promise.reject(new Error('reset')))
  expect(await failure(send())).toMatchObject({ code: 'auth_failed' })
  expect(tokens.length).toBe(1)
})

test('a refresh that a gateway gave up is not repeated, since the endpoint behind it may have taken it', async () => {
  for (const code of [500, 502, 504]) {
    const { send, tokens } = world(USER, () => status(code))
    expect(await failure(send())).toMatchObject({ code: 'auth_failed', status: code })
    expect(tokens.length).toBe(1)
  }
  const { send, tokens } = world(USER, (_, times) => (times === 1 ? status(429) : json({ access_token: 'A' })))
  expect(await send()).toMatchObject({ body: [] })
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
