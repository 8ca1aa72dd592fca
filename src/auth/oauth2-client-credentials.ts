import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import type { Auth, Secret } from './auth.ts'
import type { AuthScheme } from './scheme.ts'
import { secretSchema } from './secret.ts'
import { tokenAuth } from './token-auth.ts'
import { tokenEntries } from './token-entries.ts'

/**
 * A token that the API gives to the client itself (RFC 6749, 4.4). It is renewed before it expires, and once when a
 * request gets a 401; any number of requests share one renewal. Not for browsers: the secret would be public.
 *
 * @example
 * auth: {
 *   type: 'oauth2_client_credentials',
 *   accessTokenUrl: 'https://auth.example.com/oauth/token',
 *   clientId: 'my-app',
 *   clientSecret: () => env.CLIENT_SECRET,
 *   accessTokenRequestData: { scope: 'read', audience: 'https://api.example.com' },
 * }
 */
export interface OAuth2ClientCredentialsOptions {
  type: 'oauth2_client_credentials'
  /** https, or http on this machine. */
  accessTokenUrl: string
  clientId: Secret
  clientSecret: Secret
  /** Where the credentials of the client go: into the form, or into `Authorization: Basic`. @default 'body' */
  clientAuthentication?: 'body' | 'basic'
  /** More fields of the form, such as `scope`. They win over those of the scheme. */
  accessTokenRequestData?: Readonly<Record<string, string>>
  /** Seconds that a token is valid when the endpoint does not say. @default 3600 */
  defaultTokenExpiration?: number
}

export const oauth2ClientCredentials: AuthScheme<OAuth2ClientCredentialsOptions> = {
  type: 'oauth2_client_credentials',
  options: optionsSchema<OAuth2ClientCredentialsOptions>()({
    type: v.literal('oauth2_client_credentials'),
    ...tokenEntries,
    clientSecret: secretSchema,
    clientAuthentication: v.optional(v.picklist(['body', 'basic'])),
  }),
  create(options): Auth {
    return tokenAuth(options, ({ authenticateClient, requestToken }) => ({
      async fetch(context) {
        const { form, authorization } = await authenticateClient(options)
        const fields = { ...form, grant_type: 'client_credentials', ...options.accessTokenRequestData }
        return requestToken({ url: options.accessTokenUrl, form: fields, authorization }, context)
      },
    }))
  },
}
