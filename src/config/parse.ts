import type { JsonValue } from '../json.ts'

/** What `endpoint.parse` knows of the response besides its text. */
export interface ParseInfo {
  readonly status: number
  readonly headers: Headers
  /**
   * Whether as many bytes came as `Content-Length` says. `undefined` where that cannot be told: without the header, with
   * a content coding such as gzip, in a browser for another origin, and for a 206.
   */
  readonly whole: boolean | undefined
  /**
   * Reads a part of the text, such as a line, as bodies are read: strictly, with exact integers (`client.bigint`). Where
   * that part is cut, the page counts as cut; let what it throws pass.
   */
  json(text: string): JsonValue
}

/** What `endpoint.parse` returns. */
export interface ParsedText {
  /** What selector and paginator see in place of parsed JSON. JSON values only. */
  readonly body: JsonValue
  /** The end proof. `false`: the text may have been cut, so that the page does not count and is asked for again. */
  readonly ended: boolean
}

/**
 * Reads a body that is not JSON.
 *
 * @example One record a line, none of them cut, and no line missing
 * parse: (text, { whole, json }) => ({
 *   body: text.split('\n').filter(Boolean).map(json),
 *   ended: whole === true && /\n$|^$/.test(text),
 * })
 */
export type ParseFunction = (text: string, info: ParseInfo) => ParsedText | Promise<ParsedText>
