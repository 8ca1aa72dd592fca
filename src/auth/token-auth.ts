import { loaded } from '../loaded.ts'
import type { Auth } from './auth.ts'
import type * as OAuth from './oauth/index.ts'
import type { TokenSource } from './oauth/token-source.ts'

/** Signs with tokens of a token endpoint. What fetches them is loaded with the first request. */
export function tokenAuth(
  { defaultTokenExpiration }: { readonly defaultTokenExpiration?: number },
  sourceOf: (oauth: typeof OAuth) => Omit<TokenSource, 'defaultExpiration'>,
): Auth {
  return onFirstUse(async () => {
    const oauth = await loaded(import('./oauth/index.ts'))
    return oauth.bearerFrom({ defaultExpiration: defaultTokenExpiration, ...sourceOf(oauth) })
  })
}

/** An `Auth` that is made with the first request that it signs. */
export function onFirstUse(make: () => Promise<Auth>): Auth {
  let auth: Auth | undefined
  const ready = async () => {
    const made = auth ?? (await make())
    // Several may have come first: all use the same one, since it holds the token.
    auth ??= made
    return auth
  }
  return {
    sign: async (request, context) => (await ready()).sign(request, context),
    refresh: async (failed, context) => (await ready()).refresh?.(failed, context) ?? false,
  }
}
