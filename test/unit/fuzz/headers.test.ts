import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHttpDate } from '../../../src/http/http-date.ts'
import { LONGEST_LINK_HEADER, linkTarget, parseLinkHeader } from '../../../src/http/link-header.ts'
import { isRateLimited, parseReset, parseRetryAfter, waitHint } from '../../../src/http/retry-after.ts'
import { countedText, fuzz, printFigures } from '../../support/fuzz.ts'

printFigures()

const NOW = Date.UTC(2026, 10, 22, 12)
const linkPart = fc.oneof(
  fc.constantFrom(
    '<',
    '>',
    ';',
    ',',
    '=',
    '"',
    '\\',
    ' ',
    '\t',
    'rel',
    'next',
    'rel=next',
    'rel="next"',
    '</2>',
    'anchor',
    '\u0000',
    'é',
  ),
  fc.string({ maxLength: 5 }),
)
const linkText = fc.array(linkPart, { maxLength: 30 }).map((parts) => parts.join(''))

test('any Link header is read: what comes out was in it', async () => {
  await fuzz(
    'Link headers',
    20_000,
    fc.property(linkText, (header) => {
      for (const { target, params } of parseLinkHeader(header)) {
        expect(header).toContain(target)
        for (const [name, value] of params) {
          expect(header.toLowerCase()).toContain(name)
          expect(header.replaceAll('\\', '')).toContain(value.replaceAll('\\', ''))
        }
      }
      const target = linkTarget(header, 'next', 'https://api.example.com/')
      expect(target === undefined || header.toLowerCase().includes('next')).toBe(true)
    }),
  )
})

test('what is written is read, among others and with noise before it', async () => {
  const uri = fc.webUrl({ withQueryParameters: true }).filter((url) => !url.includes('>'))
  const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((name) => name !== 'rel' && name !== 'anchor')
  const quoted = fc.string({ maxLength: 12 }).map((text) => [text, `"${text.replace(/["\\]/g, '\\$&')}"`] as const)
  const link = fc.tuple(uri, token, fc.array(fc.tuple(token, quoted), { maxLength: 3 }))
  await fuzz(
    'Link headers, round trip',
    4000,
    fc.property(fc.uniqueArray(link, { maxLength: 5, selector: ([, rel]) => rel }), (links) => {
      const header = links
        .map(
          ([target, rel, more]) =>
            `<${target}>${more.map(([name, [, text]]) => `;${name}=${text}`).join('')}; rel="${rel}"`,
        )
        .join(', ')
      for (const [target, rel, more] of header.length < LONGEST_LINK_HEADER ? links : []) {
        expect(linkTarget(header, rel, 'https://api.example.com/')).toBe(target)
        const found = parseLinkHeader(header).find(({ params }) => params.get('rel') === rel)
        for (const [name, [text]] of [...more].reverse()) {
          if (more.find(([first]) => first === name)?.[1][0] === text) expect(found?.params.get(name)).toBe(text)
        }
      }
    }),
  )
})

test('a Link header takes a few looks at each sign, whatever it is, and none beyond 16 KiB', async () => {
  const hostile = fc.tuple(fc.array(linkPart, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 400 }))
  await fuzz(
    'hostile Link headers, by steps',
    2000,
    fc.property(hostile, ([parts, times]) => {
      const source = parts.join('').repeat(times)
      const { text, steps } = countedText(source)
      parseLinkHeader(text)
      expect(steps(), source.slice(0, 60)).toBeLessThanOrEqual(6 * Math.min(source.length, LONGEST_LINK_HEADER) + 6)
    }),
  )
})

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
/** The three forms of RFC 9110, 5.6.7. */
function forms(time: number): [text: string, fits: boolean][] {
  const date = new Date(time)
  const [, day = '', month = '', year = '', clock = ''] =
    /^\w+, (\d\d) (\w+) (\d+) (\S+) GMT$/.exec(date.toUTCString()) ?? []
  const name = DAYS[date.getUTCDay()] ?? ''
  const short = name.slice(0, 3)
  return [
    [date.toUTCString(), true],
    [
      `${name}, ${day}-${month}-${year.slice(-2)} ${clock} GMT`,
      date.getUTCFullYear() > 1976 && date.getUTCFullYear() < 2077,
    ],
    [`${short} ${month} ${day.replace(/^0/, ' ')} ${clock} ${year}`, true],
  ]
}

const instant = fc.integer({ min: 0, max: Math.floor(Date.UTC(9999, 11, 31, 23, 59, 59) / 1000) }).map((s) => s * 1000)

test('a date is read in each of the three forms', async () => {
  await fuzz(
    'HTTP dates',
    6000,
    fc.property(instant, (time) => {
      for (const [text, fits] of forms(time)) if (fits) expect(parseHttpDate(text, NOW), text).toBe(time)
    }),
  )
})

test('a date that was changed is another date, or none: never one that the platform guesses', async () => {
  await fuzz(
    'changed HTTP dates',
    10_000,
    fc.property(instant, fc.nat({ max: 2 }), fc.nat(), fc.string({ maxLength: 2 }), (time, form, at, put) => {
      const [text] = forms(time)[form] ?? ['']
      const place = at % (text.length + 1)
      const changed = text.slice(0, place) + put + text.slice(place + 1)
      const read = parseHttpDate(changed, NOW)
      if (read === undefined) return
      // Read back: but for the name of the day, a zero before its number and a leap second, it is what was written.
      const same = forms(read).concat(forms(read - 1000).map(([leap, fits]) => [leap.replace(':59 ', ':60 '), fits]))
      const bare = (each: string) => each.replace(/^[A-Z][a-z]+,? /, '').replace(/^(\w{3}) [ 0]/, '$1 ')
      expect(same.map(([each]) => bare(each))).toContain(bare(changed))
    }),
  )
})

const value = fc.oneof(
  fc.string(),
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.stringMatching(/^[-+0-9.eExX ,]{0,12}$/),
  instant.chain((time) => fc.constantFrom(...forms(time).map(([text]) => text))),
)

test('Retry-After: digits or a date, and nothing else', async () => {
  await fuzz(
    'Retry-After',
    30_000,
    fc.property(value, (text) => {
      const wait = parseRetryAfter(text, NOW)
      if (/^[0-9]+$/.test(text)) {
        expect(wait).toBe(Number(text) === 0 ? undefined : Math.min(Number(text), 1e9) * 1000)
      } else {
        const date = parseHttpDate(text, NOW)
        expect(wait).toBe(date === undefined || date <= NOW ? undefined : date - NOW)
        expect(date === undefined || /^[A-Z][a-z]{2}/.test(text)).toBe(true)
      }
      expect(wait === undefined || (Number.isSafeInteger(wait) && wait > 0)).toBe(true)
    }),
  )
})

test('a reset: seconds, or a time in seconds or in ms, by its magnitude', async () => {
  await fuzz(
    'reset headers',
    10_000,
    fc.property(value, fc.integer({ min: 1, max: 1e8 }), (text, seconds) => {
      const wait = parseReset(text, NOW)
      expect(wait === undefined || (wait > 0 && wait < 1e14 && /^\d+(\.\d+)?$/.test(text))).toBe(true)
      expect(parseReset(String(seconds), NOW)).toBe(seconds * 1000)
      expect(parseReset(String(NOW / 1000 + seconds), NOW)).toBe(seconds * 1000)
      expect(parseReset(String(NOW + seconds * 1000), NOW)).toBe(seconds * 1000)
    }),
  )
})

test('whatever the headers of a response say, the wait is one', async () => {
  const header = value.filter((text) => !/[^\t\x20-\x7e\x80-\xff]/.test(text))
  const names = [
    'retry-after',
    'ratelimit-reset',
    'x-ratelimit-reset',
    'x-rate-limit-remaining',
    'ratelimit-remaining',
    'ratelimit',
    'date',
  ]
  const structured = fc
    .array(fc.constantFrom('limit=9', 'remaining=0', 'reset=7', '"a"', 'r=0', 'r=3', 't=60', ';', ',', ' ', '"', '='))
    .map((parts) => parts.join(''))
  const headers = fc
    .dictionary(fc.constantFrom(...names), fc.oneof(header, structured))
    .map((fields) => new Headers(fields))
  await fuzz(
    'rate-limit headers',
    6000,
    fc.property(headers, fc.constantFrom(200, 403, 429, 503), (given, status) => {
      const limited = isRateLimited(status, given, NOW)
      const none =
        /^0$/.test(given.get('ratelimit-remaining') ?? given.get('x-rate-limit-remaining') ?? '') ||
        /\br(emaining)?=0+\b.*\b(t|reset)=\d/.test(given.get('ratelimit') ?? '')
      const told = waitHint(given, false, NOW) !== undefined
      // A quote between the two is the name of another limit.
      if (!given.has('ratelimit')) expect(limited).toBe(status === 429 || (status === 403 && (none || told)))
      else if (limited) expect(status === 429 || none || told).toBe(true)
      const wait = waitHint(given, limited, NOW)
      expect(wait === undefined || (Number.isFinite(wait) && wait > 0)).toBe(true)
    }),
  )
})
