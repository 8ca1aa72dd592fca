import type { ErrorCode } from '../../error-codes.ts'
import { isJson, isJsonObject, type JsonObject, type JsonValue, jsonType, MAX_JSON_DEPTH } from '../../json.ts'
import type { StandardIssue, StandardResult, StandardSchema } from '../../schema/standard.ts'
import type { Part, ShapedRow } from './shape.ts'

/** A row that cannot be taken: it goes to quarantine whole. */
export interface Rejected {
  readonly code: ErrorCode
  /** Names and types, never values. */
  readonly reason: string
  /** Before the processing steps. */
  readonly record: JsonValue
  /** Of several rows that they made of it, this one. */
  readonly part?: Part
  /** It has not been shaped: what its parent gives it. */
  readonly raw?: JsonObject
}

/** A row as the schema puts it out. */
type Checked = { readonly value: JsonObject } | Rejected

/** What the schema, or without one the steps, make of a row: an object of JSON, or why it cannot be taken. */
export function validate(schema: StandardSchema | undefined, { value, from }: ShapedRow): Checked | Promise<Checked> {
  // What came is JSON; what steps have made of it may be anything.
  if (schema === undefined) return from ? asJson(value, value, "the processing steps'") : asObject(value, value)
  try {
    const result = schema['~standard'].validate(value)
    if (!(result instanceof Promise)) return judge(result, value)
    return result.then((late) => judge(late, value)).catch(() => failed(value))
  } catch {
    return failed(value)
  }
}

/** What a user's transform throws may quote the record: only that it threw is passed on. */
function failed(record: JsonValue): Rejected {
  return { code: 'schema_invalid', reason: 'the schema threw an error', record }
}

function judge(result: StandardResult<unknown>, record: JsonValue): Checked {
  if (result.issues !== undefined) {
    return { code: 'schema_invalid', reason: describeIssues(result.issues, record), record }
  }
  return asJson(result.value, record, "the schema's")
}

function asJson(output: unknown, record: JsonValue, by: string): Checked {
  const value = withoutUndefined(output)
  return isJson(value) ? asObject(value, record) : { code: 'not_json', reason: `${by} output is not JSON`, record }
}

function asObject(value: JsonValue, record: JsonValue): Checked {
  if (isJsonObject(value)) return { value }
  return { code: 'not_an_object', reason: `a record is ${jsonType(value)}, not an object`, record }
}

/** Paths, received types, and what was expected where the issue says so: validators put values into their messages. */
function describeIssues(
  issues: readonly (StandardIssue & { readonly expected?: unknown })[],
  record: JsonValue,
): string {
  const described = issues.slice(0, 5).map(({ path: segments = [], expected }) => {
    const path = segments.map((segment) => (typeof segment === 'object' ? segment.key : segment))
    const at = path.reduce<unknown>(
      (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
      record,
    )
    const type = at === undefined ? 'missing' : jsonType(at)
    return `\`${path.map(String).join('.') || '$'}\` is ${type}${isSafe(expected, at) ? ` (expected ${expected})` : ''}`
  })
  return `the schema refuses it: ${described.join(', ')}${issues.length > 5 ? ` and ${issues.length - 5} more` : ''}`
}

/** Words of the schema, and none that is also in the value: arktype's `expected` may quote it, as may a user's check. */
function isSafe(expected: unknown, received: unknown): expected is string {
  if (typeof expected !== 'string' || !/^[\w |&<>=.,-]{1,80}$/.test(expected)) return false
  const text = JSON.stringify(received) ?? ''
  return !expected.match(/\w{4,}|\d+/g)?.some((word) => text.includes(word))
}

/** Optional fields that are set to `undefined` are absent in JSON. Nothing is copied where there are none. */
function withoutUndefined(value: unknown, depth = 0): unknown {
  // A cycle, or no JSON for its depth: `isJson` refuses both.
  if (depth > MAX_JSON_DEPTH) return value
  if (Array.isArray(value)) {
    const parts = value.map((part) => withoutUndefined(part, depth + 1))
    return parts.some((part, index) => part !== value[index]) ? parts : value
  }
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).map(([key, part]) => [key, withoutUndefined(part, depth + 1)] as const)
  if (entries.every(([key, part]) => part !== undefined && part === value[key])) return value
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined))
}
