import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import type { Auth, Secret } from './auth.ts'
import type { AuthScheme } from './scheme.ts'
import { filledSecret, resolveSecret, secretSchema } from './secret.ts'
import { tokenAuth } from './token-auth.ts'
import { tokenEntries } from './token-entries.ts'

/**
 * A token for a service account: the client proves itself with a JWT that it signs (RFC 7523, 2.1). Signed by WebCrypto.
 *
 * @example
 * auth: {
 *   type: 'oauth_jwt',
 *   accessTokenUrl: 'https://oauth2.googleapis.com/token',
 *   clientId: 'robot@project.iam.gserviceaccount.com',
 *   privateKey: () => env.PRIVATE_KEY,
 *   scopes: ['https://www.googleapis.com/auth/spreadsheets.readonly'],
 * }
 */
export interface OAuthJwtOptions {
  type: 'oauth_jwt'
  /** https, or http on this machine. */
  accessTokenUrl: string
  /** The issuer, and the subject unless there is another. */
  clientId: Secret
  /** A key in PEM, without a passphrase: `-----BEGIN PRIVATE KEY-----`, or with `RSA` or `EC` in it. */
  privateKey: Secret
  /** `ES256` for an EC key on P-256. @default 'RS256' */
  algorithm?: 'RS256' | 'ES256'
  /** Which of several keys it is (`kid`). */
  keyId?: string
  /** The claim `scope`, joined by spaces. */
  scopes?: string[]
  /** Whom the client acts for (`sub`). @default clientId */
  subject?: string
  /** Who is to accept it (`aud`). @default accessTokenUrl */
  audience?: string
  /** More fields of the form. They win over those of the scheme. */
  accessTokenRequestData?: Readonly<Record<string, string>>
  /** Seconds that a token is valid when the endpoint does not say. @default 3600 */
  defaultTokenExpiration?: number
}

/** Endpoints take assertions of five minutes at least; the token itself lives as long as they say. */
const LIFETIME_S = 300

export const oauthJwt: AuthScheme<OAuthJwtOptions> = {
  type: 'oauth_jwt',
  options: optionsSchema<OAuthJwtOptions>()({
    type: v.literal('oauth_jwt'),
    ...tokenEntries,
    privateKey: secretSchema,
    algorithm: v.optional(v.picklist(['RS256', 'ES256'])),
    keyId: v.optional(v.string()),
    scopes: v.optional(v.array(v.string())),
    subject: v.optional(v.string()),
    audience: v.optional(v.string()),
  }),
  create(options): Auth {
    const { accessTokenUrl: url, algorithm: alg = 'RS256', keyId, scopes } = options
    return tokenAuth(options, ({ requestToken, signJwt }) => ({
      async fetch(context) {
        const clientId = await filledSecret(options.clientId, 'auth.clientId')
        const now = Math.floor(context.now() / 1000)
        const claims = {
          iss: clientId,
          sub: options.subject ?? clientId,
          aud: options.audience ?? url,
          iat: now,
          exp: now + LIFETIME_S,
          ...(scopes && { scope: scopes.join(' ') }),
        }
        const header = { alg, ...(keyId !== undefined && { kid: keyId }) }
        const assertion = await signJwt(header, claims, await resolveSecret(options.privateKey, 'auth.privateKey'))
        const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
        const form = { grant_type: grant, assertion, ...options.accessTokenRequestData }
        return requestToken({ url, form }, context)
      },
    }))
  },
}
