import type { JsonObject } from '../../json.ts'
import type { ColumnSchema } from '../describe.ts'
import { rowOf, type Tables, typesOf } from './code.ts'

/**
 * A JSON Schema (draft 2020-12) with the rows of each table under `$defs`. Fields that are not known are allowed. Dates and
 * timestamps are strings with a `$comment`, and have no `format`: what APIs send is often not quite RFC 3339.
 *
 * @example toJsonSchema(await (await openDataset(source, store)).schema())
 */
export function toJsonSchema(tables: Tables): JsonObject {
  const rows = Object.entries(tables).map(([table, schema]) => [table, schemaOf(rowOf(schema))] as const)
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: Object.fromEntries(rows) }
}

function schemaOf(column: ColumnSchema): JsonObject {
  const { nullable, fields, values, items } = column
  const types = typesOf(column)
  if (types.includes('null')) return { $comment: 'only null so far' }
  const times = types.filter((type) => type === 'timestamp' || type === 'date')
  const names: string[] = types.map((type) => (type === 'timestamp' || type === 'date' ? 'string' : type))
  if (nullable) names.push('null')
  const [only = 'null', ...more] = names
  const schema: JsonObject = { type: more.length === 0 ? only : names }
  if (times.length > 0) schema.$comment = times.join(' or ')
  if (fields) {
    const entries = Object.entries(fields)
    schema.properties = Object.fromEntries(entries.map(([name, field]) => [name, schemaOf(field)] as const))
    schema.required = entries.flatMap(([name, { optional }]) => (optional ? [] : name))
  }
  if (values) schema.additionalProperties = schemaOf(values)
  if (items) schema.items = schemaOf(items)
  return schema
}
