import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys, decodeKey, encodeKey, type Key } from '../../../src/store/key.ts'

const text = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', '}', '~', '\ud7ff', '\ud800', '\udfff', '\ue000', 'a') }),
)
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()).map((n) => n + 0)
const scalar = fc.oneof(text, number)
const key: fc.Arbitrary<Key> = fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 4 }))

/** The order as the contract says it, written without the encoding. */
function order(a: Key, b: Key): number {
  const rank = (k: unknown) => (typeof k === 'number' ? 0 : typeof k === 'string' ? 1 : 2)
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'object' && typeof b === 'object') {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const [x, y] = [a[i] ?? 0, b[i] ?? 0]
      if (order(x, y) !== 0) return order(x, y)
    }
    return a.length - b.length
  }
  return a < b ? -1 : a > b ? 1 : 0
}

test('an encoded key decodes to the same key', () => {
  fc.assert(
    fc.property(key, (k) => void expect(decodeKey(encodeKey(k))).toEqual(k)),
    { numRuns: 2000 },
  )
})

test('encoded keys sort as the keys do, by code unit and by UTF-8 byte', () => {
  const bytes = (k: Key) => new TextEncoder().encode(encodeKey(k))
  fc.assert(
    fc.property(key, key, (a, b) => {
      const expected = Math.sign(order(a, b))
      expect(Math.sign(compareKeys(a, b))).toBe(expected)
      expect(Buffer.compare(bytes(a), bytes(b))).toBe(expected)
    }),
    { numRuns: 5000 },
  )
})

test('no encoded key holds NUL or a surrogate, so every store keeps it as it is', () => {
  fc.assert(
    fc.property(key, (k) => void expect(encodeKey(k)).not.toMatch(/[\0\ud800-\udfff]/)),
    { numRuns: 2000 },
  )
})

test('1 and "1" are two keys; 0 and -0 are one', () => {
  expect(compareKeys(1, '1')).toBeLessThan(0)
  expect(encodeKey(-0)).toBe(encodeKey(0))
})

test.each([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['an empty array', []],
  ['a nested array', [['a']]],
  ['null', null],
  ['undefined', undefined],
  ['a boolean', true],
  ['an object', { id: 1 }],
  ['an array with a hole', [1, null]],
])('%s is refused', (_, value) => {
  expect(() => encodeKey(value as Key)).toThrow(expect.objectContaining({ code: 'key_invalid' }))
})
