import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import type { Auth, Secret } from './auth.ts'
import type { AuthScheme } from './scheme.ts'
import { secretSchema } from './secret.ts'
import { tokenAuth } from './token-auth.ts'
import { tokenEntries } from './token-entries.ts'

/**
 * Tokens for a user who has signed in (RFC 6749, 6). Where the endpoint rotates refresh tokens, the next one is handed
 * to `onRefreshToken` before the access token is used, so that it is never lost: keep it where `refreshToken` reads it.
 *
 * @example
 * auth: {
 *   type: 'oauth2_refresh_token',
 *   accessTokenUrl: 'https://auth.example.com/oauth/token',
 *   clientId: 'my-app',
 *   refreshToken: () => secrets.get('refresh'),
 *   onRefreshToken: (token) => secrets.set('refresh', token),
 * }
 */
export interface OAuth2RefreshTokenOptions {
  type: 'oauth2_refresh_token'
  /** https, or http on this machine. */
  accessTokenUrl: string
  clientId: Secret
  /** Public clients, such as browser apps, have none. */
  clientSecret?: Secret
  /** Where the credentials of the client go: into the form, or into `Authorization: Basic`. @default 'body' */
  clientAuthentication?: 'body' | 'basic'
  /** Read anew for each renewal, if it is a function. */
  refreshToken: Secret
  /** Gets each new refresh token, and is awaited before anything else happens. If it throws, the request fails. */
  onRefreshToken?: (refreshToken: string) => void | Promise<void>
  /** More fields of the form, such as `scope`. They win over those of the scheme. */
  accessTokenRequestData?: Readonly<Record<string, string>>
  /** Seconds that a token is valid when the endpoint does not say. @default 3600 */
  defaultTokenExpiration?: number
}

type OnRefreshToken = NonNullable<OAuth2RefreshTokenOptions['onRefreshToken']>

export const oauth2RefreshToken: AuthScheme<OAuth2RefreshTokenOptions> = {
  type: 'oauth2_refresh_token',
  options: optionsSchema<OAuth2RefreshTokenOptions>()({
    type: v.literal('oauth2_refresh_token'),
    ...tokenEntries,
    clientSecret: v.optional(secretSchema),
    clientAuthentication: v.optional(v.picklist(['body', 'basic'])),
    refreshToken: secretSchema,
    onRefreshToken: v.optional(v.custom<OnRefreshToken>((value) => typeof value === 'function', 'a function')),
  }),
  create(options): Auth {
    const url = options.accessTokenUrl
    return tokenAuth(options, ({ authenticateClient, requestToken, rotation, withLock }) => {
      const withRefreshToken = rotation(options)
      return {
        singleUse: true,
        fetch: (context) =>
          withLock(`syncline token ${url}`, () =>
            withRefreshToken(async (token, onInvalidGrant) => {
              const { form, authorization } = await authenticateClient(options)
              const grant = { grant_type: 'refresh_token', refresh_token: token }
              const fields = { ...form, ...grant, ...options.accessTokenRequestData }
              return requestToken({ url, form: fields, authorization, singleUse: true, onInvalidGrant }, context)
            }),
          ),
      }
    })
  },
}
