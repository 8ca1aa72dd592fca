import type { ParsedText, ParseFunction } from '../config/parse.ts'
import { SynclineError } from '../errors.ts'
import type { isJson, JsonValue } from '../json.ts'
import type { BodyFault, ParsedBody } from './body.ts'
import type { Scope } from './deadline.ts'

/**
 * A response whose body was read, and two functions. They are handed in because the caller has them: a file that is loaded
 * on demand and imports what the client imports too makes bundlers cut that into one more file.
 */
export interface Received {
  readonly response: Response
  /** As they came out of the content coding. */
  readonly bytes: number
  readonly scope: Scope
  /** Strict JSON, of the body or a part of it. */
  json(text: string): ParsedBody | BodyFault
  readonly isJson: typeof isJson
}

/** Reads a body with `endpoint.parse`. Nothing that the function throws or returns is repeated: it may quote the body. */
export async function parseText(
  parse: ParseFunction,
  text: string,
  { response, bytes, scope, json, isJson }: Received,
): Promise<ParsedBody | BodyFault> {
  const { status, headers } = response
  let unsafe = false
  const faults = new Map<unknown, BodyFault>()
  const part = (text: string): JsonValue => {
    const parsed = json(text)
    if ('code' in parsed) {
      const fault = { ...parsed, what: `endpoint.parse, in a part of the body: ${parsed.what}` }
      const error = new SynclineError(fault.code, fault.what, { hint: fault.hint, retryable: fault.cut ?? false })
      faults.set(error, fault)
      throw error
    }
    unsafe ||= parsed.unsafe
    return parsed.value
  }
  try {
    const info = { status, headers, whole: isWhole(response, bytes), json: part }
    const result: Partial<ParsedText> | null | undefined = await scope.race(Promise.resolve(parse(text, info)))
    const { body, ended } = result ?? {}
    if (ended === false) return notEnded(text)
    if (ended !== true) {
      const hint = 'Return ended: true where the text proves that it is whole, and false where it does not.'
      return rejected('did not return { body, ended } with ended true or false', hint)
    }
    // What `json` could not read exactly is found record by record, as in any body.
    if (isJson(body, unsafe ? () => true : undefined)) return { value: body, unsafe }
    const hint = 'Dates, undefined, NaN, bigints and instances of classes are none: return text or null for them.'
    return rejected('returned a body that is not JSON', hint)
  } catch (error) {
    scope.signal.throwIfAborted()
    const hint = 'Call it with a text of the API to see what: that may quote the response, and is not repeated here.'
    return faults.get(error) ?? rejected('threw an error', hint)
  }
}

function rejected(what: string, hint: string): BodyFault {
  return { code: 'response_rejected', what: `endpoint.parse ${what}`, hint }
}

function notEnded({ length }: string): BodyFault {
  return {
    code: 'invalid_json',
    what: `endpoint.parse found no proof that the text is whole (${length} characters)`,
    hint: 'Cut on its way? Sync again later. If it is so each time: what else does the API send that proves the end?',
    cut: true,
  }
}

/**
 * A content coding hides how many bytes were sent. So does a browser for another origin: it may show the length without
 * the coding. A 206 is a part, however whole it came.
 */
function isWhole({ type, status, headers }: Response, bytes: number): boolean | undefined {
  const length = headers.get('content-length') ?? ''
  const plain = /^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')
  return plain && type !== 'cors' && status !== 206 && /^\d+$/.test(length) ? Number(length) === bytes : undefined
}
