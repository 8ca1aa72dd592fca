/** A value that JSON can hold, and nothing else: no `undefined`, `Date`, `bigint`, `NaN`. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject

/** A JSON object: what records, positions and request bodies are made of. */
export interface JsonObject {
  [key: string]: JsonValue
}

/** JSON as a config may give it: frozen and `as const` values fit. */
export type JsonInput = null | boolean | number | string | readonly JsonInput[] | { readonly [key: string]: JsonInput }

/** True for `{…}`, false for `null`, arrays and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for an object of data, from whatever realm: neither a list nor an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isJsonObject(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** How many lists and objects may lie one within another, in a body or in any other JSON that comes from outside. */
export const MAX_JSON_DEPTH = 512

/**
 * True for what JSON can hold as it is, no deeper than what a body may be, so that a cycle is refused as well. A hole in a
 * list is `undefined`. `isNumber`: which numbers count, `bigint` among them.
 */
export function isJson(
  value: unknown,
  isNumber: (value: unknown) => boolean = Number.isFinite,
  depth = 0,
): value is JsonValue {
  if (depth > MAX_JSON_DEPTH) return false
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number' || typeof value === 'bigint') return isNumber(value)
  const parts = Array.isArray(value) ? [...value] : isPlainObject(value) ? Object.values(value) : undefined
  return parts?.every((part) => isJson(part, isNumber, depth + 1)) ?? false
}

/** The name of a value's JSON type: what error messages show in place of the value. */
export function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

/** An own property, or `undefined`: never something inherited, such as `constructor`. */
export function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
