import * as v from 'valibot'
import { expect, test } from 'vitest'
import type { Auth, AuthContext, SignableRequest } from '../../../src/auth/auth.ts'
import { type AuthConfig, authConfig, createAuth } from '../../../src/auth/index.ts'

const request = (headers: Record<string, string> = {}): SignableRequest => ({
  method: 'GET',
  url: new URL('https://api.example.com/items?a=%20b&x'),
  headers: new Headers(headers),
  body: undefined,
})

const CONTEXT: AuthContext = { signal: undefined, now: Date.now, post: () => Promise.reject(new Error('unused')) }

const sign = async (auth: Auth, headers?: Record<string, string>) => auth.sign(request(headers), CONTEXT)

const issues = (input: unknown) =>
  v.safeParse(authConfig, input).issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`) ?? []

const HEADERS: [string, AuthConfig, string, string][] = [
  ['bearer', { type: 'bearer', token: 'T' }, 'authorization', 'Bearer T'],
  ['bearer in short', { token: 'T' }, 'authorization', 'Bearer T'],
  ['bearer from a function', { token: () => 'T' }, 'authorization', 'Bearer T'],
  ['bearer from an async function', { token: async () => 'T' }, 'authorization', 'Bearer T'],
  ['api_key by default', { type: 'api_key', apiKey: 'K' }, 'authorization', 'K'],
  ['api_key in a header', { type: 'api_key', apiKey: 'K w', name: 'X-Key', location: 'header' }, 'x-key', 'K w'],
  ['api_key in a cookie', { type: 'api_key', apiKey: 'K', name: 's', location: 'cookie' }, 'cookie', 's=K'],
  ['http_basic', { type: 'http_basic', username: 'k', password: '' }, 'authorization', 'Basic azo='],
  [
    'http_basic in UTF-8',
    { type: 'http_basic', username: 'test', password: '123£' },
    'authorization',
    'Basic dGVzdDoxMjPCow==',
  ],
]

test.each(HEADERS)('%s goes into its header, and the URL stays', async (_, config, header, value) => {
  expect(issues(config)).toEqual([])
  const signed = await sign(createAuth(config), { authorization: 'mine' })
  expect(signed.headers.get(header)).toBe(value)
  expect(signed.url.href).toBe(request().url.href)
})

test.each(['query', 'param'] as const)(
  'api_key in the %s keeps the rest of the query as it is written',
  async (location) => {
    const auth = createAuth({ type: 'api_key', name: 'k', apiKey: 'K&=ä', location })
    const signed = await sign(auth)
    expect(signed.url.href).toBe('https://api.example.com/items?a=%20b&x&k=K%26%3D%C3%A4')
    expect((await auth.sign(signed, CONTEXT)).url.href).toBe(signed.url.href)
    expect(auth.queryParams).toEqual(['k'])
  },
)

test('a cookie is added to those that are configured', async () => {
  const auth = createAuth({ type: 'api_key', name: 's', apiKey: 'K', location: 'cookie' })
  expect((await sign(auth, { cookie: 'a=b' })).headers.get('cookie')).toBe('a=b; s=K')
})

test('a function signs by itself, and must return the request', async () => {
  const auth = createAuth((signable) => {
    signable.headers.set('x-sign', signable.url.pathname)
    return signable
  })
  expect((await sign(auth)).headers.get('x-sign')).toBe('/items')
  // @ts-expect-error nothing is returned
  await expect(sign(createAuth(() => {}))).rejects.toMatchObject({ code: 'auth_failed' })
})

const BAD_SECRETS: unknown[] = ['', ' K', 'K ', 'K\n', 'a\nb', 'a\0b', 'a✓', 'é', '\t', undefined, null, 7]

test.each(BAD_SECRETS)('a secret that no header holds is refused without being shown: %j', async (value) => {
  const secret = () => value as string
  const configs: AuthConfig[] = [
    { token: secret },
    { type: 'api_key', apiKey: secret },
    { type: 'api_key', apiKey: secret, name: 's', location: 'cookie' },
  ]
  for (const config of configs) {
    const error = await sign(createAuth(config)).then(
      () => undefined,
      (reason) => reason,
    )
    expect(error).toMatchObject({ code: 'secret_invalid' })
    expect(error.message).toMatch(/auth\.(token|apiKey)/)
    if (typeof value === 'string' && value.trim() !== '') expect(error.message).not.toContain(value)
  }
})

test('what basic authentication, queries and cookies cannot carry is refused', async () => {
  await expect(sign(createAuth({ type: 'http_basic', username: 'a:b', password: '' }))).rejects.toMatchObject({
    code: 'secret_invalid',
  })
  for (const control of ['\n', '\0', '\x7f']) {
    const pairs = [
      { username: `a${control}`, password: 'b' },
      { username: 'a', password: `b${control}` },
    ]
    for (const pair of pairs) {
      await expect(sign(createAuth({ type: 'http_basic', ...pair }))).rejects.toMatchObject({ code: 'secret_invalid' })
    }
  }
  await expect(sign(createAuth({ type: 'api_key', apiKey: 'K\n', location: 'query' }))).rejects.toMatchObject({
    code: 'secret_invalid',
  })
  for (const apiKey of ['a;b', 'a b', 'a,b', '"a"']) {
    const auth = createAuth({ type: 'api_key', apiKey, name: 's', location: 'cookie' })
    await expect(sign(auth)).rejects.toMatchObject({ code: 'secret_invalid' })
  }
})

test('a runtime that keeps cookies to itself gets a coded error', async () => {
  const real = globalThis.Request
  globalThis.Request = class extends real {
    constructor(url: URL, init: RequestInit) {
      super(url, init)
      this.headers.delete('cookie')
    }
  } as typeof Request
  try {
    const auth = createAuth({ type: 'api_key', name: 's', apiKey: 'K', location: 'cookie' })
    await expect(sign(auth)).rejects.toMatchObject({ code: 'not_implemented' })
  } finally {
    globalThis.Request = real
  }
})

test('the config is checked: keys, types, scheme; values are never shown', () => {
  expect(issues({ type: 'api_key', apiKey: 'SECRET', nmae: 'x' }).join()).toMatch(/^nmae: /)
  expect(issues({ type: 'api_key', apiKey: 77777 })).toEqual(['apiKey: a string, or a function that returns one'])
  expect(issues({ type: 'api_key', apiKey: 'K', location: 'body' }).length).toBe(1)
  expect(issues({ type: 'api_key', apiKey: 'K', name: 'a b' })).toEqual(['name: a name without spaces'])
  expect(issues({ type: 'basic' }).join()).toContain('type: ')
  expect(issues('bearer').length).toBe(1)
  expect(issues(null).length).toBe(1)
})
