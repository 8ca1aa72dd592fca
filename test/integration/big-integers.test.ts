import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, openDataset, sync } from '../../src/index.ts'
import type { JsonObject, JsonValue } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { fakePorts } from '../support/ports.ts'

const PLAIN = Array.from({ length: 30 }, (_, i) => `{"id":"p_${i}","n":${i}}`)

/** Syncs records that are given as text, since JavaScript cannot write all of their numbers. */
async function load(texts: readonly string[], bigint?: 'string') {
  const source = defineSource({
    name: 'test',
    client: { baseUrl: 'https://api.example.com', ...(bigint && { bigint }) },
    resources: [{ name: 'items', primaryKey: 'id', endpoint: { path: '/items', paginator: 'single_page' } }],
  })
  const body = `[${[...PLAIN, ...texts].join()}]`
  const fetch = async () => new Response(body, { headers: { 'content-type': 'application/json' } })
  const store = memoryStore()
  const report = await sync(source, store, { ports: fakePorts({ fetch }) })
  expectBalance(report)
  const data = await openDataset(source, store)
  const kept: JsonObject[] = []
  for await (const { code, record } of data.quarantine()) kept.push({ code, record })
  return { get: (id: string) => data.table('items').get(id), kept, schema: await data.schema() }
}

describe('integers that a number cannot hold', () => {
  test.each<[string, string, JsonValue]>([
    ['a field', '{"id":"x","n":9007199254740993}', { id: 'x', n: '9007199254740993' }],
    ['negative', '{"id":"x","n":-9007199254740993}', { id: 'x', n: '-9007199254740993' }],
    ['just beyond', '{"id":"x","n":9007199254740992}', { id: 'x', n: '9007199254740992' }],
    ['of twenty digits', '{"id":"x","n":18446744073709551615}', { id: 'x', n: '18446744073709551615' }],
    ['nested', '{"id":"x","a":[{"b":9007199254740993}]}', { id: 'x', a: [{ b: '9007199254740993' }] }],
    ['the key', '{"id":9007199254740993}', { id: '9007199254740993' }],
  ])('%s: in quarantine with all digits, or kept as text', async (_, text, record) => {
    expect((await load([text])).kept).toEqual([{ code: 'unsafe_integer', record }])
    const { get, kept } = await load([text], 'string')
    expect(kept).toEqual([])
    expect(await get((record as { id: string }).id)).toEqual(record)
  })
})

describe('numbers that are as JSON.parse has them', () => {
  test.each<[string, string, number]>([
    ['the largest safe integer', '9007199254740991', 9007199254740991],
    ['the smallest', '-9007199254740991', -9007199254740991],
    ['an exponent', '1e19', 1e19],
    ['a fraction of many digits', '0.12345678901234567891', 0.12345678901234568],
    ['a large one with a fraction', '12345678901234567.5', 12345678901234568],
    ['nothing, with a sign', '-0', 0],
  ])('%s', async (_, digits, value) => {
    // Beside one that makes the exact parser read the page, and without it.
    for (const beside of ['1', '9007199254740993']) {
      const { get } = await load([`{"id":"x","n":${digits}}`, `{"id":"y","n":${beside}}`], 'string')
      expect((await get('x'))?.n).toBe(value)
    }
  })
})

test('as names of fields they are text already', async () => {
  const { get, kept } = await load(['{"id":"x","9007199254740993":1}'])
  expect([kept, await get('x')]).toEqual([[], { id: 'x', '9007199254740993': 1 }])
})

test('one that no number can hold at all is kept in quarantine', async () => {
  const record = { id: 'x', n: 'Infinity' }
  expect((await load(['{"id":"x","n":1e400}'])).kept).toEqual([{ code: 'number_overflow', record }])
  expect((await load(['{"id":"x","n":1e400}'], 'string')).kept).toEqual([{ code: 'number_overflow', record }])
})

test('the schema says that a column has both', async () => {
  const { schema } = await load(['{"id":"x","n":9007199254740993}'], 'string')
  expect(schema.items?.columns.n?.type).toEqual(['integer', 'string'])
})
