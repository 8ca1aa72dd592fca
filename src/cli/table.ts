import { pad, width } from './text.ts'

export interface Column<Row> {
  header: string
  /** Printable text. */
  cell: (row: Row) => string
  /** Numbers stand on the right. @default 'left' */
  align?: 'left' | 'right'
}

/** A table of plain text: a line of headers, a rule, a line for each row. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const laid = columns.map(({ header, cell, align }) => {
    const cells = rows.map(cell)
    return { header, cells, align, size: Math.max(width(header), ...cells.map(width)) }
  })
  const line = (text: (column: (typeof laid)[number]) => string) =>
    laid
      .map((column) => pad(text(column), column.size, column.align))
      .join('  ')
      .trimEnd()
  return [
    line((column) => column.header),
    laid.map((column) => '─'.repeat(column.size)).join('  '),
    ...rows.map((_, i) => line((column) => column.cells[i] ?? '')),
  ].join('\n')
}
