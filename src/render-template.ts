import { SynclineError } from './errors.ts'
import { isJsonObject, type JsonValue, jsonType } from './json.ts'
import { parseTemplate, templateInvalid } from './template.ts'

/** Gives the value of a placeholder by its expression; `null` and `undefined` mean that there is none. */
export type Lookup = (expression: string) => JsonValue | undefined

/** Fills a text. `null` if one of its placeholders has no value: the caller leaves the parameter or header out. */
export function renderText(template: string, lookup: Lookup): string | null {
  let text = ''
  for (const part of parseTemplate(template)) {
    const value = typeof part === 'string' ? part : lookup(part.expression)
    if (value === undefined || value === null) return null
    text += typeof value === 'object' ? JSON.stringify(value) : value
  }
  return text
}

/** Fills all texts in a JSON value. One that is exactly one placeholder becomes the value with its type. */
export function renderValue(template: JsonValue, lookup: Lookup): JsonValue {
  if (Array.isArray(template)) return template.map((each) => renderValue(each, lookup))
  if (isJsonObject(template)) {
    return Object.fromEntries(Object.entries(template).map(([key, each]) => [key, renderValue(each, lookup)]))
  }
  if (typeof template !== 'string') return template
  const [first, ...more] = parseTemplate(template)
  if (typeof first === 'object' && more.length === 0) return lookup(first.expression) ?? null
  return renderText(template, lookup)
}

/**
 * Fills a path. Each value is percent-encoded as (a part of) one segment, so the result has the segments of the
 * template, whatever the values are.
 *
 * @throws `path_param_invalid` for values that are no segment: none, empty, `.`, `..`, lists, objects
 * @throws `config_invalid` for a placeholder in the origin of an absolute URL
 */
export function renderPath(template: string, lookup: Lookup): string {
  const parts = parseTemplate(template)
  const shape = parts.map((part) => (typeof part === 'string' ? part : '\0')).join('')
  if (ORIGIN.exec(shape)?.[0].includes('\0')) throw templateInvalid('a placeholder in the origin of a URL')
  let path = ''
  let start = 0
  /** A placeholder of the segment that begins at `start`. */
  let filled: string | undefined
  const endSegment = () => {
    if (filled !== undefined && DOT_SEGMENT.test(path.slice(start))) throw refused(filled, 'makes a segment of dots')
    filled = undefined
    start = path.length + 1
  }
  for (const part of parts) {
    if (typeof part === 'string') {
      for (const [i, text] of part.split('/').entries()) {
        if (i > 0) endSegment()
        path += i > 0 ? `/${text}` : text
      }
    } else {
      filled = part.expression
      path += encodeSegment(filled, lookup(filled))
    }
  }
  endSegment()
  return path
}

/** `.`, `..` and their percent forms: what URL parsers take as this folder and the one above. */
const DOT_VALUE = /^(?:\.|%2e){1,2}$/i
const DOT_SEGMENT = /^(?:\.|%2e){1,2}(?:[?#]|$)/i
/** Scheme and host of an absolute URL, or the host of one that begins with slashes. */
const ORIGIN = /^(?:[^/\\?#]*:[/\\]*|[/\\]{2,})[^/\\?#]*/

function encodeSegment(expression: string, value: JsonValue | undefined): string {
  if (value === undefined || value === null) throw refused(expression, 'has no value')
  if (typeof value === 'object') throw refused(expression, `is an ${jsonType(value)}`)
  const text = String(value)
  if (text === '') throw refused(expression, 'is empty')
  if (DOT_VALUE.test(text) || (typeof value === 'number' && !Number.isFinite(value))) {
    throw refused(expression, 'is no name for a path segment')
  }
  try {
    return encodeURIComponent(text)
  } catch {
    throw refused(expression, 'is not well-formed Unicode')
  }
}

function refused(expression: string, why: string): SynclineError {
  return new SynclineError('path_param_invalid', `the value of {${expression}} ${why}`, {
    hint: 'A value in a path must be one non-empty segment. Filter such parent records out, or name another field.',
  })
}
