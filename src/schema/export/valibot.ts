import type { DataType } from '../../config/resolved.ts'
import type { ColumnSchema } from '../describe.ts'
import { block, propertyName, remark, rowOf, type Tables, typeNames, typesOf } from './code.ts'

/** Types that valibot's own say. */
const SAID: readonly DataType[] = ['boolean', 'integer', 'number', 'string', 'object', 'array']

const ANY_OBJECT = `/** Objects of which nothing is known, or whose names valibot's object schemas do not take. */
const anyObject = v.custom<{ [key: string]: unknown }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)
`

/**
 * A module with a valibot schema for the rows of each table, and its type under the same name. As the `schema` of a resource
 * each takes every row that it was inferred from, and leaves it as it is. Timestamps and dates are strings, with a comment.
 *
 * @example toValibot(await (await openDataset(source, store)).schema())
 */
export function toValibot(tables: Tables): string {
  const names = typeNames(tables)
  const schemas = Object.entries(tables).map(([table, schema]) => {
    const name = names.get(table)
    const code = objectSchema(rowOf(schema), '')
    return `export const ${name} = ${code}\nexport type ${name} = v.InferOutput<typeof ${name}>\n`
  })
  const needed = schemas.some((code) => code.includes('anyObject')) ? [ANY_OBJECT] : []
  return ["import * as v from 'valibot'\n", ...needed, ...schemas].join('\n')
}

function schemaOf(column: ColumnSchema, indent: string): string {
  // Arrays first: valibot takes them for objects too.
  const types = [...typesOf(column)].sort((a, b) => Number(b === 'array') - Number(a === 'array'))
  const [only = 'v.unknown()', ...more] = new Set(types.map((type) => schemaFor(type, column, indent)))
  const whole = more.length === 0 ? only : `v.union([${[only, ...more].join(', ')}])`
  return column.nullable && whole !== 'v.unknown()' ? `v.nullable(${whole})` : whole
}

function schemaFor(type: DataType, column: ColumnSchema, indent: string): string {
  switch (type) {
    case 'null':
      return 'v.unknown()'
    case 'integer':
      return 'v.pipe(v.number(), v.integer())'
    case 'timestamp':
    case 'date':
      return 'v.string()'
    case 'object':
      return objectSchema(column, indent)
    case 'array':
      return `v.array(${column.items ? schemaOf(column.items, indent) : 'v.unknown()'})`
    default:
      return `v.${type}()`
  }
}

function objectSchema({ fields, values }: ColumnSchema, indent: string): string {
  if (values) return `v.record(v.string(), ${schemaOf(values, indent)})`
  const entries = Object.entries(fields ?? {})
  // What every object inherits, valibot finds in those that lack it too, and drops `__proto__`.
  if (fields === undefined || entries.some(([name]) => name in {})) return 'anyObject'
  const lines = entries.map(([name, field]) => {
    const schema = schemaOf(field, `${indent}  `)
    return `${propertyName(name)}: ${field.optional ? `v.optional(${schema})` : schema},${remark(field, SAID)}`
  })
  return lines.length === 0 ? 'v.looseObject({})' : `v.looseObject(${block(lines, indent)})`
}
