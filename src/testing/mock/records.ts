import type { JsonObject } from '../../json.ts'

/** The records of one resource, to be changed as the source would change them. `match`: fields that are equal. */
export interface MockRecords {
  /** Copies, in the order in which they are served. */
  all(): JsonObject[]
  /** Behind the last one. */
  insert(...records: JsonObject[]): void
  /** Sets these fields in all that match, and says how many did. */
  update(match: JsonObject, fields: JsonObject): number
  /** Removes all that match, and says how many did. */
  remove(match: JsonObject): number
}

/** `nth`: the number under which the record was inserted. It never changes, so that cursors can name a place by it. */
export interface Row {
  readonly nth: number
  readonly record: JsonObject
}

export interface RecordTable extends MockRecords {
  rows(): readonly Row[]
  /** As it was at first. */
  reset(): void
}

export function recordTable(initial: readonly JsonObject[]): RecordTable {
  const first = structuredClone(initial)
  let inserted = 0
  let rows: Row[] = []
  const insert = (records: readonly JsonObject[]) => {
    for (const record of records) rows.push({ nth: ++inserted, record: structuredClone(record) })
  }
  insert(first)
  return {
    rows: () => rows,
    all: () => rows.map(({ record }) => structuredClone(record)),
    insert: (...records) => insert(records),
    update(match, fields) {
      const found = rows.filter(({ record }) => matches(record, match))
      // A new object each: a page that is being answered keeps what it had.
      rows = rows.map((row) => (found.includes(row) ? { ...row, record: { ...row.record, ...fields } } : row))
      return found.length
    },
    remove(match) {
      const before = rows.length
      rows = rows.filter(({ record }) => !matches(record, match))
      return before - rows.length
    },
    reset() {
      rows = []
      inserted = 0
      insert(first)
    },
  }
}

function matches(record: JsonObject, match: JsonObject): boolean {
  return Object.entries(match).every(([field, value]) => record[field] === value)
}
