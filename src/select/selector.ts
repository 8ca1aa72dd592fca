import type { JsonValue } from '../json.ts'

/**
 * Finds the records in a body: a list of them, or `undefined` when the body is not what the selector expects. A `null`
 * at its place is an empty list; an object there is one record.
 */
export type Selector = (body: JsonValue) => JsonValue[] | undefined

/** The records in what was found at one place. */
export function recordsOf(found: JsonValue | undefined): JsonValue[] | undefined {
  if (found === undefined || Array.isArray(found)) return found
  return found === null ? [] : [found]
}
