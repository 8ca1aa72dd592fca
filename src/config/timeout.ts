import * as v from 'valibot'
import { positive } from './checks.ts'
import { optionsSchema } from './options.ts'
import type { Timeouts } from './resolved.ts'

/** How long a request may take, in seconds. */
export interface TimeoutConfig {
  /** One attempt, body included. dlt: `request_timeout`. @default 60 */
  attempt?: number
  /** The longest silence while a body is read. @default 30 */
  idle?: number
  /** All attempts and waits of one request. @default 600 */
  total?: number
}

export const timeoutSchema = optionsSchema<TimeoutConfig>()({
  attempt: v.optional(positive),
  idle: v.optional(positive),
  total: v.optional(positive),
})

export const resolveTimeout = ({ attempt = 60, idle = 30, total = 600 }: TimeoutConfig = {}): Timeouts => ({
  attempt,
  idle,
  total,
})
