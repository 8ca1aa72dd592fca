import { callUser } from '../../call-user.ts'
import type { SynclineError } from '../../errors.ts'
import type { Secret } from '../auth.ts'
import { filledSecret } from '../secret.ts'
import type { TokenRequest, TokenResponse } from './token-endpoint.ts'

/** Where the refresh token of a user comes from, and where the next one goes. */
export interface Rotating {
  readonly refreshToken: Secret
  readonly onRefreshToken?: ((refreshToken: string) => void | Promise<void>) | undefined
}

/** Asks the endpoint with this refresh token. */
type Ask = (token: string, onInvalidGrant: NonNullable<TokenRequest['onInvalidGrant']>) => Promise<TokenResponse>

/**
 * Keeps track of a refresh token that is replaced with each use. The next one is handed over before anything is done with
 * the access token; it is also kept here, so that a caller who fails to store it, or does not want to, loses nothing as
 * long as the source lives.
 */
export function rotation({ refreshToken, onRefreshToken }: Rotating): (ask: Ask) => Promise<TokenResponse> {
  let last: { given: string; rotated: string } | undefined
  /** A token that the endpoint has refused for good (RFC 6749, 5.2): it is not sent again. */
  let dead: { token: string; error: SynclineError } | undefined

  return async (ask) => {
    for (let refused = false; ; refused = true) {
      const given = await filledSecret(refreshToken, 'auth.refreshToken')
      // What the caller gives, unless it still gives what the endpoint has replaced.
      const token = last?.given === given ? last.rotated : given
      if (dead?.token === token) throw dead.error
      const pending = ask(token, (error) => {
        dead = { token, error }
      })
      // Another process may have used it up meanwhile and stored the next one: that is worth one more try.
      const response = await pending.catch((error: unknown) => {
        if (refused || dead?.token !== token) throw error
      })
      if (response === undefined) continue
      const next = response.refreshToken
      if (next !== undefined && next !== token) {
        last = { given, rotated: next }
        await callUser('auth.onRefreshToken', () => onRefreshToken?.(next), {}, 'auth_failed')
      }
      return response
    }
  }
}
