import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeText, isFault, parseJson } from '../../../src/http/body.ts'
import { isCutJson, parseExact, scanJson } from '../../../src/http/json-text.ts'
import { countedText, fuzz, printFigures } from '../../support/fuzz.ts'

printFigures()

const document = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' })
const indent = fc.constantFrom(undefined, 1, '\t')
const written = fc.tuple(document, indent).map(([value, space]) => JSON.stringify(value, undefined, space))
const nested = fc.oneof(fc.array(document, { maxLength: 4 }), fc.dictionary(fc.string(), document, { maxKeys: 4 }))

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function parsedExactly(text: string): { value: unknown } | undefined {
  try {
    return { value: parseExact(text, Number) }
  } catch {
    return undefined
  }
}

/** Depth as a parser counts it. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

test('valid JSON: the exact parser and the scan say what JSON.parse does', async () => {
  await fuzz(
    'valid JSON',
    6000,
    fc.property(written, (text) => {
      const value = JSON.parse(text)
      expect(JSON.stringify(parseExact(text, Number))).toBe(JSON.stringify(value))
      expect(scanJson(text).depth).toBe(depthOf(value))
    }),
  )
})

test('each strict prefix of a document was cut', async () => {
  await fuzz(
    'cut JSON',
    3000,
    fc.property(nested, indent, fc.nat(), (value, space, at) => {
      const text = JSON.stringify(value, undefined, space)
      const prefix = text.slice(0, at % text.length)
      expect(isCutJson(prefix), prefix).toBe(true)
      expect(isCutJson(text)).toBe(false)
    }),
  )
})

test('a text that was changed anywhere: both parsers take it, or neither', async () => {
  const sign = fc.constantFrom(...'{}[]",:\\/ \t\n\r\u0000\u0001\u2028\u00a00123456789-+.eEtrufalsn\'é\ud800'.split(''))
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), sign), { minLength: 1, maxLength: 3 })
  await fuzz(
    'changed JSON',
    20_000,
    fc.property(written, changes, (text, edits) => {
      const changed = edits.reduce((whole, [at, removed, put]) => {
        const place = at % (whole.length + 1)
        return whole.slice(0, place) + put + whole.slice(place + removed)
      }, text)
      const [native, exact] = [parsed(changed), parsedExactly(changed)]
      expect(JSON.stringify(exact), changed).toBe(JSON.stringify(native))
      if (native) expect(isCutJson(changed), changed).toBe(false)
    }),
  )
})

test('any bytes: a value as the platform reads it, or a fault that quotes nothing', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    written.map((text) => new TextEncoder().encode(text)),
    fc.tuple(written, fc.uint8Array({ maxLength: 3 }), fc.nat()).map(([text, noise, at]) => {
      const whole = [...new TextEncoder().encode(text)]
      return Uint8Array.from([
        ...whole.slice(0, at % (whole.length + 1)),
        ...noise,
        ...whole.slice(at % (whole.length + 1)),
      ])
    }),
  )
  const charset = fc.constantFrom(
    null,
    'application/json',
    'application/json; charset=utf-8',
    'text/plain; charset="latin1"',
  )
  await fuzz(
    'bytes',
    20_000,
    fc.property(bytes, charset, (body, type) => {
      const text = decodeText(body, type)
      const read = isFault(text) ? text : parseJson(text, type, 'string')
      const decoder = new TextDecoder(type?.includes('latin1') ? 'latin1' : 'utf-8', { fatal: true })
      let native: { value: unknown } | undefined
      try {
        native = parsed(decoder.decode(body))
      } catch {}
      if (isFault(read)) {
        expect(native).toBeUndefined()
        expect(read.what + read.hint).toMatch(/^[\w\s.,:;?'()/-]+$/)
      } else expect(native).toBeDefined()
    }),
  )
})

test('the scan looks at each sign a few times at most, whatever the text', async () => {
  const part = fc.constantFrom('\\', '\\\\', '"', '\\"', '[', '{', '0', '1e9', ' ', ',', 'a', '"a"', '""')
  const hostile = fc.tuple(fc.array(part, { maxLength: 6 }), fc.integer({ min: 1, max: 400 }))
  await fuzz(
    'hostile JSON, by steps',
    2000,
    fc.property(hostile, ([parts, times]) => {
      const source = parts.join('').repeat(times)
      const { text, steps } = countedText(source)
      scanJson(text)
      expect(steps(), source.slice(0, 50)).toBeLessThanOrEqual(4 * source.length + 4)
    }),
  )
})
