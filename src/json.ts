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
