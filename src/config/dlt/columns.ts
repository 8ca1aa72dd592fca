import { isPlainObject } from '../../json.ts'
import { didYouMean, type Path, type Report } from '../issues.ts'
import type { DataType } from '../resolved.ts'
import { type Dict, refuse, renamed, without } from './rename.ts'

/** Ours for theirs. `undefined`: objects and lists alike, and no one type of ours. */
export const DATA_TYPES: ReadonlyMap<string, DataType | undefined> = new Map([
  ['text', 'string'],
  ['double', 'number'],
  ['decimal', 'number'],
  ['bool', 'boolean'],
  ['bigint', 'integer'],
  ['wei', 'string'],
  ['timestamp', 'timestamp'],
  ['date', 'date'],
  ['time', 'string'],
  ['binary', 'string'],
  ['json', undefined],
  ['complex', undefined],
])

/** Hints for databases. `primary_key` is read before. */
const IDLE_HINTS =
  'name primary_key precision scale timezone unique description sort partition cluster foreign_key row_key root_key parent_key variant'.split(
    ' ',
  )

const REFUSED = { merge_key: 'Use primary_key.' }

/** Columns by name; dlt takes a list too. */
function columnsByName(columns: unknown): unknown {
  if (!Array.isArray(columns)) return columns
  return Object.fromEntries(columns.map((column) => [isPlainObject(column) ? String(column.name) : '', column]))
}

export function columnsOf(columns: unknown, path: Path, report: Report): unknown {
  const byName = columnsByName(columns)
  if (!isPlainObject(byName)) return byName
  return Object.fromEntries(
    Object.entries(byName).map(([name, column]) => [name, columnOf(column, [...path, name], report)]),
  )
}

function columnOf(column: unknown, path: Path, report: Report): unknown {
  if (!isPlainObject(column)) return column
  const hints: Dict = without(refuse(column, REFUSED, path, report), IDLE_HINTS)
  return renamed(hints, path, report, {
    data_type(type, at) {
      const ours = DATA_TYPES.get(String(type))
      if (!DATA_TYPES.has(String(type)) && type !== null) {
        const names = [...DATA_TYPES.keys()]
        report({ path: at, what: 'unknown type', hint: didYouMean(type, names, `There are: ${names.join(', ')}.`) })
      }
      return ours
    },
    nullable: (value) => value ?? undefined,
    hard_delete: (value) => value ?? undefined,
    dedup_sort: (value) => value ?? undefined,
  })
}

/** The columns that have the hint `primary_key`. */
export function keyColumns(columns: unknown): string[] {
  const byName = columnsByName(columns)
  if (!isPlainObject(byName)) return []
  return Object.keys(byName).filter((name) => isPlainObject(byName[name]) && byName[name].primary_key === true)
}
