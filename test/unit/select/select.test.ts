import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from '../../../src/json.ts'
import { findRecordsPath } from '../../../src/select/auto.ts'
import { compilePath } from '../../../src/select/path.ts'
import { selectorOf } from '../../../src/select/select.ts'

/** Any UTF-16 code unit, lone surrogates included. */
const codeUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))

const one = [{ id: 1 }]
const both = [{ id: 1 }, { id: 2 }]

const selected: [selector: string, body: JsonValue, records: JsonValue[] | undefined][] = [
  ['$', one, one],
  ['$', { id: 1 }, one],
  ['$', null, []],
  ['data', { data: both }, both],
  ['data', { data: [] }, []],
  ['data', { data: null }, []],
  ['data', { data: { id: 1 } }, one],
  ['data', { data: 'text' }, ['text']],
  ['data', { rows: both }, undefined],
  ['data', [], undefined],
  ['data', 'an error page', undefined],
  ['data.items', { data: {} }, undefined],
  ['data.items', { data: null }, undefined],
  // One match is the list itself, several are the records.
  ['data[*]', { data: both }, both],
  ['data[*]', { data: one }, one],
  ['data[*].item', { data: [{ item: { id: 1 } }, { item: { id: 2 } }] }, both],
  ['data[*].items', { data: [{ items: both }] }, both],
  ['data[*].items', { data: [{ items: one }, { items: one }] }, [one, one]],
  // No records where the place is there and empty; not what was expected where it is not.
  ['data[*].item', { data: [] }, []],
  ['data[*].item', { data: null }, []],
  ['data[*].item', {}, undefined],
  ['data[*].item', { data: [{ other: 1 }] }, undefined],
  ['data[*].items[*]', { data: [{ items: [] }, { items: [] }] }, []],
  ['data[*].items[*]', { data: [{ items: [] }, { items: both }] }, both],
  ['map.*', { map: {} }, []],
  ['data[0].rows', { data: [{ rows: both }] }, both],
  ['data[0].rows', { data: [] }, undefined],
  ['$..leaf', { a: { leaf: { id: 1 } }, b: { leaf: { id: 2 } } }, both],
  ['$..leaf', { a: {} }, undefined],
]

test.each(selected)('%s of %j', (selector, body, records) => {
  expect(selectorOf(selector)(body)).toEqual(records)
})

test('a function may give a list, one record, null or nothing', () => {
  const of = (result: JsonValue | undefined) => selectorOf(() => result)({})
  expect([of(both), of({ id: 1 }), of(null), of(undefined)]).toEqual([both, one, [], undefined])
  expect(selectorOf((body) => body)(both)).toBe(both)
})

test('a selector with a mistake is refused when it is made', () => {
  expect(() => selectorOf('data[')).toThrowError(expect.objectContaining({ code: 'selector_invalid' }))
})

const detected: [body: JsonValue, path: string][] = [
  [both, '$'],
  [{ id: 7, name: 'x' }, '$'],
  ['text', '$'],
  [{ rows: both }, 'rows'],
  [{ data: both, total: 2 }, 'data'],
  [{ errors: [], data: both }, 'data'],
  [{ _embedded: { items: both }, _links: { self: { href: '/' } } }, '_embedded.items'],
  [{ a: { b: { c: both } } }, 'a.b.c'],
  [{ a: { b: { c: { d: both } } } }, '$'],
  [{ things: both, data: one }, 'data'],
  [{ things: both, others: both }, 'things'],
  // What has something in it goes first …
  [{ warnings: [], things: both }, 'things'],
  [{ data: [], customers: both }, 'customers'],
  [{ a: [], b: [] }, 'a'],
  [{ things: [], data: [] }, 'data'],
  // … but not what only accompanies the records.
  [{ data: [], errors: [{ code: 1 }] }, 'data'],
  [{ data: [], included: both }, 'data'],
  // Records are objects.
  [{ columns: ['id'], customers: both }, 'customers'],
  [{ values: ['x'], customers: both }, 'customers'],
  [{ data: [], columns: ['id'] }, 'data'],
  // Names that need quotes.
  [{ 'a.b': both }, '["a.b"]'],
  [{ v1: { 'odata "value"': both } }, 'v1["odata \\"value\\""]'],
]

test.each(detected)('the records of %j', (body, path) => {
  expect(findRecordsPath(body)).toBe(path)
})

test('what is detected can be selected, whatever the keys are', () => {
  const key = fc.oneof(
    fc.string({ unit: codeUnit, maxLength: 8 }),
    fc.constantFrom('data', '__proto__', 'a.b', '$', '*'),
  )
  const bodies = fc.dictionary(key, fc.oneof(fc.dictionary(key, fc.constant(both)), fc.constant(both)), { maxKeys: 3 })
  fc.assert(
    fc.property(bodies, (body: JsonValue) => {
      const path = findRecordsPath(body)
      expect(path === '$' ? [both] : compilePath(path)(body)).toEqual([both])
    }),
    { seed: 3, numRuns: 2000 },
  )
})
