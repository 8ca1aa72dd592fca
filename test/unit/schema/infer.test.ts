import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/json.ts'
import { describeTable } from '../../../src/schema/describe.ts'
import { Inference } from '../../../src/schema/infer.ts'

function infer(...pages: JsonObject[][]): ReturnType<typeof describeTable>['columns'] {
  const inference = new Inference(undefined)
  for (const page of pages) inference.add(page)
  return describeTable(inference.toJSON(), ['id']).columns
}

describe('types of a column', () => {
  test.each<[string, JsonObject[string][], string | string[], boolean]>([
    ['integers', [1, 2], 'integer', false],
    ['2.0 is an integer in JSON', [2.0], 'integer', false],
    ['integers widen to numbers', [1, 2.5], 'number', false],
    ['booleans', [true], 'boolean', false],
    ['only nulls', [null], 'null', true],
    ['null makes nullable', ['x', null], 'string', true],
    ['instants', ['2024-01-01T00:00:00Z', '2024-01-01 10:00:00.123+02:00'], 'timestamp', false],
    ['dates', ['2024-01-31'], 'date', false],
    ['dates widen to timestamps', ['2024-01-31', '2024-01-31T00:00:00Z'], 'timestamp', false],
    ['times widen to text', ['2024-01-31', 'tomorrow'], 'string', false],
    ['what only looks like a date is text', ['2024-99-99', '1234-5678'], 'string', false],
    ['objects and arrays', [{ a: 1 }], 'object', false],
    ['arrays', [[1]], 'array', false],
    ['what does not widen stands side by side', [1, 'x', { a: 1 }], ['integer', 'string', 'object'], false],
  ])('%s', (_, values, type, nullable) => {
    expect(infer(values.map((v) => ({ v }))).v).toEqual({ type, nullable })
  })
})

test('a field that a row lacks is nullable, wherever the row stands', () => {
  expect(infer([{ id: 1, a: 1 }, { id: 2 }]).a).toEqual({ type: 'integer', nullable: true })
  expect(infer([{ id: 2 }], [{ id: 1, a: 1 }]).a).toEqual({ type: 'integer', nullable: true })
})

test('a key is never nullable and is marked', () => {
  expect(infer([{ id: 1 }]).id).toEqual({ type: 'integer', nullable: false, primaryKey: true })
})

test('goes on from what was stored, and tells what is new', () => {
  const first = new Inference(undefined)
  expect(first.add([{ id: 1, a: 1 }])).toEqual(['id', 'a'])
  expect(first.add([{ id: 2, a: 3 }])).toEqual([])
  const stored = JSON.parse(JSON.stringify(first))
  const second = new Inference(stored)
  expect(second.add([{ id: 3, a: 1.5, b: null }])).toEqual(['a', 'b'])
  expect(describeTable(second.toJSON(), []).columns).toEqual({
    id: { type: 'integer', nullable: false },
    a: { type: 'number', nullable: false },
    b: { type: 'null', nullable: true },
  })
  // What was stored is not changed by going on from it.
  expect(stored).toEqual(JSON.parse(JSON.stringify(first)))
})

test('hostile field names are columns like others', () => {
  const row = JSON.parse('{"__proto__": 1, "constructor": "x", "toString": null}') as JsonObject
  expect(Object.keys(infer([row]))).toEqual(['__proto__', 'constructor', 'toString'])
})

test('the order of pages and rows does not matter', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.constantFrom('x', '2024-01-31', '2024-01-31T00:00:00Z'),
    fc.constant([]),
    fc.constant({}),
  )
  const row = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value as fc.Arbitrary<JsonObject[string]>)
  const pages = fc.array(fc.array(row, { maxLength: 4 }), { maxLength: 4 })
  fc.assert(
    fc.property(pages, fc.integer(), (some, seed) => {
      const shuffled = [...some.flat()].sort((a, b) => (JSON.stringify(a) + seed < JSON.stringify(b) + seed ? 1 : -1))
      expect(infer(shuffled)).toEqual(infer(...some))
    }),
    { seed: 20261125, numRuns: 500 },
  )
})
