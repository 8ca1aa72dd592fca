import type { JsonObject } from '../../src/json.ts'
import { DATA_ENDS, iso, makeTables, type Row, type Sizes, type TableName } from './tables.ts'

export interface Query {
  offset: number
  limit: number
  /** ISO 8601 with milliseconds, as the rows have it. Inclusive. */
  updatedSince?: string | undefined
  customer?: string | undefined
}

/** What the demo API serves, and the changes that a demo or a test makes to it behind the client's back. */
export interface Database {
  list(table: TableName, query: Query): { data: Row[]; total: number }
  find(table: TableName, id: string): Row | undefined
  /** Changes fields of a row and touches its `updated_at`. */
  update(table: TableName, id: string, fields: JsonObject): Row
  insert(table: TableName, row: JsonObject & { id: string }): Row
  /** The row is gone without a trace, as in most APIs: only a full refresh can tell. */
  remove(table: TableName, id: string): void
}

export function createDatabase(seed: number, sizes: Sizes): Database {
  const tables = makeTables(seed, sizes)
  let clock = DATA_ENDS
  const touch = () => {
    clock += 60_000
    return iso(clock)
  }
  const indexOf = (table: TableName, id: string) => {
    const index = tables[table].findIndex((row) => row.id === id)
    if (index < 0) throw new Error(`The demo API has no ${id} in ${table}`)
    return index
  }
  return {
    list: (table, query) => page(tables[table], query),
    find: (table, id) => tables[table].find((row) => row.id === id),
    update(table, id, fields) {
      const index = indexOf(table, id)
      const row: Row = { ...tables[table][index], ...fields, id, updated_at: touch() }
      tables[table][index] = row
      return row
    },
    insert(table, fields) {
      const row: Row = { ...fields, updated_at: touch() }
      tables[table].push(row)
      return row
    },
    remove(table, id) {
      tables[table].splice(indexOf(table, id), 1)
    },
  }
}

function page(rows: Row[], { offset, limit, updatedSince, customer }: Query): { data: Row[]; total: number } {
  const found =
    updatedSince === undefined && customer === undefined
      ? rows
      : rows.filter(
          (row) =>
            (updatedSince === undefined || row.updated_at >= updatedSince) &&
            (customer === undefined || row.customer_id === customer),
        )
  return { data: found.slice(offset, offset + limit), total: found.length }
}
