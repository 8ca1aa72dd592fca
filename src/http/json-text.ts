import { MAX_JSON_DEPTH } from '../json.ts'

/** What `JSON.parse` does not tell about a text: how deep it nests, and whether a number may lose digits. */
export interface JsonScan {
  readonly depth: number
  /** True when there is a number that a double may not hold. */
  readonly bigNumbers: boolean
}

/** One pass over a text, which may be no JSON. Strings are skipped, so digits in them cost nothing. */
export function scanJson(text: string): JsonScan {
  let depth = 0
  let deepest = 0
  let digits = 0
  let most = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char >= 48 /* 0 */ && char <= 57 /* 9 */) {
      if (++digits > most) most = digits
      continue
    }
    // A fraction may have any length; three digits of an exponent count as many, since no double holds 1e400.
    if (char === 46 /* . */) digits = -1e9
    else if ((char | 32) === 101 /* e */) digits = 13
    else if (char !== 43 /* + */) digits = 0
    if (char === 34 /* " */) i = stringEnd(text, i)
    // Brackets differ from braces by this one bit.
    else if ((char | 32) === 123 /* { */) deepest = Math.max(deepest, ++depth)
    else if ((char | 32) === 125 /* } */) depth--
  }
  return { depth: deepest, bigNumbers: most >= 16 }
}

/** The index of the closing quote of the string that opens at `start`, or of the end of the text. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

/** True after an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === 92 /* \ */) first--
  return (at - first) % 2 === 1
}

/** True when a text that is no JSON might become some with more text after it: it was cut. */
export function isCutJson(text: string): boolean {
  try {
    parseExact(text, String)
    return false
  } catch (error) {
    return error === CUT
  }
}

/** Caught in this file: the text ends too early; the text is no JSON. */
const [CUT, BAD] = [new Error(), new Error()]
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i
const NUMBER_BEGUN = /^-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:e[+-]?\d*)?$/i
const LITERALS = ['true', 'false', 'null']

/**
 * `JSON.parse` for the few texts that need more care than it takes: integers beyond 2^53-1 go to `big` as they are
 * written. One implementation for every runtime, since not all give a reviver the source text.
 */
export function parseExact(text: string, big: (digits: string) => unknown): unknown {
  let at = 0

  const next = () => {
    while (' \t\n\r'.includes(text[at] ?? 'x')) at++
    return text[at]
  }
  const expect = (...chars: string[]) => {
    const char = next()
    if (char === undefined) throw CUT
    if (!chars.includes(char)) throw BAD
    at++
    return char
  }
  const string = () => {
    if (next() === undefined) throw CUT
    if (text[at] !== '"') throw BAD
    const end = stringEnd(text, at)
    if (end >= text.length) throw CUT
    const value: string = JSON.parse(text.slice(at, end + 1))
    at = end + 1
    return value
  }
  const scalar = () => {
    const token = /[-+.\w]*/.exec(text.slice(at, at + 2000))?.[0] ?? ''
    const literal = LITERALS.includes(token)
    if (!literal && !NUMBER.test(token)) {
      const begun = NUMBER_BEGUN.test(token) || LITERALS.some((word) => word.startsWith(token))
      throw begun && at + token.length === text.length ? CUT : BAD
    }
    at += token.length
    if (literal) return JSON.parse(token)
    const value = Number(token)
    return Number.isSafeInteger(value) || /[.e]/i.test(token) ? value : big(token)
  }
  const items = <T>(close: string, item: () => T): T[] => {
    const list: T[] = []
    at++
    if (next() === close) {
      at++
      return list
    }
    do list.push(item())
    while (expect(',', close) === ',')
    return list
  }
  const value = (depth: number): unknown => {
    if (depth > MAX_JSON_DEPTH) throw BAD
    const char = next()
    if (char === '"') return string()
    if (char === '[') return items(']', () => value(depth + 1))
    if (char !== '{') return scalar()
    const member = () => {
      const key = string()
      expect(':')
      return [key, value(depth + 1)] as const
    }
    // Own properties even for `__proto__`; of two equal keys the later one wins, as in JSON.parse.
    return Object.fromEntries(items('}', member))
  }

  const result = value(0)
  if (next() !== undefined) throw BAD
  return result
}
