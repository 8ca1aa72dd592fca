import * as v from 'valibot'
import { choiceSchema } from '../config/options.ts'
import { SynclineError } from '../errors.ts'
import { type ApiKeyOptions, apiKey } from './api-key.ts'
import type { Auth, SignableRequest } from './auth.ts'
import { type BearerOptions, bearer } from './bearer.ts'
import { type HttpBasicOptions, httpBasic } from './http-basic.ts'
import { type OAuthJwtOptions, oauthJwt } from './oauth-jwt.ts'
import { type OAuth2ClientCredentialsOptions, oauth2ClientCredentials } from './oauth2-client-credentials.ts'
import { type OAuth2RefreshTokenOptions, oauth2RefreshToken } from './oauth2-refresh-token.ts'
import type { AuthScheme } from './scheme.ts'

export type {
  ApiKeyOptions,
  BearerOptions,
  HttpBasicOptions,
  OAuth2ClientCredentialsOptions,
  OAuth2RefreshTokenOptions,
  OAuthJwtOptions,
}

/** Every scheme: a new one is a file and its name here, which gives the config type, the check and the lookup. */
const authSchemes = [apiKey, bearer, httpBasic, oauth2ClientCredentials, oauth2RefreshToken, oauthJwt] as const

export type AuthOptions = (typeof authSchemes)[number] extends AuthScheme<infer Options> ? Options : never

/**
 * An authentication that no scheme covers: gets each request that goes to an origin with credentials, and returns it
 * signed.
 *
 * @example
 * auth: async (request) => {
 *   request.headers.set('x-signature', await hmac(request.url.pathname))
 *   return request
 * }
 */
export type AuthFunction = (request: SignableRequest) => SignableRequest | Promise<SignableRequest>

/** What `client.auth` and `endpoint.auth` take. */
export type AuthConfig = AuthOptions | AuthFunction

const optionsConfig = choiceSchema<AuthOptions>(new Map(authSchemes.map(({ type, options }) => [type, options])))
const functionConfig = v.custom<AuthFunction>((value) => typeof value === 'function')

/** Checks an `AuthConfig`. `{ token }` alone is a bearer token. */
export const authConfig: v.GenericSchema<AuthConfig> = v.lazy((input): v.GenericSchema<AuthConfig> => {
  if (typeof input === 'function') return functionConfig
  const short = typeof input === 'object' && input !== null && 'token' in input && !('type' in input)
  return short ? bearer.options : optionsConfig
})

/** Makes the scheme that a checked config names; without a type, it is a bearer token. */
export function createAuth(config: AuthConfig): Auth {
  if (typeof config === 'function') return { custom: true, sign: async (request) => checked(await config(request)) }
  const scheme: AuthScheme<AuthOptions> = authSchemes.find(({ type }) => type === config.type) ?? bearer
  return scheme.create(config)
}

/** A function that forgets to return the request would else send it unsigned. */
function checked(request: SignableRequest): SignableRequest {
  if (request?.url instanceof URL && request.headers instanceof Headers) return request
  throw new SynclineError('auth_failed', 'the function client.auth did not return the request', {
    hint: 'Return the request that it was given, with credentials added.',
  })
}
