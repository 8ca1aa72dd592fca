import type { JsonObject, JsonValue } from '../../json.ts'
import type { ReplayedResource } from '../../report.ts'
import type { Key } from '../../store/key.ts'
import type * as Parts from '../pass/parts.ts'
import type { RowRules } from '../pass/row-rules.ts'
import type { KeyedRow, Keying } from '../rows/entries.ts'
import type { Run, Unit } from '../unit/unit.ts'

/** What `_quarantine` holds of a record. */
export interface Kept {
  resource: string
  code: string
  /** ISO time. */
  at: string
  /** The last pass that it came in. */
  pass: number
  record: JsonValue
  /** Children: the key of the parent. */
  of?: Key
  /** Of the rows that the steps made of the record, this one, where they were several: its index, and how many. */
  part?: [index: number, rows: number]
  /** Its numbers are text, and it lacks the fields that its parent gives it. */
  raw?: JsonObject
  /** The row is in the table under this key, without the values that a contract refused. */
  key?: Key
  /** Hash of that row. */
  stored?: string
}

/** One resource while its records are run again. */
export interface Replay {
  readonly unit: Unit
  readonly run: Run
  readonly parts: typeof Parts
  readonly rules: RowRules | undefined
  readonly keying: Keying
  /** Of the rows of one commit among parents whose children are to be read. */
  readonly place: { readonly id: 0; pages: number }
  readonly report: ReplayedResource
}

/** A record that passes, and the rows that it becomes, under their encoded keys. */
export interface Replayed {
  /** In quarantine. */
  readonly key: Key
  readonly kept: Kept
  readonly rows: ReadonlyMap<string, KeyedRow>
}

type Outcome = 'replayed' | 'superseded' | 'filtered' | 'kept'

/** Merges records, and takes them out of quarantine in the same commit. */
export async function commitReplayed(
  replay: Replay,
  passing: readonly Replayed[],
  newest: ReadonlyMap<string, Replayed>,
): Promise<void> {
  const { unit, run, parts, report } = replay
  const { resource, batch, position } = unit
  const table = resource.name
  const { outcomes, rows } = await judge(replay, passing, newest)
  for (const [record, outcome] of outcomes) {
    if (outcome !== 'kept') batch.delete(parts.systemTable.quarantine, record.key)
  }
  putRows(replay, rows, outcomes)
  await replay.rules?.deleteRows(unit, run, rows)
  const news = unit.inference.take()
  if (news) {
    unit.schema = parts.nextSchema(unit, unit.keys, news, run)
    const value = unit.schema as unknown as JsonObject
    batch.put(parts.systemTable.schema, new Map([['', { key: resource.name, value }]]))
  }
  const { version, tables } = await run.dataset.commit({
    unit: resource.name,
    expect: unit.version,
    position: parts.writePosition(position),
    ...batch.take(),
  })
  unit.version = version
  for (const outcome of outcomes.values()) report[outcome]++
  const { added = 0, updated = 0, unchanged = 0 } = tables[table] ?? {}
  report.added += added
  report.updated += updated
  report.unchanged += unchanged
  report.deleted += [...rows.values()].filter(({ deletes }) => deletes).length
}

function putRows(
  { unit, run, parts, keying, place }: Replay,
  all: ReadonlyMap<string, KeyedRow>,
  outcomes: ReadonlyMap<Replayed, Outcome>,
): void {
  const { resource, batch, inference, children } = unit
  const { systemTable } = parts
  const rows = new Map([...all].filter(([, { deletes }]) => !deletes))
  if (rows.size === 0) return
  batch.put(resource.name, rows)
  inference.add([...rows.values()].map(({ value }) => value))
  unit.keys = { fields: keying.fields, ...(keying.types && { types: keying.types }) }
  for (const { key } of rows.values()) {
    batch.delete(systemTable.missing(resource.name), key)
    batch.delete(systemTable.gone(resource.name), key)
  }
  // Children are read by the next run, before its first page. No two commits have one time, however clocks may stand.
  place.pages = Math.max(run.ports.now(), place.pages + 1)
  for (const [table, entries] of parts.planChildren(children, place, rows.values())) batch.put(table, entries)
  for (const [record, outcome] of outcomes) {
    const { of } = record.kept
    if (of === undefined || outcome !== 'replayed' || keying.fields.length === 0) continue
    const marks = [...record.rows].filter(([id]) => rows.has(id))
    const value = { of: of as JsonValue }
    batch.put(systemTable.parents(resource.name), new Map(marks.map(([id, { key }]) => [id, { key, value }] as const)))
  }
}

async function judge(
  replay: Replay,
  passing: readonly Replayed[],
  newest: ReadonlyMap<string, Replayed>,
): Promise<{ outcomes: Map<Replayed, Outcome>; rows: Map<string, KeyedRow> }> {
  const { unit, run, rules } = replay
  const { resource } = unit
  const wanted = new Map<string, KeyedRow>()
  for (const record of passing) for (const [id, row] of record.rows) if (newest.get(id) === record) wanted.set(id, row)
  const found = await run.dataset.getMany(
    resource.name,
    [...wanted.values()].map(({ key }) => key),
  )
  const live = new Map([...wanted.keys()].map((id, index) => [id, found[index]]))
  const settled = (await rules?.keepNewer(unit, run, resource.name, wanted)) ?? wanted
  const outcomes = new Map<Replayed, Outcome>()
  const rows = new Map<string, KeyedRow>()
  for (const record of passing) {
    const own = [...record.rows].filter(([id]) => newest.get(id) === record)
    // What is stored may be newer by `dedupSort`.
    const each = own.map(([id, row]) =>
      settled.get(id) === row ? judgeRow(replay, record, row, live.get(id)) : 'superseded',
    )
    const outcome =
      record.rows.size === 0 ? 'filtered' : (['kept', 'replayed'] as const).find((one) => each.includes(one))
    outcomes.set(record, outcome ?? 'superseded')
    if (outcome === 'replayed') for (const [i, [id, row]] of own.entries()) if (each[i] === outcome) rows.set(id, row)
  }
  return { outcomes, rows }
}

/** What becomes of a row, given the stored one. */
function judgeRow(replay: Replay, { kept }: Replayed, row: KeyedRow, live: JsonObject | undefined): Outcome {
  const { unit, parts, rules } = replay
  const { canonical, hash64 } = parts
  const stored = live && canonical(live)
  // What was left of this record is stored, or else what came, or went, after it.
  if (kept.stored !== undefined) return stored && hash64(stored) === kept.stored ? 'replayed' : 'superseded'
  const { resource, position } = unit
  const { pass } = kept
  if (parts.modeOf(resource, {}) === 'replace' && pass !== position.passed) {
    // Another generation has taken its place, or its own was never published.
    return pass < position.passed ? 'superseded' : 'kept'
  }
  // A full refresh has read everything since, and there was no such row.
  if (stored === undefined && pass < (position.swept ?? 0)) return 'superseded'
  if (stored === undefined || stored === canonical(row.value)) return 'replayed'
  if (rules?.keep) return 'superseded'
  const order = live && compareVersions(replay, { key: row.key, value: live }, row)
  if (order) return order > 0 ? 'replayed' : 'superseded'
  if (order === 0 && rules?.sorts) return 'replayed'
  const { incremental, token } = resource.endpoint
  // Where each pass reads all, the last one has seen the newest state of every row: this record is it, or is not.
  const readsAll = !(incremental ?? token ?? position.pass)
  if (readsAll && pass < position.passed) return 'superseded'
  return readsAll && pass === position.passed ? 'replayed' : 'kept'
}

/** Above 0: `next` is the newer state of a row, by `dedupSort` or else by the cursor. Undefined: nothing shows it. */
export function compareVersions(replay: Replay, held: KeyedRow, next: KeyedRow): number | undefined {
  const { unit, parts, rules } = replay
  if (rules?.sorts) {
    if (rules.stays(held, next)) return -1
    return rules.stays(next, held) ? 1 : 0
  }
  const { incremental } = unit.resource.endpoint
  if (unit.readCursor === undefined || incremental?.lastValueFunc !== 'max') return undefined
  const [a, b] = [unit.readCursor(held.value), unit.readCursor(next.value)]
  const comparable = typeof a === typeof b && (typeof a === 'string' || typeof a === 'number')
  return comparable ? parts.compareCursors(b as string | number, a as string | number) : undefined
}
