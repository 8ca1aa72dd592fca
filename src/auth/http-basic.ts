import * as v from 'valibot'
import { base64 } from '../base64.ts'
import { optionsSchema } from '../config/options.ts'
import type { Secret } from './auth.ts'
import { headerAuth } from './header-auth.ts'
import type { AuthScheme } from './scheme.ts'
import { secretInvalid, secretSchema, textSecret } from './secret.ts'

/**
 * User and password in the `Authorization` header (RFC 7617), in UTF-8.
 *
 * @example
 * auth: { type: 'http_basic', username: 'me', password: () => env.API_PASSWORD }
 */
export interface HttpBasicOptions {
  type: 'http_basic'
  /** May not contain a colon. Neither it nor the password has control characters, such as line breaks. */
  username: Secret
  /** May be empty. */
  password: Secret
}

export const httpBasic: AuthScheme<HttpBasicOptions> = {
  type: 'http_basic',
  options: optionsSchema<HttpBasicOptions>()({
    type: v.literal('http_basic'),
    username: secretSchema,
    password: secretSchema,
  }),
  create: ({ username, password }) =>
    headerAuth('authorization', async () => {
      const user = await textSecret(username, 'auth.username')
      if (user.includes(':'))
        throw secretInvalid('auth.username', 'has a colon', 'Basic authentication cannot carry it.')
      const pair = `${user}:${await textSecret(password, 'auth.password')}`
      return `Basic ${base64(new TextEncoder().encode(pair))}`
    }),
}
