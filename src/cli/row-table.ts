import type { JsonObject, JsonValue } from '../json.ts'
import { own } from '../json.ts'
import { renderTable } from './table.ts'
import { cut, printable, width } from './text.ts'

/** The widest that a cell gets: a glance, not the whole value. */
const CELL = 32

/** Records as a table, with the columns that fit; a last line says what was left out. */
export function renderRows(rows: readonly JsonObject[], columns: number | undefined): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const all = names.map((name) => ({
    header: cut(printable(name), CELL),
    cell: (row: JsonObject) => cut(cellText(own(row, name)), CELL),
  }))
  let room = columns ?? Number.POSITIVE_INFINITY
  const fitting = all.filter(({ header, cell }, i) => {
    room -= Math.max(width(header), ...rows.map((row) => width(cell(row)))) + 2
    return i === 0 || room >= -2
  })
  const left = all.length - fitting.length
  const note = left === 0 ? '' : `\n(${left} more ${left === 1 ? 'column' : 'columns'}: see --json)`
  return renderTable(rows, fitting) + note
}

function cellText(value: JsonValue | undefined): string {
  if (value === undefined) return ''
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}
