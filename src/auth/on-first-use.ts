import type { Auth } from './auth.ts'

/** An `Auth` that is made, and whose code is loaded, with the first request that it signs. */
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
