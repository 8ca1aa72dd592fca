import type { ErrorCode } from '../error-codes.ts'
import type { ErrorFields } from '../errors.ts'
import { type JsonValue, MAX_JSON_DEPTH } from '../json.ts'
import type { Scope } from './deadline.ts'
import { isCutJson, parseExact, scanJson } from './json-text.ts'
import { networkError } from './network-error.ts'

/** Why a body cannot be taken. */
export interface BodyFault {
  readonly code: ErrorCode
  readonly what: string
  readonly hint: string
  /** The body may come whole the next time. */
  readonly cut?: boolean
}

/** Tells a fault from what was read: bytes, text or a parsed body. */
export function isFault(read: Uint8Array | string | ParsedBody | BodyFault): read is BodyFault {
  return typeof read === 'object' && 'code' in read
}

/** Reads a body to its end. Counts decoded bytes while they come, so that a small answer cannot unpack to gigabytes. */
export async function readBytes(
  response: Response,
  scope: Scope,
  maxBytes: number,
  count: (bytes: number) => void,
  where: ErrorFields,
): Promise<Uint8Array | BodyFault> {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  if (reader === undefined) return concat(chunks, size)
  try {
    scope.touch()
    for (;;) {
      const { done, value } = await scope.race(reader.read())
      if (done) return concat(chunks, size)
      scope.touch()
      size += value.byteLength
      if (size > maxBytes) break
      chunks.push(value)
    }
  } catch (error) {
    scope.signal.throwIfAborted()
    throw networkError(error, 'the connection broke within the body', where)
  } finally {
    count(size)
    // After the end of the body this does nothing.
    reader.cancel().catch(() => {})
  }
  return {
    code: 'body_too_large',
    what: `the body is larger than client.maxBodyBytes (${maxBytes} bytes)`,
    hint: 'Ask for smaller pages, or raise client.maxBodyBytes.',
  }
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1 && chunks[0]) return chunks[0]
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

/** Ends a response that nobody reads, so that its connection is free again. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}

/**
 * Bytes as text, without a BOM. A BOM tells the charset, whatever was declared (WHATWG Encoding, 6.1); else it is the
 * declared one, UTF-8 by default. Bytes that are not text are refused.
 */
export function decodeText(bytes: Uint8Array, contentType: string | null): string | BodyFault {
  // Some servers write single quotes; a header that was sent twice comes joined by a comma.
  const [, declared = 'utf-8'] = /charset\s*=\s*["']?([^\s"',;]+)/i.exec(contentType ?? '') ?? []
  const start = bytes.subarray(0, 3).join()
  const charset = BOMS.find(([bom]) => start.startsWith(bom))?.[1] ?? declared
  let decoder: TextDecoder
  try {
    decoder = new TextDecoder(charset, { fatal: true })
  } catch {
    return invalidJson('the body has a charset that this runtime does not know', UNKNOWN_TEXT)
  }
  try {
    const text = decoder.decode(bytes)
    return decoder.encoding === 'windows-1252' ? text.replace(/[\x80-\x9f]/g, highSign) : text
  } catch {
    return endsWithinCharacter(decoder, bytes)
      ? { ...invalidJson('the body ends within a character', CUT), cut: true }
      : invalidJson(`the body is not valid ${decoder.encoding}`, UNKNOWN_TEXT)
  }
}

/**
 * What windows-1252 has from 80 to 9F: Node and workerd take its bytes for those of ISO-8859-1, which has control characters
 * there (nodejs/node#56542). windows-1254 has the same signs but for two, and is read as it should be.
 */
function highSign(sign: string): string {
  if (sign === '\x8e') return 'Ž'
  return sign === '\x9e' ? 'ž' : new TextDecoder('windows-1254').decode(Uint8Array.of(sign.charCodeAt(0)))
}

const BOMS = [
  ['239,187,191', 'utf-8'],
  ['254,255,', 'utf-16be'],
  ['255,254,', 'utf-16le'],
] as const

function endsWithinCharacter(decoder: TextDecoder, bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

const UNKNOWN_TEXT = 'The API must declare the charset that it uses, or better send UTF-8.'

const CUT = 'It was cut on its way or while it was made: sync again later, or ask for smaller pages.'

/** A parsed body. `unsafe`: it holds numbers that JSON numbers cannot hold; `numberFault` finds them. */
export interface ParsedBody {
  readonly value: JsonValue
  readonly unsafe: boolean
}

/**
 * Strict JSON. Integers beyond 2^53-1 become strings with `bigint: 'string'`; else `bigint` values, which no JSON holds,
 * so that they can be found and are never stored by oversight.
 */
export function parseJson(
  text: string,
  contentType: string | null,
  bigint: 'error' | 'string',
): ParsedBody | BodyFault {
  const { depth, bigNumbers } = scanJson(text)
  // Before it is parsed: 32 MB of brackets would become a gigabyte of lists.
  if (depth > MAX_JSON_DEPTH) {
    const hint = 'Records do not nest so deep: is this the right endpoint?'
    return invalidJson(`the JSON nests deeper than ${MAX_JSON_DEPTH} levels`, hint)
  }
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch {
    return explain(text, contentType)
  }
  if (!bigNumbers) return { value, unsafe: false }
  const exact = parseExact(text, bigint === 'string' ? String : BigInt) as JsonValue
  return { value: exact, unsafe: numberFault(exact) !== undefined }
}

/** What stands in the place of an API that is down, or wants a login. */
export function htmlFault(text: string, contentType: string | null): BodyFault | undefined {
  if (!/^\s*<(?:!doctype|html|head|body)\b/i.test(text) && !/^text\/html\b/i.test(contentType ?? '')) return undefined
  return {
    code: 'unexpected_html',
    what: 'the body is an HTML page',
    hint: 'A login or maintenance page? Check the URL.',
  }
}

/** Never quotes the text: it may hold anything. */
function explain(text: string, contentType: string | null): BodyFault {
  if (text === '') {
    const hint = 'An empty page is a 204 or an empty list; else let endpoint.responseActions say what it means.'
    return { ...invalidJson('the body is empty', hint), cut: true }
  }
  const html = htmlFault(text, contentType)
  if (html !== undefined) return html
  if (isCutJson(text)) {
    return { ...invalidJson(`the JSON ends early, after ${text.length} characters`, CUT), cut: true }
  }
  const hint = 'Does this endpoint speak JSON? Check the path, and whether the API wants an Accept header.'
  return invalidJson(`the body is not JSON (${text.length} characters)`, hint)
}

function invalidJson(what: string, hint: string): BodyFault {
  return { code: 'invalid_json', what, hint }
}

/**
 * The first number in a value that JSON cannot hold: a `bigint` that stands for an integer beyond 2^53-1, or an
 * infinity that came from a number such as `1e400`.
 */
export function numberFault(value: unknown): 'unsafe_integer' | 'number_overflow' | undefined {
  if (typeof value === 'bigint') return 'unsafe_integer'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'number_overflow'
  if (typeof value !== 'object' || value === null) return undefined
  for (const item of Object.values(value)) {
    const fault = numberFault(item)
    if (fault !== undefined) return fault
  }
  return undefined
}
