import type { DataType } from '../config/resolved.ts'
import { type JsonObject, type JsonValue, own } from '../json.ts'

/** What is known of a column: a set of types, and whether values were null or absent. Only ever grows. */
interface Column {
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

const BIT = { boolean: 1, integer: 2, number: 4, string: 8, timestamp: 16, date: 32, object: 64, array: 128 } as const

const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/
const TIMESTAMP = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?$/

/** Grows a table's inferred schema by rows. True when something was learned. */
export class Inference {
  readonly #columns: Map<string, Column>
  #rows: number

  /** Goes on from what was stored; `hasRows` tells whether a new column was absent before. */
  constructor(stored: InferredTable | undefined, hasRows = stored !== undefined) {
    this.#columns = new Map(Object.entries(stored?.columns ?? {}).map(([name, column]) => [name, { ...column }]))
    this.#rows = hasRows ? 1 : 0
  }

  /** Returns the names of the columns that changed. */
  add(rows: readonly JsonObject[]): string[] {
    const changed = new Set<string>()
    for (const row of rows) this.#addRow(row, changed)
    return [...changed]
  }

  #addRow(row: JsonObject, changed: Set<string>): void {
    let present = 0
    for (const name in row) {
      const value = row[name]
      if (value === undefined) continue
      present++
      const column = this.#columns.get(name)
      if (column === undefined) this.#addColumn(name, value, changed)
      else if (learn(column, value)) changed.add(name)
    }
    this.#rows++
    if (present === this.#columns.size) return
    for (const [name, column] of this.#columns) {
      if (column.gaps || own(row, name) !== undefined) continue
      column.gaps = true
      changed.add(name)
    }
  }

  #addColumn(name: string, value: JsonValue, changed: Set<string>): void {
    const column: Column = { types: 0 }
    learn(column, value)
    if (this.#rows > 0) column.gaps = true
    this.#columns.set(name, column)
    changed.add(name)
  }

  /** As it is stored. */
  toJSON(): InferredTable {
    return { columns: Object.fromEntries(this.#columns) }
  }
}

/** True when the column did not allow this value before. */
function learn(column: Column, value: JsonValue): boolean {
  if (value === null) {
    if (column.nulls) return false
    column.nulls = true
    return true
  }
  const bit = bitOf(value, column.types)
  if ((column.types & bit) === bit) return false
  column.types |= bit
  return true
}

/** The bit of a value's type. Text is not looked into where the column is text already. */
function bitOf(value: Exclude<JsonValue, null>, known: number): number {
  switch (typeof value) {
    case 'boolean':
      return BIT.boolean
    case 'number':
      return Number.isInteger(value) ? BIT.integer : BIT.number
    case 'string':
      return known & BIT.string ? BIT.string : bitOfText(value)
    default:
      return Array.isArray(value) ? BIT.array : BIT.object
  }
}

function bitOfText(text: string): number {
  // All dates begin alike: this spares nearly all text the expressions.
  if (text.charCodeAt(4) !== 45 || text.length > 40) return BIT.string
  if (DATE.test(text)) return BIT.date
  return TIMESTAMP.test(text) ? BIT.timestamp : BIT.string
}

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
