import type { DataType } from '../../config/resolved.ts'
import type { ColumnSchema } from '../describe.ts'
import { block, propertyName, remark, rowOf, type Tables, typeNames, typesOf } from './code.ts'

/** Types that TypeScript's own say. */
const SAID: readonly DataType[] = ['boolean', 'number', 'string', 'object', 'array']

/**
 * An interface for the rows of each table, and `Tables`, which has them by name. Timestamps and dates are strings, and
 * integers numbers, each with a comment; what is known only as null is `unknown`.
 *
 * @example toTypeScript(await (await openDataset(source, store)).schema())
 */
export function toTypeScript(tables: Tables): string {
  const names = typeNames(tables)
  const rows = Object.entries(tables).map(
    ([table, schema]) => `export interface ${names.get(table)} ${objectType(rowOf(schema), '')}\n`,
  )
  const all = [...names].map(([table, name]) => `${propertyName(table)}: ${name}`)
  return [...rows, `/** The rows of each table, by its name. */\nexport interface Tables ${block(all, '')}\n`].join(
    '\n',
  )
}

function typeOf(column: ColumnSchema, indent: string): string {
  const types = new Set(typesOf(column).map((type) => nameOf(type, column, indent)))
  if (types.has('unknown')) return 'unknown'
  return [...types, ...(column.nullable ? ['null'] : [])].join(' | ')
}

function nameOf(type: DataType, column: ColumnSchema, indent: string): string {
  switch (type) {
    case 'null':
      return 'unknown'
    case 'integer':
      return 'number'
    case 'timestamp':
    case 'date':
      return 'string'
    case 'object':
      return objectType(column, indent)
    case 'array':
      return column.items ? `(${typeOf(column.items, indent)})[]`.replace(/^\((\w+)\)/, '$1') : 'unknown[]'
    default:
      return type
  }
}

function objectType({ fields = {}, values }: ColumnSchema, indent: string): string {
  if (values) return `{ [key: string]: ${typeOf(values, indent)} }`
  const lines = Object.entries(fields).map(([name, field]) => {
    const { optional } = field
    // Objects that lack a `constructor` inherit one, and would not fit any other type.
    const type = optional && name in {} ? 'unknown' : typeOf(field, `${indent}  `)
    return `${propertyName(name)}${optional ? '?' : ''}: ${type}${remark(field, SAID)}`
  })
  // An empty type would take anything but null.
  return lines.length === 0 ? '{ [key: string]: unknown }' : block(lines, indent)
}
