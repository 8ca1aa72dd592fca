import type { Auth, AuthContext } from '../auth.ts'
import type { TokenResponse } from './token-endpoint.ts'

/** Tokens are renewed so long before they expire, or a tenth of their life before, whichever is less. */
const MARGIN_MS = 60_000

export interface TokenSource {
  /** Asks the endpoint. Never called while a call is under way. */
  fetch(context: AuthContext): Promise<TokenResponse>
  /** How long a token is valid when the endpoint does not say, in seconds. @default 3600 */
  readonly defaultExpiration: number | undefined
  /** What `fetch` sends may be used up by it, as a refresh token is: it goes on even if nobody waits for it any more. */
  readonly singleUse?: boolean
}

interface Token {
  readonly value: string
  readonly from: number
  readonly until: number
}

/** Signs with a token that is fetched when there is none, renewed early, and shared by all requests of a client. */
export function bearerFrom(source: TokenSource): Auth {
  let token: Token | undefined
  const renew = singleFlight(async (context) => {
    // A token that did not work is not used again, even if no other comes.
    token = undefined
    // Before the request: the life of the token begins at some time after this, and the answer does not say when.
    const from = context.now()
    const { accessToken, validMs = (source.defaultExpiration ?? 3600) * 1000 } = await source.fetch(context)
    token = { value: accessToken, from, until: from + validMs - Math.min(MARGIN_MS, validMs / 10) }
    return token
  }, source.singleUse)

  /** Before `from`, the clock was set back: nobody knows whether the token is still valid. */
  const isFresh = ({ from, until }: Token, now: number) => from <= now && now < until

  return {
    async sign(request, context) {
      const current = token && isFresh(token, context.now()) ? token : await renew(context)
      request.headers.set('authorization', `Bearer ${current.value}`)
      return request
    },
    async refresh(failed, context) {
      const stale = failed.headers.get('authorization') === `Bearer ${token?.value}`
      if (stale) await renew(context)
      return true
    },
  }
}

/**
 * One run for all who ask while it is under way. Each leaves by its own signal; the run is aborted when all have left,
 * unless it `goesOn`.
 */
function singleFlight<T>(run: (context: AuthContext) => Promise<T>, goesOn = false) {
  let flight: { result: Promise<T>; waiting: number; controller: AbortController } | undefined
  return async (context: AuthContext): Promise<T> => {
    const mine = flight ?? start(context)
    flight = mine
    mine.waiting++
    try {
      return await untilAborted(mine.result, context.signal)
    } finally {
      if (--mine.waiting === 0 && !goesOn) {
        if (flight === mine) flight = undefined
        mine.controller.abort()
      }
    }
  }

  function start(context: AuthContext) {
    const controller = new AbortController()
    const result = run({ ...context, signal: controller.signal })
    const mine = { result, waiting: 0, controller }
    const clear = () => {
      if (flight === mine) flight = undefined
    }
    result.then(clear, clear)
    return mine
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
  })
}
