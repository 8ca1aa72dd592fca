import type { DataType } from '../config/resolved.ts'

/** What is known of a column: a set of types, and whether values were null or absent. Only ever grows. */
export interface Column {
  /** Bits of `BIT`. 0: only nulls so far. */
  types: number
  /** A row had null. */
  nulls?: true
  /** A row lacked the field. */
  gaps?: true
}

/** What is known of a table, as it is stored. Merging is commutative and associative: page order does not matter. */
export interface InferredTable {
  columns: Record<string, Column>
}

export const BIT = {
  boolean: 1,
  integer: 2,
  number: 4,
  string: 8,
  timestamp: 16,
  date: 32,
  object: 64,
  array: 128,
} as const

/**
 * The types of a column after widening: integer to number, date to timestamp, both to string. What does not widen stays
 * side by side.
 */
function typesOf(types: number): DataType[] {
  let left = types
  if (left & BIT.number) left &= ~BIT.integer
  if (left & BIT.timestamp) left &= ~BIT.date
  if (left & BIT.string) left &= ~(BIT.timestamp | BIT.date)
  const names = (Object.keys(BIT) as (keyof typeof BIT)[]).filter((name) => left & BIT[name])
  return names.length === 0 ? ['null'] : names
}

/** A column as users see it. */
export interface ColumnSchema {
  /** Several where the values do not widen to one type. */
  type: DataType | DataType[]
  /** True where a row had null or lacked the field. */
  nullable: boolean
  primaryKey?: true
}

/** A table's columns as users see them. */
export interface TableSchema {
  columns: Record<string, ColumnSchema>
}

/** From what is stored to what users see. A key column is never nullable. */
export function describeTable(table: InferredTable, primaryKey: readonly string[]): TableSchema {
  const columns = Object.entries(table.columns).map(([name, { types, nulls, gaps }]): [string, ColumnSchema] => {
    const [first = 'null', ...others] = typesOf(types)
    const type = others.length === 0 ? first : [first, ...others]
    if (primaryKey.includes(name)) return [name, { type, nullable: false, primaryKey: true }]
    return [name, { type, nullable: nulls === true || gaps === true }]
  })
  return { columns: Object.fromEntries(columns) }
}
