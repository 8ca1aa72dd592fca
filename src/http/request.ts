import type { ErrorCode } from '../error-codes.ts'
import type { JsonValue } from '../json.ts'

/** A query parameter: lists repeat the key, `null` leaves it out, booleans are `true` and `false`. */
export type ParamValue = string | number | boolean | null | readonly (string | number | boolean)[]

/** A form body as an object or as pairs, or a raw body as text. */
export type DataBody = string | Readonly<Record<string, ParamValue>> | readonly (readonly [string, string])[]

/** One request before authentication, as plain data. Paginators turn one into the next. */
export interface RequestSpec {
  readonly method: string
  /** Absolute. May have a query of its own, to which `params` are added. */
  readonly url: string
  readonly params: Readonly<Record<string, ParamValue>>
  readonly headers: Readonly<Record<string, string>>
  readonly json?: JsonValue
  readonly data?: DataBody
  /** The path as the config has it, placeholders unfilled: what errors show in place of the URL. */
  readonly pathTemplate: string
}

/** One response, its body read to the end. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; `undefined` where there is none (204, 205). */
  readonly body: JsonValue | undefined
  /** The URL that answered, after redirects, without credentials. Relative links resolve against it. */
  readonly url: string
  /** Decoded bytes of the body. */
  readonly bytes: number
  /** The server's time (`Date` header), in ms since 1970, where it could be read. */
  readonly date?: number
  /** True where only some headers can be seen: browsers hide most of those of other origins. */
  readonly headersHidden?: boolean
  /** A response action said `ignore`: the body counts as no data and ends the paging. */
  readonly ignored: boolean
  /** The answer to a request with a condition: what was read before still holds. There is no body. */
  readonly notModified?: boolean
  /** Another URL than the one that was asked has answered. */
  readonly redirected?: boolean
  /** The secrets that the client has sent so far: some APIs repeat them in next links, whatever header they came in. */
  readonly secrets: ReadonlySet<string>
  /**
   * The body holds numbers that JSON numbers cannot: a `bigint` for each integer beyond 2^53-1 (a string with
   * `bigint: 'string'`), an infinity for each such as `1e400`. `numberFault` of `body.ts` finds them in a record.
   */
  readonly unsafe?: boolean
}

/** What limits and observes the requests of one caller. `sync/run/budget.ts` implements it. */
export interface RequestMeter {
  /** Called before every attempt, redirects and token refreshes included. Throws `budget_exceeded`. */
  takeRequest(): void
  /** Whether a wait of so many ms fits what is left; if not, the client throws `budget_exceeded` with `retryAt`. */
  mayWait(ms: number): boolean
  /** Called after a wait and for each retry. */
  onRetry(retry: { attempt: number; waitMs: number; reason: ErrorCode; status?: number }): void
  /** Called after a wait that the rate limiter asked for. */
  onWait(waitMs: number): void
  addBytes(bytes: number): void
}
