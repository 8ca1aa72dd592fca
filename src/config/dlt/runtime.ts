import * as v from 'valibot'
import { amount, positive, positiveInteger } from '../checks.ts'
import { type Report, schemaIssue } from '../issues.ts'
import { optionsSchema } from '../options.ts'
import type { RetryConfig } from '../retry.ts'
import type { TimeoutConfig } from '../timeout.ts'
import { snakeCase } from './rename.ts'

/** dlt's `[runtime]` settings for requests. Times in seconds. */
export interface DltRuntime {
  /** Attempts in all. @default 5 */
  request_max_attempts?: number
  /** The first wait. @default 1 */
  request_backoff_factor?: number
  /** The longest wait. @default 300 */
  request_max_retry_delay?: number
  /** One attempt. @default 60 */
  request_timeout?: number
  /** Has no effect: errors never show a body. */
  http_show_error_body?: boolean
}

const runtimeSchema = optionsSchema<DltRuntime>()({
  request_max_attempts: v.optional(positiveInteger),
  request_backoff_factor: v.optional(amount),
  request_max_retry_delay: v.optional(amount),
  request_timeout: v.optional(positive),
  http_show_error_body: v.optional(v.boolean()),
})

export function checkRuntime(runtime: unknown, report: Report): void {
  for (const issue of v.safeParse(runtimeSchema, runtime).issues ?? []) {
    const found = schemaIssue(issue, snakeCase)
    report({ ...found, path: ['runtime', ...found.path] })
  }
}

export function retryOf({
  request_max_attempts,
  request_backoff_factor,
  request_max_retry_delay,
}: DltRuntime): RetryConfig {
  return {
    retries: (request_max_attempts ?? 5) - 1,
    factor: request_backoff_factor ?? 1,
    maxDelay: request_max_retry_delay ?? 300,
    jitter: false,
    statuses: [429, 500, 502, 503, 504],
  }
}

/** dlt has no deadline for all attempts together: none may end before the last. */
export function timeoutOf({
  request_max_attempts,
  request_max_retry_delay,
  request_timeout,
}: DltRuntime): TimeoutConfig {
  const attempt = request_timeout ?? 60
  return { attempt, idle: attempt, total: (request_max_attempts ?? 5) * (attempt + (request_max_retry_delay ?? 300)) }
}
