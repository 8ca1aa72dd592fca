import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDemoApi, type DemoApi } from '../../playground/demo-api/demo-api.ts'
import { type DemoServer, serve } from '../../playground/demo-api/server.ts'

const SMALL = { customers: 5, calls: 3, messages: 40, transactions: 1_234 }

let api: DemoApi
let server: DemoServer

beforeAll(async () => {
  api = createDemoApi({ sizes: SMALL })
  server = await serve(api)
})

afterAll(() => server.close())

async function get(path: string, query: Record<string, string> = {}, at = server.origin) {
  const response = await fetch(`${at}${path}?${new URLSearchParams({ api_key: 'demo-key', ...query })}`)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

test('pages by offset add up to the whole table, in the order of ids', async () => {
  const ids: string[] = []
  for (let offset = 0; offset < 1_234; offset += 100) {
    const { body } = await get('/v1/transactions', { offset: String(offset), limit: '100' })
    expect(body).toMatchObject({ total: 1_234, offset, limit: 100 })
    ids.push(...body.data.map((row: { id: string }) => row.id))
  }
  expect(ids).toHaveLength(1_234)
  expect(ids).toEqual([...new Set(ids)].sort())
})

test('caps the limit at 1,000', async () => {
  const { body } = await get('/v1/transactions', { limit: '5000' })
  expect([body.data.length, body.limit]).toEqual([1_000, 1_000])
})

test.each([
  ['no such table', '/v1/nothing', {}, 404, 'not_found'],
  ['no such record', '/v1/customers/c_9999', {}, 404, 'not_found'],
  ['a wrong key', '/v1/calls', { api_key: 'guess' }, 401, 'api_key_missing_or_wrong'],
  ['an offset that is no number', '/v1/calls', { offset: '-1' }, 400, 'offset_or_limit_invalid'],
  ['a limit of 0', '/v1/calls', { limit: '0' }, 400, 'offset_or_limit_invalid'],
  ['a date that is none', '/v1/calls', { updated_since: 'yesterday' }, 400, 'updated_since_invalid'],
])('refuses %s', async (_, path, query, status, error) => {
  const answer = await get(path, { ...query })
  expect([answer.status, answer.body.error]).toEqual([status, error])
})

test('refuses a request without a key, and never logs one', async () => {
  expect((await fetch(`${server.origin}/v1/calls`)).status).toBe(401)
  await get('/v1/calls')
  expect(JSON.stringify(api.log)).not.toContain('demo-key')
})

test('a child route lists what belongs to its parent', async () => {
  const { body } = await get('/v1/customers/c_0002/messages')
  expect(body.total).toBeGreaterThan(0)
  expect(new Set(body.data.map((row: { customer_id: string }) => row.customer_id))).toEqual(new Set(['c_0002']))
})

test('rows have nulls, nested objects and text beyond ASCII', async () => {
  const { body } = await get('/v1/transactions', { limit: '1000' })
  const amounts = body.data.map((row: { amount: number | null }) => row.amount)
  expect(amounts).toContain(null)
  expect(amounts.some((amount: number | null) => typeof amount === 'number' && !Number.isInteger(amount))).toBe(true)
  expect(body.data[0].payment).toHaveProperty('method')
  expect(body.data.some((row: { note: string | null }) => /[^ -~]/.test(row.note ?? ''))).toBe(true)
})

test('the same seed makes the same rows, another one others', () => {
  const first = (seed: number) => createDemoApi({ seed, sizes: SMALL }).database.find('transactions', 't_000001')
  expect(first(7)).toEqual(first(7))
  expect(first(7)).not.toEqual(first(8))
})

test('the filter on updated_at includes its bound, and finds changed and new rows only', async () => {
  const fresh = createDemoApi({ sizes: SMALL })
  const local = await serve(fresh)
  const changed = fresh.database.update('transactions', 't_000500', { amount: 1 })
  const added = fresh.database.insert('transactions', { id: 't_900001', amount: 2 })
  fresh.database.remove('transactions', 't_000001')
  const since = async (updated_since: string) =>
    (await get('/v1/transactions', { updated_since }, local.origin)).body.data.map((row: { id: string }) => row.id)
  expect(await since(changed.updated_at)).toEqual(['t_000500', 't_900001'])
  expect(await since(added.updated_at)).toEqual(['t_900001'])
  expect((await get('/v1/transactions', {}, local.origin)).body.total).toBe(1_234)
  await local.close()
})

test('a flaky API fails the same requests for the same seed, each of them once', async () => {
  const run = async () => {
    const flaky = await serve(createDemoApi({ sizes: SMALL, flaky: { rate: 0.5, retryAfterSeconds: 3 } }))
    const statuses: number[] = []
    for (let i = 0; i < 26; i++) {
      const { status, headers } = await get(
        '/v1/transactions',
        { offset: String(Math.floor(i / 2) * 100) },
        flaky.origin,
      )
      if (status === 429) expect(headers.get('retry-after')).toBe('3')
      statuses.push(status)
    }
    await flaky.close()
    return statuses
  }
  const statuses = await run()
  expect(new Set(statuses)).toEqual(new Set([200, 429, 503]))
  expect(statuses.filter((status, i) => i % 2 === 1 && status !== 200)).toEqual([])
  expect(await run()).toEqual(statuses)
})

test('an injected fault answers as often as it says, where it says', async () => {
  const broken = createDemoApi({ sizes: SMALL })
  broken.inject({ path: '/v1/transactions', fromOffset: 200, times: 1, status: 500, body: '"x"' })
  const local = await serve(broken)
  const status = async (offset: string) => (await get('/v1/transactions', { offset }, local.origin)).status
  expect([await status('100'), await status('200'), await status('200')]).toEqual([200, 500, 200])
  await local.close()
})

test('with drift, rows move up while they are read', async () => {
  const local = await serve(createDemoApi({ sizes: SMALL, driftEvery: 2 }))
  const first = (await get('/v1/transactions', { offset: '0', limit: '2' }, local.origin)).body
  const second = (await get('/v1/transactions', { offset: '2', limit: '2' }, local.origin)).body
  const third = (await get('/v1/transactions', { offset: '4', limit: '2' }, local.origin)).body
  expect([first, second, third].map((page) => page.total)).toEqual([1_234, 1_234, 1_233])
  expect(third.data[0].id).toBe('t_000006')
  await local.close()
})
