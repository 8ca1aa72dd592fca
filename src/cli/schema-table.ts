import type { ColumnSchema, TableSchema } from '../schema/describe.ts'
import { renderTable } from './table.ts'
import { printable } from './text.ts'

/** A block for each table: its name, and a line for each column and each place within, such as `lines[].price`. */
export function renderSchema(tables: Readonly<Record<string, TableSchema>>): string {
  const blocks = Object.entries(tables).map(([name, { columns, values }]) => {
    const lines = Object.entries(columns).flatMap(([column, schema]) => linesOf(column, schema))
    const table = renderTable(values ? [...lines, ...linesOf('{}', values)] : lines, [
      { header: 'column', cell: ([column]) => printable(column) },
      { header: 'type', cell: ([, { type }]) => (Array.isArray(type) ? type.join(' or ') : type) },
      { header: 'nullable', cell: ([, { nullable }]) => (nullable ? 'yes' : 'no') },
      { header: 'optional', cell: ([, { optional }]) => (optional ? 'yes' : '') },
      { header: 'key', cell: ([, { primaryKey }]) => (primaryKey ? 'yes' : '') },
    ])
    return `${printable(name)}\n${table}`
  })
  return blocks.join('\n\n')
}

/** A place and those within it: `a.b` is a field, `a[]` what is in a list, `a{}` what is in a map. */
function linesOf(path: string, schema: ColumnSchema): [string, ColumnSchema][] {
  const { fields = {}, values, items } = schema
  return [
    [path, schema],
    ...Object.entries(fields).flatMap(([name, field]) => linesOf(`${path}.${name}`, field)),
    ...(values ? linesOf(`${path}{}`, values) : []),
    ...(items ? linesOf(`${path}[]`, items) : []),
  ]
}
