import { type JsonObject, type JsonValue, own } from '../json.ts'
import { BIT, type Column, type InferredTable } from './describe.ts'

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
