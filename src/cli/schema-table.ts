import type { TableSchema } from '../schema/describe.ts'
import { renderTable } from './table.ts'
import { printable } from './text.ts'

/** A block for each table: its name, and a line for each column. */
export function renderSchema(tables: Readonly<Record<string, TableSchema>>): string {
  const blocks = Object.entries(tables).map(([name, { columns }]) => {
    const table = renderTable(Object.entries(columns), [
      { header: 'column', cell: ([column]) => printable(column) },
      { header: 'type', cell: ([, { type }]) => (Array.isArray(type) ? type.join(' or ') : type) },
      { header: 'nullable', cell: ([, { nullable }]) => (nullable ? 'yes' : 'no') },
      { header: 'key', cell: ([, { primaryKey }]) => (primaryKey ? 'yes' : '') },
    ])
    return `${printable(name)}\n${table}`
  })
  return blocks.join('\n\n')
}
