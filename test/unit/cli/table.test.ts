import { expect, test } from 'vitest'
import { renderReport } from '../../../src/cli/report-table.ts'
import { renderSchema } from '../../../src/cli/schema-table.ts'
import { renderTable } from '../../../src/cli/table.ts'
import { resourceReport, syncReport } from './reports.ts'

test('columns are as wide as their widest cell, numbers stand on the right', () => {
  const rows = [
    { name: '山田', rows: '7' },
    { name: 'Ada Lovelace', rows: '25,000' },
  ]
  const table = renderTable(rows, [
    { header: 'name', cell: (row) => row.name },
    { header: 'rows', cell: (row) => row.rows, align: 'right' },
  ])
  expect(table.split('\n')).toEqual([
    'name            rows',
    '────────────  ──────',
    '山田               7',
    'Ada Lovelace  25,000',
  ])
})

test('a table without rows still has its headers', () => {
  expect(renderTable([], [{ header: 'id', cell: () => '' }])).toBe('id\n──')
})

test('a report shows counts that matter, and leaves out columns in which nothing happened', () => {
  const table = renderReport(syncReport({ items: resourceReport({ received: 1_200, added: 1_200, retries: 2 }) }))
  const [header = '', , line = ''] = table.split('\n')
  expect(header.split(/\s+/)).toEqual([
    'resource',
    'status',
    'requests',
    'pages',
    'received',
    'added',
    'updated',
    'unchanged',
    'retries',
    'time',
  ])
  expect(line.split(/\s{2,}/)).toEqual(['items', 'done', '0', '0', '1,200', '1,200', '0', '0', '2', '0 ms'])
})

test('a report says what failed and what is not complete', () => {
  const failed = resourceReport({
    status: 'failed',
    complete: false,
    error: { code: 'http_status', message: 'x', what: 'x' },
  })
  const table = renderReport(syncReport({ a: failed, b: resourceReport({ complete: false }) }))
  expect(table).toContain('failed: http_status')
  expect(table).toContain('done, not complete')
})

test('a schema names each column and each place within, with its type, several where values do not widen to one', () => {
  const schema = renderSchema({
    items: {
      columns: {
        id: { type: 'string', nullable: false, primaryKey: true },
        'odd\n': {
          type: ['boolean', 'array'],
          nullable: true,
          items: { type: 'object', nullable: false, fields: { at: { type: 'date', nullable: false, optional: true } } },
        },
        stock: { type: 'object', nullable: false, values: { type: 'integer', nullable: true } },
      },
    },
    users: { columns: {} },
  })
  expect(schema.split('\n')).toEqual([
    'items',
    'column      type              nullable  optional  key',
    '──────────  ────────────────  ────────  ────────  ───',
    'id          string            no                  yes',
    'odd\\n       boolean or array  yes',
    'odd\\n[]     object            no',
    'odd\\n[].at  date              no        yes',
    'stock       object            no',
    'stock{}     integer           yes',
    '',
    'users',
    'column  type  nullable  optional  key',
    '──────  ────  ────────  ────────  ───',
  ])
})
