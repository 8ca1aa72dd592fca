import { expect, test } from 'vitest'
import { parseHttpDate } from '../../../src/http/http-date.ts'
import { isRateLimited, parseReset, parseRetryAfter, waitHint } from '../../../src/http/retry-after.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0)
const MINUTE = 60_000

// What the header says, and how long that is in ms at Sun, 22 Nov 2026 12:00:00 GMT; undefined: no hint.
const ROWS: [string, number | undefined][] = [
  // Whole seconds
  ['1', 1000],
  ['4', 4000],
  ['120', 120_000],
  ['007', 7000],
  ['86400', 86_400_000],
  ['2147484', 2_147_484_000],
  ['99999999999999999999', 1e12],
  ['0', undefined],
  ['000', undefined],
  // What Number() or Date.parse() would take, but the grammar does not
  ['', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1.5', undefined],
  ['.5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['1_000', undefined],
  ['1,000', undefined],
  ['120, 60', undefined],
  ['120s', undefined],
  ['120 seconds', undefined],
  ['Infinity', undefined],
  ['NaN', undefined],
  ['null', undefined],
  ['soon', undefined],
  ['٣', undefined],
  ['１２', undefined],
  // IMF-fixdate
  ['Sun, 22 Nov 2026 12:01:00 GMT', MINUTE],
  ['Mon, 23 Nov 2026 12:00:00 GMT', 1440 * MINUTE],
  ['Wed, 21 Oct 2099 07:28:00 GMT', Date.UTC(2099, 9, 21, 7, 28) - NOW],
  ['Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59) - NOW],
  ['Thu, 29 Feb 2028 00:00:00 GMT', Date.UTC(2028, 1, 29) - NOW],
  ['Sun, 22 Nov 2026 12:00:60 GMT', MINUTE],
  ['Sun, 22 Nov 2026 12:00:00 GMT', undefined],
  ['Wed, 21 Oct 2015 07:28:00 GMT', undefined],
  ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ['Fri, 01 Jan 0099 00:00:00 GMT', undefined],
  // The two obsolete forms
  ['Sunday, 22-Nov-26 12:01:00 GMT', MINUTE],
  ['Saturday, 01-Jan-72 00:00:00 GMT', Date.UTC(2072, 0, 1) - NOW],
  ['Friday, 01-Jan-99 00:00:00 GMT', undefined],
  ['Sun Nov 22 12:01:00 2026', MINUTE],
  ['Tue Dec  1 12:00:00 2026', 9 * 1440 * MINUTE],
  ['Sun Nov  6 08:49:37 1994', undefined],
  // Almost dates
  ['Sun, 22 Nov 2026 12:01:00', undefined],
  ['Sun, 22 Nov 2026 12:01:00 UTC', undefined],
  ['Sun, 22 Nov 2026 12:01:00 +0000', undefined],
  ['Sun, 22 Nov 2026 13:01:00 GMT+1', undefined],
  ['22 Nov 2026 12:01:00 GMT', undefined],
  ['Sun, 2 Nov 2027 12:01:00 GMT', undefined],
  ['Sun, 22 November 2026 12:01:00 GMT', undefined],
  ['sun, 22 nov 2026 12:01:00 gmt', undefined],
  ['Xxx, 22 Nov 2026 12:01:00 GMT', undefined],
  ['Sun, 22 Xxx 2026 12:01:00 GMT', undefined],
  ['Mon, 30 Feb 2027 12:00:00 GMT', undefined],
  ['Mon, 29 Feb 2027 12:00:00 GMT', undefined],
  ['Sun, 00 Nov 2027 12:00:00 GMT', undefined],
  ['Sun, 22 Nov 2026 24:01:00 GMT', undefined],
  ['Sun, 22 Nov 2026 12:60:00 GMT', undefined],
  ['Sun, 22 Nov 2026 12:01:61 GMT', undefined],
  ['Sun, 22 Nov 2026 12:01 GMT', undefined],
  ['Sun, 22 Nov 26 12:01:00 GMT', undefined],
  ['Sun Nov 22 12:01:00 2026 GMT', undefined],
  ['Sun Dec 1 12:00:00 2026', undefined],
  ['2026-11-22T12:01:00Z', undefined],
  ['Sun, 22 Nov 2026 12:01:00 GMT, 60', undefined],
]

test('the table has every form', () => expect(ROWS.length).toBeGreaterThanOrEqual(60))

test.each(ROWS)('Retry-After: %j', (value, ms) => expect(parseRetryAfter(value, NOW)).toBe(ms))

test('no header is no hint', () => expect(parseRetryAfter(null, NOW)).toBeUndefined())

test('a long value is refused at once', () => {
  const started = performance.now()
  expect(parseRetryAfter(`${'1'.repeat(1e6)}x`, NOW)).toBeUndefined()
  expect(parseHttpDate(`Sun, ${' '.repeat(1e6)}`, NOW)).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(200)
})

const SECONDS = NOW / 1000
const RESETS: [string | undefined, number | undefined][] = [
  ['30', 30_000],
  ['0.5', 500],
  [`${SECONDS + 60}`, MINUTE],
  [`${SECONDS + 60}.250`, MINUTE + 250],
  [`${NOW + MINUTE}`, MINUTE],
  [`${SECONDS - 60}`, undefined],
  [`${NOW - 1}`, undefined],
  ['0', undefined],
  ['-5', undefined],
  ['1e9', undefined],
  ['9'.repeat(20), undefined],
  ['Sun, 22 Nov 2026 12:01:00 GMT', undefined],
  ['', undefined],
  [undefined, undefined],
]

test.each(RESETS)('a reset of %j is read by its magnitude', (value, ms) => expect(parseReset(value, NOW)).toBe(ms))

test('a 403 counts as rate limited only when it says that nothing remains, or when to come back', () => {
  const limited = (status: number, headers: Record<string, string>) => isRateLimited(status, new Headers(headers), NOW)
  expect(limited(429, {})).toBe(true)
  expect(limited(403, { 'x-ratelimit-remaining': '0' })).toBe(true)
  expect(limited(403, { 'RateLimit-Remaining': '0' })).toBe(true)
  expect(limited(403, { 'x-rate-limit-remaining': '0' })).toBe(true)
  expect(limited(403, { 'x-ratelimit-remaining': '7' })).toBe(false)
  expect(limited(403, {})).toBe(false)
  // GitHub's secondary limits leave the primary one as it is.
  expect(limited(403, { 'retry-after': '60', 'x-ratelimit-remaining': '4000' })).toBe(true)
  expect(limited(403, { 'retry-after': 'Sun, 22 Nov 2026 12:01:00 GMT' })).toBe(true)
  expect(limited(403, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' })).toBe(false)
  expect(limited(403, { 'retry-after': '0' })).toBe(false)
  expect(limited(403, { ratelimit: '"minute";r=0;t=30' })).toBe(true)
  expect(limited(403, { ratelimit: '"minute";r=1;t=30' })).toBe(false)
  expect(limited(503, { 'retry-after': '60' })).toBe(false)
  expect(limited(500, { 'x-ratelimit-remaining': '0' })).toBe(false)
})

test('Retry-After goes before the reset header, which only a rate limit asks', () => {
  const hint = (headers: Record<string, string>, limited = true) => waitHint(new Headers(headers), limited, NOW)
  expect(hint({ 'retry-after': '5', 'x-ratelimit-reset': '30' })).toBe(5000)
  expect(hint({ 'retry-after': '0', 'x-ratelimit-reset': '30' })).toBe(30_000)
  expect(hint({ 'x-ratelimit-reset': '30' }, false)).toBeUndefined()
  expect(hint({ 'retry-after': '5' }, false)).toBe(5000)
  expect(hint({ 'x-ratelimit-reset': '30', 'x-ratelimit-remaining': '12' })).toBeUndefined()
  expect(hint({ 'x-ratelimit-reset': '30', 'x-ratelimit-remaining': '0' })).toBe(30_000)
  expect(hint({})).toBeUndefined()
})

// https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/, its drafts 7 and 10
const LIMITS: [string, number | undefined][] = [
  ['limit=100, remaining=0, reset=30', 30_000],
  ['limit=100,remaining=0,reset=30', 30_000],
  ['limit=100, remaining=7, reset=30', undefined],
  ['"default";r=0;t=30', 30_000],
  ['"default";r=50;t=30', undefined],
  ['default; r=0; t=30', 30_000],
  ['"default";r=0;pk=:dHJ5:;t=30', 30_000],
  ['"burst";r=3;t=1, "day";r=0;t=50', 50_000],
  ['"burst";r=0;t=9, "day";r=0;t=50', 50_000],
  ['"burst";r=0;t=9, "day";r=70;t=50', 9000],
  ['"burst";r=0, "day";r=7;t=50', undefined],
  ['"burst";r=0', undefined],
  [`limit=9, remaining=0, reset=${NOW / 1000 + 60}`, MINUTE],
  ['remaining=-1, reset=30', undefined],
  ['remaining=0, reset=-30', undefined],
  ['', undefined],
  ['r=0;'.repeat(100_000), undefined],
]

test.each(LIMITS)('RateLimit: %.60j', (ratelimit, ms) => {
  expect(waitHint(new Headers({ ratelimit }), true, NOW)).toBe(ms)
  expect(waitHint(new Headers({ ratelimit, 'retry-after': '7' }), true, NOW)).toBe(7000)
  expect(waitHint(new Headers({ ratelimit }), false, NOW)).toBeUndefined()
})

test('times of the server are compared with its own clock, where it tells it', () => {
  const headers = { date: 'Sun, 22 Nov 2020 12:00:00 GMT', 'retry-after': 'Sun, 22 Nov 2020 12:00:30 GMT' }
  expect(waitHint(new Headers(headers), true, NOW)).toBe(30_000)
})
