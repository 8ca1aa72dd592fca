import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSynclineError } from '../../../src/errors.ts'
import type { JsonValue } from '../../../src/json.ts'
import { compilePath, firstMatch } from '../../../src/select/path.ts'
import { fastest } from '../fastest.ts'

/** Any UTF-16 code unit, lone surrogates included. */
const codeUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))

const body: JsonValue = {
  data: [{ id: 1, tags: ['a', 'b'] }, { id: 2 }, { id: null, child: { id: 3 } }],
  'many-results': [4],
  'a.b': { "it's": 5, '"': 6, 'x\\y': 7, 'é\n': 8, '': 9 },
  map: { x: { n: 1 }, y: { n: 2 } },
  $: 10,
  '2024': 11,
  größe: 12,
  empty: [],
}

const found: [path: string, matches: JsonValue[]][] = [
  ['$', [body]],
  ['$.map.x.n', [1]],
  ['map.x.n', [1]],
  ['many-results', [[4]]],
  ['$.many-results[0]', [4]],
  ["['a.b']['it\\'s']", [5]],
  ['["a.b"]["\\""]', [6]],
  ['"a.b"."x\\\\y"', [7]],
  ["$['a.b'].'\\u00e9\\n'", [8]],
  ["['a.b']['']", [9]],
  ["$['$']", [10]],
  ['2024', [11]],
  ['größe', [12]],
  ['data[0].id', [1]],
  ['data[ 1 ].id', [2]],
  ['data[-1].child.id', [3]],
  ['data[-9]', []],
  ['data[3]', []],
  ['data[*].id', [1, 2, null]],
  ['data.[*].id', [1, 2, null]],
  ['data.*.id', [1, 2, null]],
  ['map.*.n', [1, 2]],
  ['map[*].n', [1, 2]],
  ['data[*].tags[*]', ['a', 'b']],
  ['$..id', [1, 2, null, 3]],
  ['..n', [1, 2]],
  ["..['n']", [1, 2]],
  ['data..[0]', [{ id: 1, tags: ['a', 'b'] }, 'a']],
  ['map..*', [{ n: 1 }, { n: 2 }, 1, 2]],
  ['$..data..id', [1, 2, null, 3]],
  ['empty[*]', []],
  // A key never matches in a list or in text, a place never in an object.
  ['data.length', []],
  ['data.0', []],
  ["['many-results']['0']", []],
  ['map[0]', []],
  ['data[0].tags[0].length', []],
  // Nothing inherited.
  ['constructor', []],
  ['__proto__', []],
  ['data.map', []],
  ['..toString', []],
]

test.each(found)('what %s finds', (path, matches) => {
  expect(compilePath(path)(body)).toEqual(matches)
  expect(firstMatch(path)(body)).toEqual(matches[0])
})

test('an own key may have any name', () => {
  const own = JSON.parse('{ "__proto__": { "constructor": 1 } }') as JsonValue
  expect(compilePath('__proto__.constructor')(own)).toEqual([1])
})

test('the first match in no value is none', () => {
  expect(firstMatch('a')(undefined)).toBeUndefined()
  expect(firstMatch('..a')(undefined)).toBeUndefined()
})

const refused: [path: string, position: number][] = [
  ['', 1],
  [' ', 1],
  ['.a', 1],
  ['a.', 2],
  ['a..', 2],
  ['a...b', 2],
  ['a b', 2],
  ['a[', 2],
  ['a[]', 2],
  ['a[b]', 2],
  ['a[1', 2],
  ['a[1.5]', 2],
  ['a[01]', 2],
  ['a[-0]', 2],
  ['a[0:2]', 2],
  ["a['b','c']", 2],
  ['a[?(@.b)]', 2],
  ["a['b", 2],
  ["['\\q']", 1],
  ['$$', 1],
  ['$a', 1],
  ['@odata.nextLink', 1],
  ['a.@type', 2],
  ['a`this`', 2],
  ['a"b"', 2],
  ['a*', 2],
  ['length()', 7],
  ['$[(@.length-1)]', 2],
  // Known attacks on evaluators of JSONPath.
  ["$[?(var _$_root=[].constructor.constructor('return process')())]", 2],
  ["$..[?(''.sub.constructor('return this')())]", 2],
  ['$[?(@.constructor.constructor("throw 1")())]', 2],
]

test.each(refused)('%j is refused at position %i', (path, position) => {
  expect(() => compilePath(path)).toThrowError(
    expect.objectContaining({
      code: 'selector_invalid',
      what: `the selector ${path} cannot be read at position ${position}`,
    }),
  )
})

test('any text is read or refused, in linear time', () => {
  const sign = fc.constantFrom(
    '$',
    '.',
    '..',
    '[',
    ']',
    '*',
    "'",
    '"',
    '\\',
    '-',
    '0',
    'a',
    'é',
    ' ',
    '?',
    '(',
    '\u2028',
    '\ud800',
  )
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 60 }), (signs) => {
      try {
        expect(compilePath(signs.join(''))(body)).toBeInstanceOf(Array)
      } catch (error) {
        if (!isSynclineError(error, 'selector_invalid')) throw error
      }
    }),
    { seed: 1, numRuns: 3000 },
  )
  for (const part of ['a', '.', '[', '"', "'", '\\', '[ ', "['a']", '.a', '..a', '[0]', '..*', '[*]', '$', '\\"']) {
    const path = `"${part}`.slice(1).repeat(16_384 / part.length)
    for (const text of [path, `"${path}`, path.slice(0, 4096 - (4096 % part.length)).replace(/^\./, '')]) {
      expect(
        fastest(() => compilePath(text)(body)),
        part,
      ).toBeLessThan(50)
    }
  }
})

test('every key can be named in quotes', () => {
  fc.assert(
    fc.property(fc.string({ unit: codeUnit, maxLength: 20 }), (key) => {
      expect(compilePath(`$[${JSON.stringify(key)}]`)(Object.fromEntries([[key, 1]]))).toEqual([1])
    }),
    { seed: 2, numRuns: 1000 },
  )
})

test('several descents into a deep value cost no more than the value', () => {
  let deep: JsonValue = { a: 1 }
  for (let i = 0; i < 20_000; i++) deep = { a: deep, b: [] }
  const find = compilePath('..a..a..a..a')
  expect(find(deep)).toHaveLength(19_998)
  expect(fastest(() => find(deep))).toBeLessThan(500)
})
