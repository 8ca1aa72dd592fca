import type { Entry, StoreLimits, TableChanges } from '../../store/dataset.ts'
import { encodeKey, type Key } from '../../store/key.ts'

/** What a unit's next commit will change. Pages gather here until a commit is worth its cost. */
export class Batch {
  #puts = new Map<string, Map<string, Entry>>()
  #deletes = new Map<string, Map<string, Key>>()
  #drops = new Set<string>()
  #kept = new Set<string>()
  #bytes = 0
  #since: number | undefined

  /** True when there is a page in it that is not committed. */
  get pending(): boolean {
    return this.#since !== undefined
  }

  /** Notes a page; `now` and `bytes` decide when the commit is due. */
  addPage(now: number, bytes: number): void {
    this.#since ??= now
    this.#bytes += bytes
  }

  due(limits: StoreLimits, now: number): boolean {
    return this.#since !== undefined && (this.#bytes >= limits.commitBytes || now - this.#since >= limits.commitMs)
  }

  /** True when one of these rows is in the batch already: a commit takes each key once. */
  overlaps(table: string, entries: ReadonlyMap<string, Entry>): boolean {
    for (const held of [this.#puts.get(table), this.#deletes.get(table)]) {
      if (held !== undefined) for (const id of entries.keys()) if (held.has(id)) return true
    }
    return false
  }

  /** Of a key that is put and deleted, the later counts. */
  put(table: string, entries: ReadonlyMap<string, Entry>): void {
    const deleted = this.#deletes.get(table)
    if (deleted !== undefined) for (const id of entries.keys()) deleted.delete(id)
    const held = this.#puts.get(table)
    if (held === undefined) this.#puts.set(table, new Map(entries))
    else for (const [id, entry] of entries) held.set(id, entry)
  }

  delete(table: string, key: Key): void {
    const id = encodeKey(key)
    this.#puts.get(table)?.delete(id)
    const held = this.#deletes.get(table)
    if (held === undefined) this.#deletes.set(table, new Map([[id, key]]))
    else held.set(id, key)
  }

  /** Rows of this table that are stored stay as they are. */
  keep(table: string): void {
    this.#kept.add(table)
  }

  /** Empties a table, before the rows that the batch gets from now on go in. */
  drop(table: string): void {
    this.#puts.delete(table)
    this.#deletes.delete(table)
    this.#drops.add(table)
  }

  /** The changes as the store takes them; the batch is empty afterwards. */
  take(): { drop?: string[]; tables: Record<string, TableChanges> } {
    const tables: Record<string, TableChanges> = {}
    for (const [table, entries] of this.#puts) tables[table] = { put: [...entries.values()] }
    for (const [table, keys] of this.#deletes) tables[table] = { ...tables[table], delete: [...keys.values()] }
    for (const table of this.#kept) tables[table] = { ...tables[table], keep: true }
    const drop = [...this.#drops]
    this.#puts = new Map()
    this.#deletes = new Map()
    this.#drops = new Set()
    this.#kept = new Set()
    this.#bytes = 0
    this.#since = undefined
    return drop.length === 0 ? { tables } : { drop, tables }
  }
}
