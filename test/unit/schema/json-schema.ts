import { isJsonObject, type JsonObject, type JsonValue, jsonType, own } from '../../../src/json.ts'

/** Whether a value fits a JSON Schema (draft 2020-12), as far as the keywords go that `toJsonSchema` uses. */
export function fits(value: JsonValue, schema: JsonObject): boolean {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.includes(keyword))
  if (unknown.length > 0) throw new Error(`the test does not know ${unknown.join()}`)
  const { type } = schema
  if (type !== undefined && ![type].flat().some((name) => isOf(value, name))) return false
  if (Array.isArray(value)) return value.every((item) => fits(item, part(schema, 'items')))
  if (!isJsonObject(value)) return true
  const properties = part(schema, 'properties')
  if (![schema.required ?? []].flat().every((name) => Object.hasOwn(value, String(name)))) return false
  return Object.entries(value).every(([name, field]) => {
    const known = own(properties, name)
    return fits(field, isJsonObject(known) ? known : part(schema, 'additionalProperties'))
  })
}

const KEYWORDS = ['type', 'properties', 'required', 'additionalProperties', 'items', '$comment']

function part(schema: JsonObject, keyword: string): JsonObject {
  const found = schema[keyword]
  return isJsonObject(found) ? found : {}
}

function isOf(value: JsonValue, name: JsonValue): boolean {
  return name === jsonType(value) || (name === 'integer' && Number.isInteger(value))
}
