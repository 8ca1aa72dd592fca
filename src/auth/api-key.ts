import * as v from 'valibot'
import { matching } from '../config/checks.ts'
import { optionsSchema } from '../config/options.ts'
import { SynclineError } from '../errors.ts'
import { withoutParams, withQuery } from '../http/url.ts'
import type { Auth, Secret, SignableRequest } from './auth.ts'
import { headerAuth } from './header-auth.ts'
import type { AuthScheme } from './scheme.ts'
import { filledSecret, headerSecret, secretInvalid, secretSchema } from './secret.ts'

/**
 * A key in a header, in the query or in a cookie. A key that is shipped to a browser is public.
 *
 * @example
 * auth: { type: 'api_key', name: 'X-Api-Key', apiKey: () => env.API_KEY }
 * auth: { type: 'api_key', name: 'api_key', apiKey: () => env.API_KEY, location: 'query' }
 */
export interface ApiKeyOptions {
  type: 'api_key'
  /** Sent as it is, without a scheme before it. */
  apiKey: Secret
  /** The name of the header, the query parameter or the cookie. @default 'Authorization' */
  name?: string
  /** `param` is another word for `query`. Browsers and some workers do not let code set a cookie. @default 'header' */
  location?: 'header' | 'query' | 'param' | 'cookie'
}

/** What a header name and a cookie name are made of (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/

export const apiKey: AuthScheme<ApiKeyOptions> = {
  type: 'api_key',
  options: optionsSchema<ApiKeyOptions>()({
    type: v.literal('api_key'),
    apiKey: secretSchema,
    name: v.optional(matching(TOKEN, 'a name without spaces')),
    location: v.optional(v.picklist(['header', 'query', 'param', 'cookie'])),
  }),
  create({ apiKey: key, name = 'Authorization', location = 'header' }): Auth {
    if (location === 'header') return headerAuth(name, () => headerSecret(key, 'auth.apiKey'))
    if (location === 'cookie') return { sign: (request) => signCookie(request, name, key) }
    return {
      queryParams: [name],
      async sign(request) {
        const query = new URLSearchParams([[name, await filledSecret(key, 'auth.apiKey')]]).toString()
        return { ...request, url: new URL(withQuery(withoutParams(request.url.href, [name]), query)) }
      },
    }
  },
}

async function signCookie(request: SignableRequest, name: string, key: Secret): Promise<SignableRequest> {
  const value = await headerSecret(key, 'auth.apiKey')
  if (/[\s",;\\]/.test(value)) {
    throw secretInvalid('auth.apiKey', 'has characters that a cookie cannot hold', 'Encode it.')
  }
  const others = request.headers.get('cookie')
  request.headers.set('cookie', `${others === null ? '' : `${others}; `}${name}=${value}`)
  // A `Request` drops the headers that a runtime keeps to itself, and says nothing.
  if (new Request(request.url, { headers: request.headers }).headers.has('cookie')) return request
  throw new SynclineError('not_implemented', 'this runtime does not let code set a cookie', {
    hint: "Use location 'header' or 'query', or send the requests from a server.",
  })
}
