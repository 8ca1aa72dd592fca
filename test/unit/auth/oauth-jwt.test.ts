import { expect, test, vi } from 'vitest'
import type { AuthConfig } from '../../../src/auth/index.ts'
import { idle, START } from '../../support/clock.ts'
import { failure } from '../http/fake.ts'
import { EC, keys, RSA } from './oauth/keys.ts'
import { form, granted, TOKEN_URL, used, world } from './token-world.ts'

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
