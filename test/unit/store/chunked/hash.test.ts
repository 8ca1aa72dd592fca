import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from '../../../../src/json.ts'
import { checksum, Hasher } from '../../../../src/store/chunked/hash.ts'

const hashOf = (value: JsonValue, seed: [number, number] = [1, 2]) => {
  const { high, low } = new Hasher(seed).value(value)
  return `${high}:${low}`
}

test('values that differ a little have hashes that differ in both words', () => {
  const hasher = new Hasher([1, 2])
  const high = new Set<number>()
  const low = new Set<number>()
  const count = 100_000
  for (let i = 0; i < count; i++) {
    hasher.value({ id: `c_${i}`, n: i % 10, flag: i % 2 === 0, list: [i >> 4, null] })
    high.add(hasher.high)
    low.add(hasher.low)
  }
  // Of random words, one or two pairs in 100,000 are equal.
  expect(count - high.size).toBeLessThan(12)
  expect(count - low.size).toBeLessThan(12)
})

test('the order of fields does not count, at any depth', () => {
  const reversed = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, each]) => [key, reversed(each)]),
    )
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as JsonValue
      expect(hashOf(reversed(plain))).toBe(hashOf(plain))
    }),
  )
})

test('different values have different hashes', () => {
  const canonical = (value: JsonValue): string => {
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    return `{${Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`)
      .sort()
      .join()}}`
  }
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [x, y] = [a, b].map((value) => JSON.parse(JSON.stringify(value)) as JsonValue) as [JsonValue, JsonValue]
      expect(hashOf(x) === hashOf(y)).toBe(canonical(x) === canonical(y))
    }),
    { numRuns: 3000 },
  )
})

test('the seed decides', () => {
  expect(hashOf({ a: 1 }, [1, 2])).not.toBe(hashOf({ a: 1 }, [1, 3]))
  expect(hashOf({ a: 1 }, [1, 2])).not.toBe(hashOf({ a: 1 }, [2, 2]))
})

test('a checksum tells every single changed, lost or added character', () => {
  const text = 'Grüße, 世界 😀 0123456789'
  const sums = new Set([checksum(text), checksum(`${text} `), checksum(`${text}\0`)])
  for (let i = 0; i < text.length; i++) sums.add(checksum(text.slice(0, i)))
  for (let i = 12; i < text.length; i++) sums.add(checksum(`${text.slice(0, i)}x${text.slice(i + 1)}`))
  expect(sums.size).toBe(3 + text.length + text.length - 12)
})
