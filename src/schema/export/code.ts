import type { DataType } from '../../config/resolved.ts'
import type { ColumnSchema, TableSchema } from '../describe.ts'

/** Tables by name, as `openDataset(…).schema()` gives them. */
export type Tables = Readonly<Record<string, TableSchema>>

/** Characters that no reader of the code would see, or that would turn its direction. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu

/** Any text as a literal that cannot be left from within. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A field's name before its colon. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
}

/** A name in PascalCase for each table, of ASCII letters and digits, no two alike. */
export function typeNames(tables: Tables): Map<string, string> {
  const taken = new Set(['Tables'])
  const names = Object.keys(tables).map((table): [string, string] => {
    const words = table.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    const name = words.join('').replace(/^(?=\d|$)/, 'Table')
    let free = name
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`
    taken.add(free)
    return [table, free]
  })
  return new Map(names)
}

/** The types of a column as a list. */
export function typesOf({ type }: ColumnSchema): readonly DataType[] {
  return Array.isArray(type) ? type : [type]
}

/** What the target has no word for, as a comment at the end of a line. */
export function remark(column: ColumnSchema, silent: readonly DataType[]): string {
  const said = typesOf(column).filter((type) => !silent.includes(type))
  const words = said.map((type) => (type === 'null' ? 'only null so far' : type))
  return words.length === 0 ? '' : ` // ${words.join(' or ')}`
}

/** The rows of a table as the objects that they are. */
export function rowOf({ columns, values }: TableSchema): ColumnSchema {
  return { type: 'object', nullable: false, ...(values ? { values } : { fields: columns }) }
}

/** `{`, a line for each entry, `}`. */
export function block(lines: readonly string[], indent: string): string {
  return `{\n${lines.map((line) => `${indent}  ${line}\n`).join('')}${indent}}`
}
