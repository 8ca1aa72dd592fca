import { callUser } from '../../call-user.ts'
import type { Incremental, Resource } from '../../config/resolved.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.ts'
import { type CursorReader, cursorOf, locate, type Window } from '../incremental/incremental.ts'

/** A row on its way from a page to a table. */
export interface ShapedRow {
  readonly value: JsonValue
  /** The cursor of the record it came from, as received. */
  readonly cursor: string | number | undefined
  /** What the steps were given, where there are any. */
  readonly from?: JsonObject
  /** Which of the rows it is that they made of it, where they made several. */
  readonly part?: Part
}

export type Part = readonly [index: number, rows: number]

export interface ShapedPage {
  readonly rows: readonly ShapedRow[]
  /** Rows that a step or the range of the cursor dropped. */
  readonly filtered: number
  /** Cursors of records within the window that a step dropped: they were received all the same. */
  readonly droppedCursors: readonly (string | number)[]
  /** Cursors of all records, in order, where an order is declared. */
  readonly ordered: readonly (string | number)[]
  /** The page shows that what follows lies outside the window, in the order that `rowOrder` declares. */
  readonly outrun: boolean
}

export interface Shaper {
  readonly resource: Resource
  readonly window: Window
  readonly readCursor: CursorReader | undefined
  /** Fields of the parent to put into each row, under `_<parent>_<field>`. */
  readonly fromParent: JsonObject
}

/**
 * Turns received records into rows: the range of the cursor (on the record as received), fields of the parent, then
 * the processing steps. One record may become none or many rows.
 */
export function shapePage(
  { resource, window, readCursor, fromParent }: Shaper,
  records: readonly JsonValue[],
): ShapedPage {
  const { endpoint, processingSteps } = resource
  const { incremental } = endpoint
  const rows: ShapedRow[] = []
  const droppedCursors: (string | number)[] = []
  const ordered: (string | number)[] = []
  let filtered = 0
  let outrun = false
  const inherits = Object.keys(fromParent).length > 0
  for (const record of records) {
    let cursor: string | number | undefined
    if (incremental !== undefined && readCursor !== undefined) {
      cursor = cursorOf(record, readCursor, incremental)
      if (cursor !== undefined && incremental.rowOrder !== undefined) ordered.push(cursor)
      const place = cursor === undefined ? undefined : locate(cursor, window, incremental)
      if (place !== undefined && place === outside(incremental)) outrun = true
      const drop = place === undefined ? incremental.onCursorValueMissing === 'exclude' : place !== 'in'
      if (drop) {
        filtered++
        continue
      }
    }
    const whole = inherits && isJsonObject(record) ? { ...record, ...fromParent } : record
    if (processingSteps.length === 0 || !isJsonObject(whole)) {
      rows.push({ value: whole, cursor })
      continue
    }
    // A step may change what it is given, and what it is given is what quarantine keeps.
    const made = runSteps(processingSteps, structuredClone(whole), resource.name)
    if (made.length === 0) {
      filtered++
      if (cursor !== undefined) droppedCursors.push(cursor)
    }
    for (const [index, value] of made.entries()) {
      rows.push({ value, cursor, from: whole, ...(made.length > 1 && { part: [index, made.length] }) })
    }
  }
  return { rows, filtered, droppedCursors, ordered, outrun }
}

/** Which side of the window ends the paging, given the declared order. */
function outside({ rowOrder, lastValueFunc }: Incremental): 'before' | 'past' | undefined {
  if (rowOrder === undefined) return undefined
  return (rowOrder === 'desc') === (lastValueFunc === 'max') ? 'before' : 'past'
}

function runSteps(steps: Resource['processingSteps'], record: JsonObject, resource: string): JsonObject[] {
  let rows = [record]
  for (const [index, step] of steps.entries()) {
    rows = callUser(
      `processingSteps[${index}]`,
      () => {
        if ('filter' in step) return rows.filter(step.filter)
        return 'map' in step ? rows.map(step.map) : rows.flatMap((row) => [...step.yieldMap(row)])
      },
      { resource },
    )
  }
  return rows
}
