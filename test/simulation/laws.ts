import { isSynclineError } from '../../src/errors.ts'
import type { ResourceReport } from '../../src/report.ts'
import { type Api, stateOf, type TableName } from './api.ts'
import { NAMES, type Observation } from './observe.ts'
import type { Process } from './process.ts'
import { drifts, overtakes, type Scenario } from './scenario.ts'
import type { World } from './world.ts'

/** A law that does not hold. */
export class Violation extends Error {
  readonly law: string

  constructor(law: string, what: string) {
    super(`${law}: ${what}`)
    this.law = law
  }
}

/** Every row is accounted for, once. */
export function expectBalanceOf(name: string, report: ResourceReport): void {
  const { added, updated, unchanged, deleted, duplicates, filtered, quarantined, rows } = report
  const sum = added + updated + unchanged + deleted + duplicates + filtered + quarantined
  if (sum !== rows)
    throw new Violation('balance', `${name}: ${sum} rows in the counts, ${rows} rows: ${JSON.stringify(report)}`)
}

/** What a process leaves behind when a call of it has ended. */
export function expectSettled(process: Process): void {
  if (process.timers !== 0) throw new Violation('leak', `${process.timers} sleeps or timers are left`)
  if (process.listeners !== 0) throw new Violation('leak', `${process.listeners} listeners are left on the signal`)
}

/** Codes that nothing of what is done to the engine here can bring about. */
const OUR_FAULT: readonly string[] = [
  ...['config_invalid', 'position_too_large', 'store_corrupt', 'store_too_new', 'store_lost'],
  ...['key_not_unique', 'key_invalid', 'key_column_missing', 'full_refresh_needed', 'selector_empty', 'cursor_missing'],
]

/** Only our own errors, and the reason of an abort. */
export function expectCoded(process: Process, error: unknown): void {
  if (error instanceof Violation) throw error
  if (process.aborted && error === process.reason) return
  if (isSynclineError(error) && !OUR_FAULT.includes(error.code)) return
  throw new Violation('coded', `rejected with ${String(error)}\n${(error as Error).stack}`)
}

/** What must hold between two steps, whatever has happened. `losses` counts live rows that went through drift. */
export class Laws {
  losses = 0
  readonly #scenario: Scenario
  readonly #api: Api
  readonly #world: World
  #last: Observation | undefined
  /** The place in its history of each row that was stored. */
  readonly #reached: Record<TableName, Map<number, number>> = { items: new Map(), others: new Map(), notes: new Map() }

  constructor(scenario: Scenario, api: Api, world: World) {
    this.#scenario = scenario
    this.#api = api
    this.#world = world
  }

  /** `anew`: a full refresh may have been completed since the last time. */
  check(seen: Observation, anew: boolean): void {
    for (const name of NAMES) {
      this.#onlyWhatWas(name, seen)
      this.#nothingGoes(name, seen)
    }
    for (const name of ['items', 'others'] as const) {
      this.#monotone(name, seen, anew)
      this.#cursorBehindData(name, seen)
    }
    this.#last = seen
  }

  /** Rows are states that the source had, and none is older than what was stored before. */
  #onlyWhatWas(name: TableName, { rows }: Observation): void {
    const { known } = this.#api.tables[name]
    const reached = this.#reached[name]
    const texts = new Set<string>()
    for (const { id, text } of rows[name]) {
      const place = known.get(text)
      if (place === undefined) throw new Violation('truth', `${name} ${id} never was ${text}`)
      if (texts.has(text)) throw new Violation('unique', `${name} ${id} is stored twice`)
      texts.add(text)
      if (place < (reached.get(id) ?? 0)) throw new Violation('stale', `${name} ${id} went back to ${text}`)
      reached.set(id, place)
      const before = this.#last?.rows[name].find((row) => row.id === id)
      if (this.#scenario.writes.insertOnly && before !== undefined && before.text !== text)
        throw new Violation('kept', `${name} ${id} was ${before.text}, and is ${text}`)
    }
    const ids = new Set(rows[name].map(({ id }) => id))
    for (const [id, place] of reached) {
      if (ids.has(id)) continue
      const mark = this.#markAfter(name, id, place)
      if (mark > 0) reached.set(id, mark)
    }
  }

  /** The place of the first mark that deletes a row at this place of its history or later: it is what the row went by. */
  #markAfter(name: TableName, id: number, place: number): number {
    const versions = this.#api.tables[name].rows.get(id)?.versions ?? []
    return 1 + versions.findIndex(({ json }, index) => index + 1 >= place && json.gone === true)
  }

  /** States that the store has taken: rows, and marks that rows went by. */
  taken(name: TableName): string[] {
    const table = this.#api.tables[name]
    return [...this.#reached[name]].map(([id, place]) =>
      stateOf(name, id, table.rows.get(id)?.versions[place - 1]?.json.v),
    )
  }

  /** A row that is in the source all the time stays. */
  #nothingGoes(name: TableName, { rows, quarantined }: Observation): void {
    const stored = new Set(rows[name].map(({ id }) => id))
    const { live, rows: all } = this.#api.tables[name]
    // A replaced table is what one pass has read and could take: it lacks what is in quarantine, and what hangs on that.
    if (this.#scenario.disposition === 'replace' && quarantined.size > 0) return
    for (const { id } of this.#last?.rows[name] ?? []) {
      // It was deleted before, and has come back since.
      const wasGone = all.get(id)?.versions.some(({ json }) => json.gone) === true
      if (stored.has(id) || !live.has(id) || wasGone) continue
      if (drifts(this.#scenario) || overtakes(this.#scenario)) this.losses++
      else throw new Violation('live', `${name} ${id} is in the source and was deleted from the store`)
    }
  }

  #monotone(name: TableName, { cursors }: Observation, anew: boolean): void {
    const [before, after] = [this.#last?.cursors[name], cursors[name]]
    if (before === undefined || anew || this.#scenario.disposition === 'replace') return
    if (after === undefined || instantOf(after) < instantOf(before)) {
      throw new Violation('monotone', `the cursor of ${name} went from ${before} to ${after}`)
    }
  }

  /** What the next run would not ask for any more is in the store as it is in the source, or in quarantine. */
  #cursorBehindData(name: TableName, { cursors, rows, quarantined }: Observation): void {
    const cursor = cursors[name]
    if (cursor === undefined || drifts(this.#scenario)) return
    const start = instantOf(cursor) - Math.ceil(this.#scenario.delay / 1000) * 1000
    const { insertOnly } = this.#scenario.writes
    const stored = new Set(rows[name].map(({ text }) => text))
    const ids = new Set(rows[name].map(({ id }) => id))
    const table = this.#api.tables[name]
    for (const row of table.live.values()) {
      const latest = row.versions.at(-1)
      if (insertOnly && ids.has(row.id)) continue
      if (latest === undefined || latest.updated >= start || stored.has(latest.text) || quarantined.has(latest.text))
        continue
      throw new Violation('cursor', `${name}: at ${cursor} (${this.#world.now}), but ${latest.text} is not stored`)
    }
  }
}

export function instantOf(cursor: string | number): number {
  return typeof cursor === 'number' ? cursor * 1000 : Date.parse(cursor)
}
