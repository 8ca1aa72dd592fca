import * as v from 'valibot'
import { positive, positiveInteger } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { RateLimit } from './resolved.ts'

/**
 * What the API allows, kept to before it has to complain. One limiter for all resources of a source, and for the steps and
 * syncs of it as long as it lives.
 *
 * @example
 * rateLimit: { requests: 100, perSeconds: 60, concurrency: 2 }
 */
export interface RateLimitConfig {
  /** Requests in each period. */
  requests: number
  /** The length of the period in seconds. @default 1 */
  perSeconds?: number
  /** Requests under way at once. @default 4 */
  concurrency?: number
}

export const rateLimitSchema = optionsSchema<RateLimitConfig>()({
  requests: positiveInteger,
  perSeconds: v.optional(positive),
  concurrency: v.optional(positiveInteger),
})

export const resolveRateLimit = ({ requests, perSeconds = 1, concurrency = 4 }: RateLimitConfig): RateLimit => ({
  requests,
  perSeconds,
  concurrency,
})
