import { expect, test } from 'vitest'
import { count, cut, duration, pad, plural, printable, printableJson, width } from '../../../src/cli/text.ts'

test.each([
  ['plain text stays', 'Grüße, 山田 🎉', 'Grüße, 山田 🎉'],
  ['line ends and tabs', 'a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['an escape sequence', '\u001b[31mred\u0007', '\\u001b[31mred\\u0007'],
  ['a C1 control', '\u009b2J', '\\u009b2J'],
  ['turned direction', '\u202egnp.exe', '\\u202egnp.exe'],
])('printable: %s', (_, text, expected) => {
  expect(printable(text)).toBe(expected)
})

test('printable JSON is still the same JSON', () => {
  const value = { text: 'a\u009b\u202e\u0000\n', list: [1, { deep: null }] }
  const printed = printableJson(value, 2)
  expect(JSON.parse(printed)).toEqual(value)
  expect(printed).not.toMatch(/[\u0080-\u009f\u202e]/)
  expect(printed.split('\n').length).toBeGreaterThan(3)
})

test.each([
  ['abc', 3],
  ['山田', 4],
  ['e\u0301', 1],
  ['🎉', 2],
])('width of %s', (text, expected) => {
  expect(width(text)).toBe(expected)
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['山田太郎', 5, '山田…'],
  ['山田太郎', 4, '山…'],
])('cut %s to %i', (text, columns, expected) => {
  expect(cut(text, columns)).toBe(expected)
})

test('pads by width, not by length', () => {
  expect([pad('山', 4), pad('7', 3, 'right'), pad('long', 2)]).toEqual(['山  ', '  7', 'long'])
})

test('numbers as people write them', () => {
  expect([count(25_000), plural(1, 'row'), plural(2_000, 'row')]).toEqual(['25,000', '1 row', '2,000 rows'])
  expect([duration(0.4), duration(850), duration(2_345)]).toEqual(['0 ms', '850 ms', '2.3 s'])
})
