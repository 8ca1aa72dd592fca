import type { DataType } from '../config/resolved.ts'
import type { JsonValue } from '../json.ts'

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

/** A value as one of another type, where nothing is lost by it; else as it is. */
export function coerce(value: JsonValue, type: DataType): JsonValue {
  if (type === 'string') return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  if (typeof value !== 'string') return value
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  if ((type !== 'integer' && type !== 'number') || !DECIMAL.test(value)) return value
  const number = Number(value)
  // Beyond 15 digits a number is not what the text says.
  const exact = value.replace(/^-?0?\.?0*|\./g, '').length <= 15
  if (Object.is(number, -0) || !exact) return value
  return type === 'number' || Number.isInteger(number) ? number : value
}
