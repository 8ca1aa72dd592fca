import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCutJson, parseExact, scanJson } from '../../../src/http/json-text.ts'

const big = (digits: string) => ({ big: digits })

test('a text is parsed exactly as JSON.parse does, but for the integers that it would change', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 2), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), undefined, indent)
      expect(parseExact(spaced, Number)).toEqual(JSON.parse(spaced))
      expect(JSON.stringify(parseExact(spaced, Number))).toBe(JSON.stringify(JSON.parse(spaced)))
    }),
    { seed: 3, numRuns: 1000 },
  )
})

test('keys that are dangerous or repeated come out as JSON.parse has them', () => {
  const text = '{"__proto__":{"a":1},"constructor":2,"k":1,"2":0,"1":0,"k":3}'
  expect(JSON.stringify(parseExact(text, big))).toBe(JSON.stringify(JSON.parse(text)))
  expect(Object.keys(Object.prototype)).toEqual([])
})

test.each([
  ['9007199254740991', 9007199254740991],
  ['-9007199254740991', -9007199254740991],
  ['9007199254740992', big('9007199254740992')],
  ['9007199254740993', big('9007199254740993')],
  ['-9007199254740993', big('-9007199254740993')],
  ['10000000000000000000', big('10000000000000000000')],
  ['1e19', 1e19],
  ['1e2', 100],
  ['1.0', 1],
  ['9007199254740993.0', 9007199254740992],
  ['12345678901234567.5', 12345678901234568],
  ['1e400', Number.POSITIVE_INFINITY],
  ['-1e400', Number.NEGATIVE_INFINITY],
  ['-0', -0],
  ['"9007199254740993"', '9007199254740993'],
  ['[9007199254740993,{"a":9007199254740993}]', [big('9007199254740993'), { a: big('9007199254740993') }]],
])('the number %s', (text, value) => expect(parseExact(text, big)).toEqual(value))

test('what the scan calls harmless is what JSON.parse reads without loss', () => {
  const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,22})(\.\d{1,20})?([eE][+-]?\d{1,4})?$/)
  fc.assert(
    fc.property(digits, fc.boolean(), (number, inString) => {
      const text = inString ? `{"n":"${number}"}` : `[{"n":${number}}]`
      const exact = JSON.stringify(parseExact(text, big)) === JSON.stringify(JSON.parse(text))
      const finite = inString || Number.isFinite(Number(number))
      if (!scanJson(text).bigNumbers) expect([exact, finite]).toEqual([true, true])
      if (inString) expect(scanJson(text).bigNumbers).toBe(false)
    }),
    { seed: 4, numRuns: 5000 },
  )
})

test.each([
  ['{}', 1],
  ['[[["]"]]]', 3],
  ['"[[["', 0],
  ['{"a\\"[":[{"b\\\\":[]}]}', 4],
  ['[1,2,{"a":1}]', 2],
  [`${'['.repeat(1e6)}${']'.repeat(1e6)}`, 1e6],
])('depth of %.20s', (text, depth) => expect(scanJson(text).depth).toBe(depth))

test('doubles with a long fraction, as coordinates are, cost no second look', () => {
  expect(scanJson('[0.12345678901234567,1.7976931348623157,-122.4194155000000001]').bigNumbers).toBe(false)
  expect(scanJson('[1.5e300,1E+400,12345678901234567]').bigNumbers).toBe(true)
  expect(scanJson('[true,false,1e5,2E-7]').bigNumbers).toBe(false)
})

test('every prefix of a document was cut; nothing else was', () => {
  const text = '{"a":[1.5e+3,-0,true,null,"\\u00e9\\\\x\\"",{"b":{}}],"c": false}'
  for (let end = 0; end < text.length; end++) {
    expect(isCutJson(text.slice(0, end)), text.slice(0, end)).toBe(true)
    expect(isCutJson(`${text.slice(0, end)}\u0001`), `${text.slice(0, end)} and more`).toBe(inString(text, end))
  }
  expect(isCutJson(text)).toBe(false)
})

/** Whether the text is open within a string at this point: the rest may still come. */
function inString(text: string, end: number): boolean {
  return (text.slice(0, end).match(/(?<!\\)(?:\\\\)*"/g)?.length ?? 0) % 2 === 1
}

test.each(['{broken', '[1,]', '{"a" 1', '[1 2', 'tru e', '01', '<html>', '{"a":undefined', "{'a'", '[}', '{"a":1}x'])(
  '%s is no JSON that was cut',
  (text) => expect(isCutJson(text)).toBe(false),
)

test('a text that nests a million deep is refused without overflowing the stack', () => {
  expect(isCutJson('['.repeat(1e6))).toBe(false)
  expect(isCutJson('{"a":'.repeat(1e6))).toBe(false)
})
