import type { RetryPolicy } from '../config/resolved.ts'
import type { SynclineError } from '../errors.ts'

/** Why an attempt did not bring a response that counts. */
export interface Failure {
  readonly error: SynclineError
  /** `no`: final; `backoff`: may pass by itself; `rate_limit`: too many requests. */
  readonly again: 'no' | 'backoff' | 'rate_limit'
  /** How long the server asks to wait, in ms. */
  readonly hint?: number | undefined
}

/**
 * How long to wait before another attempt, in whole ms; `undefined` when there is to be none.
 *
 * @param retries How many there have been.
 * @param random In [0, 1).
 */
export function retryWait(
  failure: Pick<Failure, 'again' | 'hint'>,
  method: string,
  retries: number,
  policy: RetryPolicy,
  random: number,
): number | undefined {
  if (failure.again === 'no' || retries >= policy.retries) return undefined
  if (policy.methods !== undefined && !policy.methods.includes(method)) return undefined
  const wait = failure.hint === undefined ? backoff(retries, policy, random) : spread(failure.hint, policy, random)
  return Math.round(Math.min(wait, policy.maxDelay * 1000))
}

/** Exponential. With full jitter: clients that failed together do not come back together. */
function backoff(retries: number, policy: RetryPolicy, random: number): number {
  const wait = Math.min(policy.factor * 2 ** retries, policy.maxDelay) * 1000
  return policy.jitter ? wait * random : wait
}

/** Up to 10 % more than asked for, never less. */
function spread(hint: number, policy: RetryPolicy, random: number): number {
  return policy.jitter ? hint * (1 + random / 10) : hint
}

const CAPACITY = 500
const COST = 5

/** Keeps retries from multiplying an outage: each one costs tokens, and only successes bring them back. */
export interface RetryBudget {
  /** False: too many retries have failed lately. */
  take(): boolean
  /** A request succeeded, after so many retries. */
  succeeded(retries: number): void
}

/** A token bucket, as the AWS SDKs have: 100 retries in a row may fail, then only successes earn new ones. */
export function retryBudget(): RetryBudget {
  let tokens = CAPACITY
  return {
    take() {
      if (tokens < COST) return false
      tokens -= COST
      return true
    },
    succeeded(retries) {
      tokens = Math.min(CAPACITY, tokens + (retries === 0 ? 1 : COST))
    },
  }
}
