import { parseHttpDate } from './http-date.ts'

/** About 30 years: beyond that a number is nonsense, and times must stay exact. */
const LONGEST_SECONDS = 1e9

/**
 * How long `Retry-After` asks to wait, in ms (RFC 9110, 10.2.3): whole seconds or an HTTP date, nothing else. Zero and
 * a date in the past are no hint: taken at their word they make a storm of retries.
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  if (/^\d+$/.test(value)) return hint(Math.min(Number(value), LONGEST_SECONDS) * 1000)
  const date = parseHttpDate(value, now)
  return date === undefined ? undefined : hint(date - now)
}

const RESET = ['ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset']
const REMAINING = ['ratelimit-remaining', 'x-ratelimit-remaining', 'x-rate-limit-remaining']

/** The newer header, of both kinds: `limit=9, remaining=0, reset=30`, and `"minute";r=0;t=30, "day";r=70;t=9000`. */
const LIMITS = /\br(?:emaining)?=(\d+)\b[^"]*?\b(?:t|reset)=(\d+)/g

/** How many requests remain, and the reset, of each limit that a response tells of. */
function limitsOf(headers: Headers): (string | undefined)[][] {
  const limits = [...(headers.get('ratelimit') ?? '').slice(0, 999).matchAll(LIMITS)].map((match) => match.slice(1))
  return [...limits, [first(headers, REMAINING), first(headers, RESET)]]
}

/**
 * How long a response asks to wait. `Retry-After` decides; a response that is rate limited is also asked for the resets of
 * its limits, but for those that have requests left: another one was hit.
 */
export function waitHint(headers: Headers, rateLimited: boolean, now: number): number | undefined {
  // Both times come from the server's clock, so a local one that is wrong does no harm.
  const serverNow = parseHttpDate(headers.get('date') ?? '', now) ?? now
  const after = parseRetryAfter(headers.get('retry-after'), serverNow)
  if (after !== undefined || !rateLimited) return after
  const used = limitsOf(headers).filter(([remaining = '0']) => !(Number(remaining) > 0))
  return hint(Math.max(...used.map(([, reset]) => parseReset(reset, serverNow) ?? 0)))
}

/** True for 429, and for a 403 that says that no request remains, or when to come back. */
export function isRateLimited(status: number, headers: Headers, now: number): boolean {
  if (status !== 403) return status === 429
  return limitsOf(headers).some(([remaining]) => remaining === '0') || waitHint(headers, false, now) !== undefined
}

/** APIs give the seconds until the reset, or its time in seconds or in ms since 1970: the magnitude tells which. */
export function parseReset(value: string | undefined, now: number): number | undefined {
  if (value === undefined || !/^\d+(\.\d+)?$/.test(value)) return undefined
  const number = Number(value)
  if (number < 1e9) return hint(number * 1000)
  if (number < 1e14) return hint((number < 1e11 ? number * 1000 : number) - now)
  return undefined
}

function hint(ms: number): number | undefined {
  return ms > 0 ? ms : undefined
}

function first(headers: Headers, names: readonly string[]): string | undefined {
  return names.map((name) => headers.get(name)).find((value) => value !== null) ?? undefined
}
