import fc from 'fast-check'
import { jsonpath as p3 } from 'json-p3'
import { expect, test } from 'vitest'
import { isSynclineError } from '../../../src/errors.ts'
import { accessTo, namedOrigin, originRules, parseUrl } from '../../../src/http/origin.ts'
import { encodePairs, joinUrl, withoutParams, withQuery } from '../../../src/http/url.ts'
import type { JsonValue } from '../../../src/json.ts'
import { renderPath } from '../../../src/render-template.ts'
import { compilePath, firstMatch } from '../../../src/select/path.ts'
import { parseTemplate } from '../../../src/template.ts'
import { fuzz, printFigures } from '../../support/fuzz.ts'

printFigures()

/** Runs, and takes one of our refusals for an answer; anything else that is thrown is a crash. */
function orRefusal<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (isSynclineError(error)) return undefined
    throw error
  }
}

// Selectors

const key = fc.constantFrom('a', 'b', 'c-d', 'e.f', "it's", '"', '__proto__', 'é', '', '0')
const tree = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom<JsonValue>(null, true, 0, 'a', ''),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).tree

type Step = { readonly deep: boolean; readonly pick: string | number | '*' | { readonly key: string } }
const step: fc.Arbitrary<Step> = fc.record({
  deep: fc.boolean(),
  pick: fc.oneof(
    key.map((name) => ({ key: name })),
    fc.integer({ min: -4, max: 4 }),
    fc.constant<'*'>('*'),
  ),
})
const steps = fc.array(step, { maxLength: 4 })

/** As RFC 9535 writes it. */
function write(all: readonly Step[]): string {
  return `$${all
    .map(({ deep, pick }) => `${deep ? '..' : ''}[${typeof pick === 'object' ? JSON.stringify(pick.key) : pick}]`)
    .join('')}`
}

test('a selector of the core finds what RFC 9535 says, each place once', async () => {
  await fuzz(
    'selectors, against json-p3',
    10_000,
    fc.property(steps, tree, (all, value) => {
      const path = write(all)
      const found = compilePath(path)(value)
      const nodes = Array.from(p3.compile(path).lazyQuery(value as never)) as {
        value: JsonValue
        getPath?: unknown
        location: unknown[]
      }[]
      const places = new Map(nodes.map((node) => [JSON.stringify(node.location), node.value]))
      const texts = (values: Iterable<JsonValue>) => [...values].map((each) => JSON.stringify(each)).sort()
      expect(texts(found), path).toEqual(texts(places.values()))
      expect(firstMatch(path)(value)).toEqual(found[0])
    }),
  )
})

test('any text is a selector or refused, with a position within it', async () => {
  const sign = fc.constantFrom(
    ...`$.[]*'"\\-01aé ?()@,:\n\u2028`.split(''),
    '..',
    "['a']",
    '[0]',
    '[*]',
    '\\u0061',
    '\ud800',
  )
  const text = fc.oneof(
    fc.array(sign, { maxLength: 25 }).map((signs) => signs.join('')),
    fc.string(),
  )
  await fuzz(
    'selectors, any text',
    15_000,
    fc.property(text, tree, (path, value) => {
      try {
        expect(compilePath(path)(value)).toBeInstanceOf(Array)
      } catch (error) {
        if (!isSynclineError(error, 'selector_invalid')) throw error
        const at = Number(/position (\d+)/.exec(error.what)?.[1])
        expect(at >= 1 && at <= path.length + 1, `${path}: ${at}`).toBe(true)
      }
    }),
  )
})

// Templates and URLs

const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))
const awkward = fc.constantFrom(
  '.',
  '..',
  '/',
  '%',
  '%2e',
  '%2F',
  '\\',
  '?',
  '#',
  ':',
  '@',
  '//',
  '\t',
  '\n',
  '\0',
  ' ',
  '{',
  '}',
  '{a}',
)
const filling: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.string({ unit, maxLength: 10 }),
  fc.array(fc.oneof(awkward, fc.string({ maxLength: 3 })), { maxLength: 5 }).map((parts) => parts.join('')),
  fc.webUrl(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
)
const literal = fc.stringMatching(/^[a-z0-9_.~-]{0,4}$/).filter((text) => !/^\.{1,2}$/.test(text))
const part = fc.oneof(literal, fc.constant('{value}'))
/** A segment of literals and placeholders, at least one of them. */
const segment = fc.tuple(literal, fc.constantFrom('{value}', '{other}', 'x'), literal).map((parts) => parts.join(''))
const BASE = 'https://api.example.com/v1'

test('a filled path has the segments of its template, and each gives its values back', async () => {
  await fuzz(
    'templates, round trip',
    15_000,
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), filling, filling, (segments, value, other) => {
      const lookup = (name: string) => (name === 'value' ? value : other)
      const path = orRefusal(() => renderPath(segments.join('/'), lookup))
      if (path === undefined) return
      const { origin, pathname, search, hash } = new URL(joinUrl(BASE, path))
      expect([origin, search, hash]).toEqual(['https://api.example.com', '', ''])
      const filled = segments.map((each) =>
        each.replace('{value}', () => String(value)).replace('{other}', () => String(other)),
      )
      expect(pathname.split('/').slice(2).map(decodeURIComponent)).toEqual(filled)
    }),
  )
})

test('whatever stands in a template and whatever fills it: the request stays at an origin that the config names', async () => {
  const text = fc
    .array(fc.oneof(part, awkward, fc.constantFrom('https:', 'http://', 'evil.example', '{value}', '{other}')), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''))
  const rules = originRules({
    baseUrl: BASE,
    allowedOrigins: [{ origin: 'https://cdn.example.net', credentials: false }],
  })
  await fuzz(
    'templates, hosts',
    20_000,
    fc.property(text, filling, filling, (template, value, other) => {
      const lookup = (name: string) => (name === 'value' ? value : other)
      const path = orRefusal(() => renderPath(template, lookup))
      const named = orRefusal(() => namedOrigin(template))
      const url = path === undefined ? undefined : orRefusal(() => parseUrl(joinUrl(BASE, path), {}))
      if (url === undefined || orRefusal(() => accessTo(url, rules, named, {})) === undefined) return
      // What the config itself says is a host of it; what fills it never changes that.
      expect(['https://api.example.com', 'https://cdn.example.net', named]).toContain(url.origin)
      const harmless = orRefusal(() =>
        parseUrl(
          joinUrl(
            BASE,
            renderPath(template, () => 'x'),
          ),
          {},
        ),
      )
      if (harmless !== undefined) expect(url.origin).toBe(harmless.origin)
    }),
  )
})

test('any text is a template or refused; its parts make the text again', async () => {
  const brace = fc.constantFrom(
    '{',
    '}',
    '{{',
    '}}',
    '{a}',
    '{resources.a.b}',
    '{incremental.start_value}',
    'resources.',
    '[',
    "'",
    ' ',
  )
  await fuzz(
    'templates, any text',
    15_000,
    fc.property(fc.array(fc.oneof(brace, fc.string({ maxLength: 3 })), { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      const parsed = orRefusal(() => parseTemplate(text))
      const again = parsed?.map((each) =>
        typeof each === 'string' ? each.replace(/[{}]/g, '$&$&') : `{${each.expression}}`,
      )
      if (again !== undefined) expect(again.join('')).toBe(text)
    }),
  )
})

const word = fc.string({ unit: 'grapheme', maxLength: 6 })
const scalar = fc.oneof(word, fc.integer(), fc.boolean())
const params = fc.dictionary(word, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constant(null)), {
  maxKeys: 4,
})

test('parameters come out of a URL as they went in, after those that it had', async () => {
  const query = fc.constantFrom('', '?', '?a=1', '?a=1&', '?a=%20b&&c', '?x#f', '#f?g')
  await fuzz(
    'URLs',
    10_000,
    fc.property(params, query, (given, before) => {
      const url = new URL(withQuery(`${BASE}/x${before}`, encodePairs(given)))
      const sent = Object.entries(given).flatMap(([name, each]) =>
        each === null ? [] : [each].flat().map((one): [string, string] => [name, String(one)]),
      )
      expect(url.hash).toBe('')
      expect([...url.searchParams]).toEqual([...new URL(`${BASE}/x${before}`).searchParams, ...sent])
    }),
  )
})

test('without its secrets a URL has the other parameters, as they were written', async () => {
  const pair = fc.tuple(fc.oneof(fc.constant('key'), word), fc.oneof(fc.constant('the-secret'), word))
  await fuzz(
    'URLs without secrets',
    6000,
    fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
      const url = `${BASE}/x?${new URLSearchParams(pairs)}`
      const kept = new URL(withoutParams(url, ['key'], new Set(['the-secret']))).searchParams
      expect([...kept]).toEqual(pairs.filter(([name, each]) => name !== 'key' && each !== 'the-secret'))
    }),
  )
})

test('a base and a path meet in one slash', async () => {
  const slashes = fc.constantFrom('', '/', '//', '///')
  await fuzz(
    'joined URLs',
    3000,
    fc.property(slashes, slashes, fc.stringMatching(/^[a-z][a-z0-9/?=&.-]{0,8}$/), (end, start, path) => {
      if (/^https?:/.test(path)) return
      expect(joinUrl(BASE + end, start + path)).toBe(`${BASE}/${path}`)
    }),
  )
})
