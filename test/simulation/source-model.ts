import type { JsonObject } from '../../src/json.ts'
import type { Dice } from './dice.ts'

/** One state of a row. */
interface RowVersion {
  /** As the API gives it. */
  readonly json: JsonObject
  readonly text: string
  /** `updated_at` in ms. */
  readonly updated: number
  /** When readers begin to see it. */
  readonly visibleAt: number
}

export interface SourceRow {
  readonly id: number
  readonly parent: number | undefined
  readonly versions: RowVersion[]
  /** Deleted, but still in the lists, marked. */
  gone: boolean
  /** When it was made. */
  readonly born: number
}

/** What a table's rows are like. */
export interface TableRules {
  /** `updated_at` is the time of the change, cut to so many ms. */
  readonly granularity: number
  /** Changes are seen so many ms later at most. */
  readonly delay: number
  /** `updated_at` as seconds since 1970 instead of text. */
  readonly epoch: boolean
}

/** A table of the source, with all states that its rows ever had. */
export class SourceTable {
  readonly rows = new Map<number, SourceRow>()
  readonly rules: TableRules
  /** Every state, and its place in the history of its row. */
  readonly known = new Map<string, number>()
  readonly #dice: Dice
  #nextId = 1
  #value = 0

  constructor(rules: TableRules, dice: Dice) {
    this.rules = rules
    this.#dice = dice
  }

  /** Rows that were ever made. */
  get made(): number {
    return this.#nextId - 1
  }

  insert(now: number, parent?: number): SourceRow {
    const row: SourceRow = { id: this.#nextId++, parent, versions: [], gone: false, born: now }
    this.rows.set(row.id, row)
    this.#write(row, now)
    return row
  }

  /** `bad`: the schema refuses the row from now on. */
  update(row: SourceRow, now: number, bad = false): void {
    row.gone = false
    this.#write(row, now, bad)
  }

  remove(row: SourceRow): void {
    this.rows.delete(row.id)
  }

  /** The row stays in the lists, marked as deleted. */
  mark(row: SourceRow, now: number): void {
    row.gone = true
    this.#write(row, now)
  }

  /** The rows that are not deleted. */
  get live(): Map<number, SourceRow> {
    return new Map([...this.rows].filter(([, { gone }]) => !gone))
  }

  /** The state that a reader sees. */
  seen(row: SourceRow, now: number): RowVersion | undefined {
    return row.versions[this.#latest(row, now)]
  }

  /** The state that a reader may have seen before it. */
  before(row: SourceRow, now: number): RowVersion | undefined {
    return row.versions[this.#latest(row, now) - 1]
  }

  /** When everything that has happened is visible. */
  settledAt(): number {
    let latest = 0
    for (const { versions } of this.rows.values()) latest = Math.max(latest, versions.at(-1)?.visibleAt ?? 0)
    return latest
  }

  #latest({ versions }: SourceRow, now: number): number {
    let at = versions.length - 1
    while (at >= 0 && (versions[at]?.visibleAt ?? 0) > now) at--
    return at
  }

  #write(row: SourceRow, now: number, bad = false): void {
    const { granularity, delay, epoch } = this.rules
    const updated = now - (now % granularity)
    const json: JsonObject = {
      id: row.id,
      updated_at: epoch ? updated / 1000 : new Date(updated).toISOString(),
      v: ++this.#value,
      ...(row.parent !== undefined && { parent: row.parent }),
      ...(bad && { bad }),
      ...(row.gone && { gone: true }),
    }
    const latest = row.versions.at(-1)?.visibleAt ?? 0
    const visibleAt = Math.max(latest, now + (delay > 0 ? this.#dice.int(0, delay) : 0))
    const text = canonical(json)
    row.versions.push({ json, text, updated, visibleAt })
    this.known.set(text, row.versions.length)
  }
}

/** A row as text, whatever the order of its fields; what the engine has added from the parent is left out. */
export function canonical(row: JsonObject): string {
  const keys = Object.keys(row).filter((key) => !key.startsWith('_'))
  return JSON.stringify(Object.fromEntries(keys.sort().map((key) => [key, row[key]])))
}
