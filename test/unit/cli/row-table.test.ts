import { expect, test } from 'vitest'
import { renderRows } from '../../../src/cli/row-table.ts'
import { width } from '../../../src/cli/text.ts'

const rows = [
  { id: 1, name: '山田', tags: ['a'], note: null },
  { id: 2, extra: 'x'.repeat(100), name: 'line\nbreak\u001b[31m' },
]

test('every field of every record has a column; what is nested is JSON, what is missing is empty', () => {
  expect(renderRows(rows, undefined).split('\n')).toEqual([
    'id  name                   tags   note  extra',
    '──  ─────────────────────  ─────  ────  ────────────────────────────────',
    '1   山田                   ["a"]  null',
    `2   line\\nbreak\\u001b[31m${' '.repeat(15)}${'x'.repeat(31)}…`,
  ])
})

test('in a narrow terminal the columns that do not fit are named by number', () => {
  const lines = renderRows(rows, 40).split('\n')
  expect(lines.at(-1)).toBe('(1 more column: see --json)')
  expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(40)
})

test('inherited names are not fields', () => {
  expect(renderRows([{ toString: 'a' }, { id: 1 }], undefined)).not.toContain('native code')
})
