import { hash64 } from '../../hash.ts'
import { numberFault } from '../../http/body.ts'
import type { JsonObject, JsonValue } from '../../json.ts'
import { loaded } from '../../loaded.ts'
import type { Entry } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'
import { compareCursors } from '../incremental/cursor-value.ts'
import { type Best, trackBest } from '../incremental/incremental.ts'
import type { PageRead } from '../pages/paging.ts'
import { type KeyedRow, type Keying, keyRows } from '../rows/entries.ts'
import { type ShapedPage, type ShapedRow, shapePage } from '../rows/shape.ts'
import type { Rejected } from '../rows/validate.ts'
import { planChildren } from '../unit/children.ts'
import { commitUnit } from '../unit/commit.ts'
import { type Pass, passInKeys, type Reading, systemTable } from '../unit/position.ts'
import { passOf, type Run, type Unit } from '../unit/unit.ts'
import * as parts from './parts.ts'
import { quarantineRows, trimRows } from './quarantine.ts'
import { rulesFor } from './row-rules.ts'

/** What becomes of the rows of a page. */
interface Page {
  /** Those that go into the table. */
  readonly rows: ReadonlyMap<string, KeyedRow>
  /** How many of them are marked as deleted. */
  readonly deleted: number
  /** Rows that are stored stay, and so those that are marked as deleted are only left out. */
  readonly keeps: boolean
  readonly duplicates: number
  readonly filtered: number
  readonly rejected: readonly Rejected[]
}

/**
 * Takes a page into the unit's batch: shaped, keyed, counted, its cursors followed, its children planned. Returns true
 * when the row order shows that all that follows is outside the window. Nothing is changed when it throws.
 */
export async function absorbPage(
  unit: Unit,
  run: Run,
  read: PageRead,
  fromParent: JsonObject,
  sourceTime: number,
): Promise<boolean> {
  const { resource, table, batch, children, position } = unit
  const pass = passOf(unit)
  const { sound, faulty } = read.unsafe ? partSound(read.records, fromParent) : { sound: read.records, faulty: [] }
  const shaped = shapePage({ resource, window: pass.reading.window, readCursor: unit.readCursor, fromParent }, sound)
  const { fresh, repeated } = splitBoundary(unit, pass, shaped.rows)
  const fields = pass.byPlace ? [] : resource.primaryKey
  const rules = rulesFor(resource, pass.mode, fields)
  const keying: Keying = {
    ...unit.keys,
    fields,
    pass: passInKeys(unit, pass),
    row: pass.rows,
    rules,
    contract: unit.contract,
  }
  unit.contract?.begin()
  const keyed = await keyRows(resource, fresh, keying)
  const best = followCursors(unit, pass, shaped, sourceTime)
  const order = followOrder(unit, pass, shaped)
  if (table !== undefined && batch.overlaps(table, keyed.rows)) await commitUnit(unit, run)
  const settled = (table !== undefined && (await rules?.keepNewer(unit, run, table, keyed.rows))) || keyed.rows
  const rows = rules === undefined ? settled : new Map([...settled].filter(([, { deletes }]) => !deletes))
  const page: Page = {
    rows,
    deleted: settled.size - rows.size,
    keeps: rules?.keep === true,
    duplicates: keyed.duplicates,
    filtered: shaped.filtered + repeated,
    rejected: [...faulty, ...keyed.rejected],
  }
  const planned = planChildren(children, pass, rows.values())
  const again = table !== undefined && (pass.again || keying.pass !== pass.id)
  const size = shaped.rows.length + shaped.filtered + faulty.length
  const [left, stale] = again ? await leftBehind(unit, run, table, keying, size, page) : [[], []]
  if (rules?.keep === false) await rules.deleteRows(unit, run, settled)

  if (table !== undefined) storeRows(unit, pass, table, page, keying, left)
  for (const [pendingTable, entries] of planned) batch.put(pendingTable, entries)
  for (const key of stale) batch.delete(systemTable.quarantine, key)
  quarantineRows(unit, run, pass, page.rejected)
  if (table !== undefined) trimRows(unit, run, pass, keyed, rows)
  if (keyed.coerced > 0) position.report.coerced = (position.report.coerced ?? 0) + keyed.coerced
  if (best !== undefined) pass.reading.best = best
  if (order !== undefined) pass.reading.order = order
  count(unit, run, pass, read, page)
  return shaped.outrun && order !== 'violated'
}

/** Keys of the rows and the records that an earlier reading of the same page has left, and this one does not bring. */
async function leftBehind(
  { resource }: Unit,
  run: Run,
  table: string,
  keying: Keying,
  size: number,
  { rows, rejected }: Page,
): Promise<[rows: readonly Key[], records: readonly Key[]]> {
  const { leftAside, leftOn } = await loaded(import('../deletes/leftovers.ts'))
  const left = await leftOn(run, table, keying, size, rows)
  return [left, await leftAside(run, resource.name, keying, size, rejected.length, parts)]
}

function storeRows(
  unit: Unit,
  pass: Pass,
  table: string,
  { rows }: Page,
  { fields, types, rules }: Keying,
  left: readonly Key[],
): void {
  const { batch, resource, inference, position } = unit
  const { owner } = pass.reading
  for (const key of left) batch.delete(table, key)
  batch.put(table, rows)
  if (rules?.keep) batch.keep(table)
  unit.keys = { fields, ...(types && { types }) }
  const values: JsonObject[] = []
  for (const { value } of rows.values()) values.push(value)
  inference.add(values)
  // A row that is back is neither missing any more nor are its children.
  for (const { key } of unit.twoStrike || position.orphans ? rows.values() : []) {
    batch.delete(systemTable.missing(resource.name), key)
    batch.delete(systemTable.gone(resource.name), key)
  }
  // A full refresh sweeps by these marks; those of children show when two parents have rows under one key.
  if (!(pass.full && pass.mode === 'merge') && (owner === undefined || fields.length === 0)) return
  const value: JsonObject = owner === undefined ? {} : { of: owner as JsonValue }
  const marks = new Map<string, Entry>()
  for (const [id, { key }] of rows) marks.set(id, { key, value })
  batch.put(systemTable.seen(resource.name), marks)
  if (owner !== undefined && pass.mode === 'merge') batch.put(systemTable.parents(resource.name), marks)
}

/** Records with numbers that JSON cannot hold: kept with the exact digits as text, never rounded in silence. */
function partSound(records: readonly JsonValue[], raw: JsonObject): { sound: JsonValue[]; faulty: Rejected[] } {
  const sound: JsonValue[] = []
  const faulty: Rejected[] = []
  for (const record of records) {
    const code = numberFault(record)
    if (code === undefined) sound.push(record)
    else faulty.push({ code, reason: REASONS[code], record: JSON.parse(JSON.stringify(record, asText)), raw })
  }
  return { sound, faulty }
}

const REASONS = {
  unsafe_integer: "the record has an integer beyond 2^53-1 (`client.bigint: 'string'` keeps such numbers as text)",
  number_overflow: 'the record has a number that is too large',
} as const

function asText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || value === Infinity || value === -Infinity ? String(value) : value
}

/** An inclusive filter brings the rows at the last cursor again: when appending, only those of them that are new count. */
function splitBoundary({ cursor }: Unit, pass: Pass, rows: readonly ShapedRow[]) {
  const known = new Set(pass.mode === 'append' ? cursor?.boundary : undefined)
  if (known.size === 0) return { fresh: rows, repeated: 0 }
  const fresh = rows.filter(({ value }) => !known.has(hashOf(value)))
  return { fresh, repeated: rows.length - fresh.length }
}

function hashOf(row: JsonValue): string {
  return hash64(JSON.stringify(row))
}

function followCursors(
  { resource }: Unit,
  pass: Pass,
  { rows, droppedCursors }: ShapedPage,
  sourceTime: number,
): Best | undefined {
  const { incremental } = resource.endpoint
  if (incremental === undefined || incremental.endValue !== undefined) return undefined
  const { lastValueFunc, rangeStart, lag } = incremental
  const placed = rows.filter((row): row is Placed => row.cursor !== undefined)
  const values = [...placed.map(({ cursor }) => cursor), ...droppedCursors]
  const remembers = pass.byPlace && rangeStart === 'closed' && lag === 0
  const hash = (index: number) => (index < placed.length ? hashOf((placed[index] as Placed).value) : '')
  return trackBest(pass.reading.best, values, lastValueFunc, sourceTime, remembers ? hash : undefined)
}

type Placed = ShapedRow & { readonly cursor: string | number }

/** A declared order that does not hold must not end the paging early. */
function followOrder({ resource }: Unit, { reading: { order } }: Pass, { ordered }: ShapedPage): Reading['order'] {
  const descends = resource.endpoint.incremental?.rowOrder === 'desc'
  let known = order
  for (const cursor of ordered) {
    if (known === 'violated') return known
    const step = known === undefined ? 0 : compareCursors(cursor, known.last)
    known = (descends ? step > 0 : step < 0) ? 'violated' : { last: cursor }
  }
  return known
}

function count(unit: Unit, run: Run, pass: Pass, read: PageRead, page: Page): void {
  const { report } = unit.position
  const received = read.records.length
  const rows = page.rows.size + page.deleted + page.duplicates + page.rejected.length + page.filtered
  pass.pages++
  pass.received += received
  pass.rows += rows
  pass.kept += page.rows.size
  if (page.deleted > 0) pass.deleted = (pass.deleted ?? 0) + page.deleted
  report.pages++
  report.received += received
  report.rows += rows
  report.duplicates += page.duplicates
  report.filtered += page.filtered
  report[page.keeps ? 'filtered' : 'deleted'] += page.deleted
  report.quarantined += page.rejected.length
  // Rows that are only read for their children are not stored: they count as unchanged.
  if (pass.mode === 'read') report.unchanged += page.rows.size
  run.left.addRecords(received)
  const progress = { page: pass.pages, received: pass.received, ...(read.total !== undefined && { total: read.total }) }
  run.emit({ type: 'page', resource: unit.resource.name, ...progress })
}
