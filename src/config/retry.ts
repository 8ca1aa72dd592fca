import * as v from 'valibot'
import { amount, check, list, name, wholeNumber } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { RetryPolicy } from './resolved.ts'

/** When a failed request is sent again, and how long to wait before. Times in seconds. */
export interface RetryConfig {
  /** Attempts after the first. dlt: `request_max_attempts - 1`. @default 3 */
  retries?: number
  /** The first wait in seconds; it doubles with each further one. dlt: `request_backoff_factor`. @default 2 */
  factor?: number
  /** The longest wait in seconds, `Retry-After` included. dlt: `request_max_retry_delay`. @default 60 */
  maxDelay?: number
  /** Full jitter: each wait is random between 0 and the computed one. `false`: exact waits. @default true */
  jitter?: boolean
  /** Which answers are tried again. Network errors and cut bodies always are. @default 408, 429, 500, 502, 503, 504 */
  statuses?: readonly number[]
  /** Only requests with these methods are repeated. @default all, since a resource's requests are reads */
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
