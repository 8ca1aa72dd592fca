import { SynclineError } from '../errors.ts'

/** A record's identity: `1` and `'1'` are two keys. Composite keys are arrays. */
export type Key = string | number | readonly (string | number)[]

// An encoded key is a string without NUL and without surrogates, so its order by UTF-16 code units and by UTF-8 bytes is
// one and the same in every store. Numbers sort before strings, strings before composite keys.
//
//   number     'n' + the 16 hex digits of the IEEE double, bits flipped so that they ascend with the value
//   string     's' + text, where U+0000, U+0001, U+D7FF and surrogates are escaped in a way that keeps the order
//   composite  't' + each part, followed by U+0001: lower than any character, so that a prefix sorts first

const END = '\u0001'
const NUL_ESCAPE = '\u0001}' // greater than END and the next part's tag, lower than the next escape
const ONE_ESCAPE = '\u0001~'
const HIGH = '\ud7ff' // the last character before the surrogates; what follows keeps them in order
const SPECIAL = new RegExp(`[\0${END}${HIGH}-\udfff]`)
const EACH_SPECIAL = new RegExp(SPECIAL, 'g')
const EACH_ESCAPE = new RegExp(`${END}[}~]|${HIGH}[^]`, 'g')

/**
 * The key as a string that sorts as `compareKeys` does, also bytewise. Equal keys, and only they, are equal strings.
 *
 * Throws `key_invalid` for anything but strings, finite numbers and non-empty arrays of these.
 */
export function encodeKey(key: Key): string {
  if (typeof key === 'object') {
    if (!Array.isArray(key) || key.length === 0) throw invalid()
    let parts = 't'
    for (const part of key) parts += encodeScalar(part) + END
    return parts
  }
  return encodeScalar(key)
}

/** The key that was encoded. */
export function decodeKey(encoded: string): Key {
  if (encoded[0] !== 't') return decodeScalar(encoded)
  const parts: (string | number)[] = []
  for (let at = 1; at < encoded.length; ) {
    const end = endOfPart(encoded, at)
    parts.push(decodeScalar(encoded.slice(at, end)))
    at = end + 1
  }
  return parts
}

/** Negative, 0 or positive: numbers by value, then strings by UTF-16 code units, then composite keys part by part. */
export function compareKeys(a: Key, b: Key): number {
  const left = encodeKey(a)
  const right = encodeKey(b)
  return left < right ? -1 : left > right ? 1 : 0
}

function encodeScalar(value: unknown): string {
  if (typeof value === 'string') return `s${SPECIAL.test(value) ? value.replace(EACH_SPECIAL, escapeChar) : value}`
  if (typeof value === 'number' && Number.isFinite(value)) return `n${encodeNumber(value)}`
  throw invalid()
}

function decodeScalar(encoded: string): string | number {
  if (encoded[0] === 'n') return decodeNumber(encoded.slice(1))
  return encoded.slice(1).replace(EACH_ESCAPE, unescapeChar)
}

function escapeChar(char: string): string {
  if (char === '\0') return NUL_ESCAPE
  if (char === '\u0001') return ONE_ESCAPE
  return HIGH + String.fromCharCode(char.charCodeAt(0) - 0xd7ff + 0x100)
}

function unescapeChar(escaped: string): string {
  if (escaped === NUL_ESCAPE) return '\0'
  if (escaped === ONE_ESCAPE) return '\u0001'
  return String.fromCharCode(escaped.charCodeAt(1) - 0x100 + 0xd7ff)
}

function endOfPart(encoded: string, from: number): number {
  let end = encoded.indexOf(END, from)
  while (encoded[end + 1] === '}' || encoded[end + 1] === '~') end = encoded.indexOf(END, end + 1)
  return end
}

function encodeNumber(value: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value === 0 ? 0 : value) // -0 is the same key as 0
  flip(view, view.getUint32(0) >>> 31 === 1)
  return hex(view.getUint32(0)) + hex(view.getUint32(4))
}

function decodeNumber(digits: string): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, Number.parseInt(digits.slice(0, 8), 16))
  view.setUint32(4, Number.parseInt(digits.slice(8, 16), 16))
  flip(view, view.getUint32(0) >>> 31 === 0)
  return view.getFloat64(0)
}

/** Negative doubles have all bits flipped, the others the sign only. */
function flip(view: DataView, all: boolean): void {
  view.setUint32(0, view.getUint32(0) ^ (all ? 0xffffffff : 0x80000000))
  if (all) view.setUint32(4, ~view.getUint32(4))
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}

function invalid(): SynclineError {
  return new SynclineError('key_invalid', 'A key is neither a string, a finite number nor a non-empty array of these', {
    hint: 'Choose a primary key whose values are strings or numbers.',
  })
}
