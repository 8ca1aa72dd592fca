import type { Resource } from '../../config/resolved.ts'
import { isJsonObject, type JsonObject, type JsonValue, own } from '../../json.ts'
import type { Entry } from '../../store/dataset.ts'
import { forget } from '../deletes/forget.ts'
import { compareCursors } from '../incremental/cursor-value.ts'
import type { KeyedRow } from '../rows/entries.ts'
import { type Pass, systemTable } from '../unit/position.ts'
import type { Run, Unit } from '../unit/unit.ts'

/** The rules of a table with these key fields, where rows of one key are more than put in the place of each other. */
export function rulesFor(resource: Resource, mode: Pass['mode'], fields: readonly string[]): RowRules | undefined {
  const rules = new RowRules(resource, mode)
  return fields.length > 0 && rules.any ? rules : undefined
}

/** What `insert-only` and the columns of a resource say about rows with one key. */
export class RowRules {
  /** What is stored stays, and the first row of a page. */
  readonly keep: boolean
  readonly #hardDelete: string | undefined
  readonly #sort: string | undefined
  readonly #lowest: boolean

  constructor({ columns, write }: Resource, mode: Pass['mode']) {
    const named = Object.entries(columns)
    const [sort, hint] = named.find(([, column]) => column.dedupSort) ?? []
    this.keep = write.strategy === 'insert-only' && mode === 'merge'
    this.#hardDelete = named.find(([, column]) => column.hardDelete)?.[0]
    this.#sort = sort
    this.#lowest = hint?.dedupSort === 'asc'
  }

  get any(): boolean {
    return this.keep || this.sorts || this.#hardDelete !== undefined
  }

  /** A column tells older states of a row from newer ones. */
  get sorts(): boolean {
    return this.#sort !== undefined
  }

  /**
   * Whether a row is marked as deleted: `true`, or any value of another type than boolean. Of a record that the schema
   * refuses (`row` is undefined) only `true` counts: what other values mean the schema would have said.
   */
  isDeleting(row: JsonObject | undefined, record: JsonValue): boolean {
    const column = this.#hardDelete
    if (column === undefined || !isJsonObject(record)) return false
    const flag = own(row !== undefined && Object.hasOwn(row, column) ? row : record, column) ?? false
    return row === undefined ? flag === true : flag !== false
  }

  /** Whether `held` stays when `next` comes under its key. Of rows with equal values, or without any, the later wins. */
  stays(held: KeyedRow, next: KeyedRow): boolean {
    if (this.#sort === undefined) return this.keep
    const [known, value] = [sortValue(held, this.#sort), sortValue(next, this.#sort)]
    if (known === undefined) return false
    // Of a row that is gone, its key and the flag may be all that the API has to say.
    if (value === undefined) return next.deletes !== true
    const order = typeof value === typeof known ? compareCursors(value, known) : compareCursors(`${value}`, `${known}`)
    return this.#lowest ? order > 0 : order < 0
  }

  /**
   * The rows of a page, with what is stored in the place of those that are older than it: so they count as unchanged, are
   * marked as seen, and lead to the children of the newest state. What is older than its own deletion stays deleted.
   */
  async keepNewer({ resource }: Unit, { dataset }: Run, table: string, rows: ReadonlyMap<string, KeyedRow>) {
    if (this.#sort === undefined || this.keep || rows.size === 0) return rows
    const keys = [...rows.values()].map(({ key }) => key)
    const stored = await dataset.getMany(table, keys)
    const gone = this.#hardDelete === undefined ? [] : await dataset.getMany(systemTable.deleted(resource.name), keys)
    const settled = [...rows].map(([id, row], index): [string, KeyedRow] => {
      const { key } = row
      const [live, deleted] = [stored[index], gone[index]]
      const held: KeyedRow | undefined = live ? { key, value: live } : deleted && { key, value: deleted, deletes: true }
      return [id, held !== undefined && this.stays(held, row) ? held : row]
    })
    return new Map(settled)
  }

  /** Deletes the rows that are marked so, and notes when: later pages and passes may bring older states of them. */
  async deleteRows(unit: Unit, { dataset }: Run, rows: ReadonlyMap<string, KeyedRow>): Promise<void> {
    const { batch, resource, table, children } = unit
    const marked = [...rows.values()].filter(({ deletes }) => deletes)
    // Children need not be looked for where there was no parent.
    const known = table && children.length > 0 ? await dataset.getMany(resource.name, keysOf(marked)) : []
    for (const [index, { key }] of marked.entries()) {
      forget(unit, table, key, table === undefined || known[index] !== undefined)
      batch.delete(systemTable.seen(resource.name), key)
    }
    if (this.#sort === undefined || this.#hardDelete === undefined) return
    const times = new Map<string, Entry>()
    for (const [id, row] of rows) {
      const at = row.deletes && sortValue(row, this.#sort)
      if (at === undefined) batch.delete(systemTable.deleted(resource.name), row.key)
      else times.set(id, { key: row.key, value: { [this.#sort]: at } })
    }
    batch.put(systemTable.deleted(resource.name), times)
  }
}

function keysOf(rows: readonly KeyedRow[]) {
  return rows.map(({ key }) => key)
}

function sortValue({ value: row }: KeyedRow, column: string): string | number | undefined {
  const value = own(row, column)
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}
