import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import type { Secret } from './auth.ts'
import { headerAuth } from './header-auth.ts'
import type { AuthScheme } from './scheme.ts'
import { headerSecret, secretSchema } from './secret.ts'

/**
 * A token in the `Authorization` header (RFC 6750).
 *
 * @example
 * auth: { type: 'bearer', token: () => env.API_TOKEN }
 * auth: { token: 'abc' } // the same scheme, in short
 */
export interface BearerOptions {
  /** @default 'bearer' */
  type?: 'bearer'
  /** Sent as `Authorization: Bearer <token>`, in place of a configured header. */
  token: Secret
}

export const bearer: AuthScheme<BearerOptions> = {
  type: 'bearer',
  options: optionsSchema<BearerOptions>()({ type: v.optional(v.literal('bearer')), token: secretSchema }),
  create: ({ token }) => headerAuth('authorization', async () => `Bearer ${await headerSecret(token, 'auth.token')}`),
}
