import { expect, test } from 'vitest'
import type { AuthConfig } from '../../../src/auth/index.ts'
import { failure } from '../http/fake.ts'
import { CLIENT, granted, TOKEN_URL, USER, world } from './token-world.ts'

const throwing = (): never => {
  throw new Error('SECRET')
}

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
