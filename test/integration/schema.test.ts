import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { memoryStore } from '../../adapters/memory.ts'
import { openDataset, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { StandardIssue, StandardSchema } from '../../src/schema/standard.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsSource } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'

const Item = v.object({ id: v.number(), name: v.string(), updated_at: v.string() })

async function load(rows: JsonObject[], schema?: StandardSchema<unknown, { id: number }>) {
  const api = fakeApi({ '/items': rows })
  const source = itemsSource({ ...(schema && { schema }) }, { incremental: undefined })
  const store = memoryStore()
  const report = await sync(source, store, { ports: fakePorts({ fetch: api.fetch }) })
  expectBalance(report)
  const data = await openDataset(source, store)
  const kept = []
  for await (const record of data.quarantine()) kept.push(record)
  return { report, data, kept }
}

test('records that the schema refuses are kept whole, with paths and types but without values', async () => {
  const bad = { id: 99, name: 'SECRET', updated_at: 7, nested: { a: ['SECRET'] } }
  const { report, kept } = await load([...manyRows(20), bad], Item)
  expect(report.resources.items).toMatchObject({ added: 20, quarantined: 1 })
  expect(kept).toMatchObject([{ code: 'schema_invalid', record: bad }])
  expect(kept[0]?.reason).toBe('the schema refuses it: `updated_at` is number (expected string)')
})

test('many issues are summed up', async () => {
  const wide = v.object(Object.fromEntries(['id', 'a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, v.number()])))
  const good = Array.from({ length: 20 }, (_, id) => ({ id, a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }))
  const { kept } = await load([...good, { id: 99, e: null }], wide as never)
  expect(kept[0]?.reason).toBe(
    'the schema refuses it: `a` is missing, `b` is missing, `c` is missing, `d` is missing, `e` is null (expected number) and 1 more',
  )
})

test('what the schema makes of a record is what is stored and keyed', async () => {
  const schema = v.pipe(
    v.object({ id: v.number(), name: v.string() }),
    v.transform(({ id, name }) => ({ id: id + 1000, upper: name.toUpperCase() })),
  )
  const { data } = await load(manyRows(2), schema)
  expect(await data.table('items').get(1001)).toEqual({ id: 1001, upper: 'ROW 1' })
})

test('asynchronous schemas are awaited', async () => {
  const schema = v.pipeAsync(
    Item,
    v.checkAsync(async ({ id }) => id !== 3),
  )
  const { report, kept } = await load(manyRows(20), schema)
  expect(report.resources.items).toMatchObject({ added: 19, quarantined: 1 })
  expect(kept[0]?.reason).toBe('the schema refuses it: `$` is object')
})

describe('issues of each library: paths, received types and what was expected, but no values', () => {
  const bad = {
    id: 99,
    name: 13,
    kind: 'SECRET-KIND',
    code: 'SE',
    nested: { a: [1, 'SECRET-ITEM'] },
    day: 'SECRET-DAY',
  }
  const issues = [
    'name` is number (expected ',
    'kind` is string',
    'code` is string',
    'nested.a.1` is string (expected ',
  ]
  test.each<[string, StandardSchema<unknown, { id: number }>, string[]]>([
    [
      'valibot',
      v.object({
        id: v.number(),
        name: v.string(),
        kind: v.picklist(['a', 'b']),
        code: v.pipe(v.string(), v.minLength(50)),
        nested: v.object({ a: v.array(v.number()) }),
      }),
      issues,
    ],
    [
      'zod',
      z.object({
        id: z.number(),
        name: z.string(),
        kind: z.enum(['a', 'b']),
        code: z.string().min(50),
        nested: z.object({ a: z.array(z.number()) }),
      }),
      issues,
    ],
    [
      'arktype, whose `expected` may quote the value',
      type({ id: 'number', name: 'string', kind: "'a'|'b'", code: 'string >= 50', nested: { a: 'number[]' } }),
      issues,
    ],
    [
      'checks that quote it themselves',
      standard(({ name }) => [
        { message: `not ${name}`, path: ['name'], ...{ expected: `not ${name}` } },
        { message: '', path: ['nested'], ...{ expected: 'not SECRET-ITEM' } },
        { message: '', path: [{ key: 'day' }], ...{ expected: 'a day' } },
        { message: '', path: ['gone', 'deep'], ...{ expected: 7 } },
        { message: '', path: ['absent'], ...{ expected: 'a date' } },
      ]),
      [
        'name` is number,',
        'nested` is object,',
        'day` is string (expected a day)',
        'gone.deep` is missing,',
        'absent` is missing (expected a date)',
      ],
    ],
  ])('%s', async (_, schema, parts) => {
    const rows = Array.from({ length: 20 }, (_, id) => ({
      id,
      name: '',
      kind: 'a',
      code: 'x'.repeat(50),
      nested: { a: [] },
    }))
    const { kept } = await load([...rows, bad] as never, schema)
    expect(kept).toMatchObject([{ code: 'schema_invalid', record: bad }])
    const reason = kept[0]?.reason ?? ''
    expect(parts.filter((part) => !reason.includes(part))).toEqual([])
    expect(reason).not.toMatch(/SE|13/)
  })

  function standard(issues: (row: { name: unknown }) => StandardIssue[]): StandardSchema<unknown, { id: number }> {
    const validate = (value: unknown) => {
      const row = value as { id: number; name: unknown }
      return row.id === 99 ? { issues: issues(row) } : { value: row }
    }
    return { '~standard': { version: 1, vendor: 'test', validate } }
  }
})

test.each([
  [
    'at once',
    (): never => {
      throw new Error('SECRET')
    },
  ],
  ['later', () => Promise.reject(new Error('SECRET'))],
])('a schema that throws %s puts the record into quarantine', async (_, fail) => {
  const validate = (value: unknown) =>
    (value as { id: number }).id === 3 ? fail() : { value: value as { id: number } }
  const { report, kept } = await load(manyRows(20), { '~standard': { version: 1, vendor: 'test', validate } })
  expect(report.resources.items).toMatchObject({ added: 19, quarantined: 1 })
  expect(kept).toMatchObject([{ code: 'schema_invalid', reason: 'the schema threw an error', record: { id: 3 } }])
})

describe('an output that is not JSON goes to quarantine', () => {
  test.each<[string, (row: JsonObject) => unknown, string]>([
    ['a date', (row) => ({ ...row, at: new Date() }), 'not_json'],
    ['not a number', (row) => ({ ...row, n: Number.NaN }), 'not_json'],
    ['something deep', (row) => ({ ...row, deep: [{ map: new Map() }] }), 'not_json'],
    ['a list', () => [1], 'not_an_object'],
    ['a text', () => 'x', 'not_an_object'],
  ])('%s', async (_, output, code) => {
    const schema = v.pipe(
      v.looseObject({ id: v.number() }),
      v.transform((row) => (row.id === 5 ? output(row as JsonObject) : row)),
    )
    const { report, kept } = await load(manyRows(20), schema as never)
    expect(report.resources.items).toMatchObject({ added: 19, quarantined: 1 })
    expect(kept).toMatchObject([{ code }])
  })

  test('but undefined fields are merely absent', async () => {
    const schema = v.pipe(
      Item,
      v.transform(({ id }) => ({ id, gone: undefined, list: [true, null, { gone: undefined, kept: 1 }] })),
    )
    const { data } = await load(manyRows(1), schema as never)
    expect(await data.table('items').get(1)).toEqual({ id: 1, list: [true, null, { kept: 1 }] })
  })
})

test('records that are no objects are kept as well', async () => {
  const { report, kept } = await load([...manyRows(20), 'text' as never])
  expect(report.resources.items).toMatchObject({ added: 20, quarantined: 1 })
  expect(kept).toMatchObject([{ code: 'not_an_object', reason: 'a record is string, not an object', record: 'text' }])
})

test('types and nullability are kept with the dataset', async () => {
  const { data } = await load([
    { id: 1, name: 'a', amount: 1, at: '2024-01-01T00:00:00Z' },
    { id: 2, name: null, amount: 2.5 },
  ])
  expect(await data.schema()).toEqual({
    items: {
      columns: {
        id: { type: 'integer', nullable: false, primaryKey: true },
        name: { type: 'string', nullable: true },
        amount: { type: 'number', nullable: false },
        at: { type: 'timestamp', nullable: false, optional: true },
      },
    },
  })
})
