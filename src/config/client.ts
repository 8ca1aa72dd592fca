import * as v from 'valibot'
import { type AuthConfig, authConfig } from '../auth/index.ts'
import { type PaginatorConfig, paginatorSchema } from '../paginators/index.ts'
import { check, either, list, positiveInteger, record } from './checks.ts'
import { optionsSchema } from './options.ts'
import { type RateLimitConfig, rateLimitSchema } from './rate-limit.ts'
import { type RetryConfig, retrySchema } from './retry.ts'
import { type TimeoutConfig, timeoutSchema } from './timeout.ts'

/** An origin besides the base URL's. */
export interface AllowedOrigin {
  /** Scheme, host and port: `https://files.example.com`. */
  origin: string
  /** Whether it gets the client's credentials too. @default false */
  credentials?: boolean
}

/**
 * The API: where it is, how to sign requests, and how to treat it.
 *
 * @example
 * client: { baseUrl: 'https://api.example.com/v1', auth: { type: 'bearer', token: () => getToken() } }
 */
export interface ClientConfig {
  /** Absolute, `http:` or `https:`, without credentials, query or fragment. dlt: `base_url`. */
  baseUrl: string
  /** Sent with every request. No placeholders. */
  headers?: Readonly<Record<string, string>>
  /** How requests are signed. Goes to the base URL's origin only. @default not at all */
  auth?: AuthConfig | null
  /** For endpoints that have none of their own. @default 'auto' */
  paginator?: PaginatorConfig | null
  /** Other origins that may be asked, when a link or a path leads there. @default none */
  allowedOrigins?: readonly (string | AllowedOrigin)[]
  /**
   * `manual`: redirects are followed within the origin only. `follow`: the platform follows them, for browsers, which
   * hide where they lead; only for an API that you trust. @default 'manual'
   */
  redirect?: 'manual' | 'follow'
  /** When a failed request is sent again. */
  retry?: RetryConfig
  /** How many requests the API allows. @default no limit */
  rateLimit?: RateLimitConfig
  /** How long a request may take. */
  timeout?: TimeoutConfig
  /** The largest body, in decoded bytes. @default 33_554_432 (32 MiB) */
  maxBodyBytes?: number
  /** Integers beyond 2^53-1: put into quarantine (`error`), or kept exactly as text. @default 'error' */
  bigint?: 'error' | 'string'
}

const originText = check<string>('a string such as https://files.example.com, with nothing after the host', isOrigin)

/** Nothing may follow the host and port: what looks like a narrower permission would be a wider one. */
function isOrigin(input: unknown): boolean {
  if (typeof input !== 'string' || !/^https?:\/\/[^/?#\\]+\/?$/i.test(input)) return false
  const url = parseUrl(input)
  return url !== undefined && url.username === '' && url.password === ''
}

function isBaseUrl(input: unknown): boolean {
  const url = typeof input === 'string' ? parseUrl(input) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return false
  return `${url.username}${url.password}` === '' && !/[?#]/.test(url.href)
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

const allowedOrigin = optionsSchema<AllowedOrigin>()({ origin: originText, credentials: v.optional(v.boolean()) })

export const clientSchema = optionsSchema<ClientConfig>()({
  baseUrl: check<string>('a string: an absolute http(s) URL without credentials, query or fragment', isBaseUrl),
  headers: v.optional(record(v.string())),
  auth: v.nullish(authConfig),
  paginator: v.nullish(paginatorSchema),
  allowedOrigins: v.optional(
    list(either<string | AllowedOrigin>((input) => (typeof input === 'string' ? originText : allowedOrigin))),
  ),
  redirect: v.optional(v.picklist(['manual', 'follow'])),
  retry: v.optional(retrySchema),
  rateLimit: v.optional(rateLimitSchema),
  timeout: v.optional(timeoutSchema),
  maxBodyBytes: v.optional(positiveInteger),
  bigint: v.optional(v.picklist(['error', 'string'])),
})
