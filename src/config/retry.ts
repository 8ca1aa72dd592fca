import * as v from 'valibot'
import { amount, check, list, name, wholeNumber } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { RetryPolicy } from './resolved.ts'

/** When a failed request is sent again, and how long to wait before. Times in seconds. */
export interface RetryConfig {
  /** Attempts after the first. Default: 3. dlt: `request_max_attempts - 1`. */
  retries?: number
  /** The first wait in seconds; it doubles with each further one. Default: 2. dlt: `request_backoff_factor`. */
  factor?: number
  /** The longest wait in seconds, `Retry-After` included. Default: 60. dlt: `request_max_retry_delay`. */
  maxDelay?: number
  /** Full jitter: each wait is random between 0 and the computed one. Default: true; `false` for exact waits. */
  jitter?: boolean
  /** Which answers are tried again. Default: 408, 429, 500, 502, 503, 504. Network errors and cut bodies always are. */
  statuses?: readonly number[]
  /** Only requests with these methods are repeated. Default: all, since a resource's requests are reads. */
  methods?: readonly string[]
}

const status = check<number>('a number from 400 to 599', (input) => {
  return Number.isInteger(input) && Number(input) >= 400 && Number(input) < 600
})

export const retrySchema = optionsSchema<RetryConfig>()({
  retries: v.optional(wholeNumber),
  factor: v.optional(amount),
  maxDelay: v.optional(amount),
  jitter: v.optional(v.boolean()),
  statuses: v.optional(list(status)),
  methods: v.optional(list(name)),
})

export function resolveRetry(config: RetryConfig = {}): RetryPolicy {
  return {
    retries: config.retries ?? 3,
    factor: config.factor ?? 2,
    maxDelay: config.maxDelay ?? 60,
    jitter: config.jitter ?? true,
    statuses: config.statuses ?? [408, 429, 500, 502, 503, 504],
    methods: config.methods?.map((method) => method.toUpperCase()),
  }
}
