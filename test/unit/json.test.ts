import { expect, test } from 'vitest'
import { isJson } from '../../src/json.ts'

const nested = (levels: number) => JSON.parse('['.repeat(levels) + 1 + ']'.repeat(levels))
const circle: unknown[] = []
circle.push(circle)

test.each([
  [null],
  [[]],
  ['\ud800'],
  [[{ a: [1.5, true, null] }]],
  [Object.assign(Object.create(null), { a: 1 })],
  [Object.assign([1], { columns: ['a'] })],
  [JSON.parse('{ "__proto__": 1, "constructor": 2 }')],
  [nested(512)],
])('JSON: %j', (value) => {
  expect(isJson(value)).toBe(true)
})

test.each([
  ['undefined', { a: undefined }],
  ['holes', new Array(3)],
  ['NaN', [Number.NaN]],
  ['an infinity', -Infinity],
  ['a bigint', { a: 1n }],
  ['a date', new Date(0)],
  ['a map', new Map()],
  ['an instance', new (class Row {})()],
  ['a boxed string', Object('a')],
  ['a function', [() => 1]],
  ['a symbol', Symbol('a')],
  ['too many levels', nested(513)],
  ['a circle', circle],
])('not JSON: %s', (_, value) => {
  expect(isJson(value)).toBe(false)
})

test('which numbers count can be said', () => {
  expect(isJson([1n, Infinity, 'a'], () => true)).toBe(true)
  expect(isJson([1n, new Date(0)], () => true)).toBe(false)
})
