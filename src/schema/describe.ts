import type { DataType } from '../config/resolved.ts'
import { BIT, type Column, type InferredTable, type StoredHint, widen } from './column.ts'

/** A column, or a place within its values, as users see it. */
export interface ColumnSchema {
  /** Several where the values do not widen to one type. `null`: only nulls so far. */
  type: DataType | DataType[]
  /** True where a row had null. */
  nullable: boolean
  /** True where a row, or an object, lacked the field. */
  optional?: true
  primaryKey?: true
  /** Of objects: their fields. */
  fields?: Record<string, ColumnSchema>
  /** Of objects with so many names that they are maps: their values. Without `fields` and this, nothing is known. */
  values?: ColumnSchema
  /** Of arrays: their items. Absent where no item was seen, or nothing is known. */
  items?: ColumnSchema
}

/** A table's columns as users see them. */
export interface TableSchema {
  columns: Record<string, ColumnSchema>
  /** Of a table whose columns are too many to tell them apart: all their values. `columns` is empty then. */
  values?: ColumnSchema
}

/** From what is stored to what users see. What the config says of a type counts as seen. A key column is never nullable. */
export function describeTable(
  { columns, values, hints = {} }: InferredTable,
  primaryKey: readonly string[],
): TableSchema {
  const described = Object.entries(columns).map(([name, inferred]): [string, ColumnSchema] => {
    const column = Object.hasOwn(hints, name) ? withHint(inferred, hints[name]) : inferred
    const { optional: _, ...schema } = describeColumn(column)
    return primaryKey.includes(name)
      ? [name, { ...schema, nullable: false, primaryKey: true }]
      : [name, describeColumn(column)]
  })
  return { columns: Object.fromEntries(described), ...(values && { values: describeColumn(values) }) }
}

function withHint(column: Column, { dataType = 'null', nullable }: StoredHint = {}): Column {
  const types = column.types | (dataType === 'null' ? 0 : BIT[dataType])
  return { ...column, types, ...(nullable && { nulls: true }) }
}

function describeColumn({ types, nulls, gaps, fields, values, items }: Column): ColumnSchema {
  const [first = 'null', ...others] = (Object.keys(BIT) as (keyof typeof BIT)[]).filter(
    (name) => widen(types) & BIT[name],
  )
  const schema: ColumnSchema = { type: others.length === 0 ? first : [first, ...others], nullable: nulls === true }
  if (gaps) schema.optional = true
  if (fields) {
    const entries = Object.entries(fields).map(([name, field]) => [name, describeColumn(field)] as const)
    schema.fields = Object.fromEntries(entries)
  }
  if (values) schema.values = describeColumn(values)
  // Of arrays that were always empty, nothing is known.
  if (items && (items.types > 0 || items.nulls)) schema.items = describeColumn(items)
  return schema
}
