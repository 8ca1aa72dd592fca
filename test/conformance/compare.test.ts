import { expect, test } from 'vitest'
import { SynclineError } from '../../src/errors.ts'
import type { Expectation, Route } from './cases.ts'
import { checkOutcome, type Outcome } from './compare.ts'
import { createWorld } from './world.ts'

// A runner that cannot fail proves nothing: each of these wrong expectations must be noticed.

const url = 'https://a.test/items'
const routes: Route[] = [
  { request: { method: 'GET', url, query: { page: '1' } }, responses: [{ status: 503 }, { json: [] }] },
  { request: { method: 'POST', url, json: { b: 1, a: [2] } }, responses: [{ json: [] }] },
]

async function outcome(extra: Partial<Outcome> = {}): Promise<Outcome> {
  const world = createWorld(routes)
  const headers = { 'X-Key': 'k' }
  await world.ports.fetch(`${url}?page=1`, { headers })
  await world.ports.sleep(2400)
  await world.ports.fetch(`${url}?page=1`)
  await world.ports.fetch(url, { method: 'POST', body: '{"a":[2],"b":1}' })
  return { world, error: undefined, records: { items: [{ id: 1 }, { id: 2 }] }, ...extra }
}

const get = { method: 'GET', url, query: { page: '1' } }
const post = { method: 'POST', url, query: {}, json: { a: [2], b: 1 } }
const failure = new SynclineError('http_status', 'the API said no', { status: 404 })

test.each<[string, Expectation, Partial<Outcome>?]>([
  [
    'all of it',
    { records: { items: [{ id: 1 }, { id: 2 }] }, requests: [get, get, post], waits: [2], request_count: 3 },
  ],
  ['another order', { records_unordered: { items: [{ id: 2 }, { id: 1 }] }, requests_unordered: [post, get, get] }],
  ['headers', { requests: [{ ...get, headers: { 'x-key': 'k' } }, { ...get, no_headers: ['x-key'] }, post] }],
  ['a text body', { requests: [{ ...get, body: null }, get, { method: 'POST', url, body: '{"a":[2],"b":1}' }] }],
  ['an error', { error: { kind: 'http_status', status: 404, message_contains: ['said no'] } }, { error: failure }],
])('it sees that this holds: %s', async (_, expected, extra) => {
  checkOutcome(expected, await outcome(extra))
})

test.each<[string, Expectation, Partial<Outcome>?]>([
  ['a record more', { records: { items: [{ id: 1 }] } }],
  ['a record less', { records: { items: [{ id: 1 }, { id: 2 }, { id: 2 }] } }],
  ['the wrong order', { records: { items: [{ id: 2 }, { id: 1 }] } }],
  ['a resource that is not expected', { records: {} }],
  ['a multiset', { records_unordered: { items: [{ id: 1 }, { id: 1 }] } }],
  ['a request less', { requests: [get, get, get, post] }],
  ['a request more', { requests: [get, post] }],
  ['the order of requests', { requests: [post, get, get] }],
  ['a query that is not there', { requests: [{ ...get, query: {} }, get, post] }],
  ['a wrong body', { requests: [get, get, { ...post, json: { a: [2] } }] }],
  ['no body', { requests: [get, get, { method: 'POST', url, body: null }] }],
  ['a missing header', { requests: [get, { ...get, headers: { 'x-key': 'k' } }, post] }],
  ['a forbidden header', { requests: [{ ...get, no_headers: ['x-key'] }, get, post] }],
  ['requests without order', { requests_unordered: [post, post, get] }],
  ['a request more, without order', { requests_unordered: [post, get] }],
  ['the count', { request_count: 2 }],
  ['the waits', { waits: [] }],
  ['an error that did not come', { error: { kind: 'network' } }],
  ['an error that was not expected', {}, { error: failure }],
  ['the kind', { error: { kind: 'network' } }, { error: failure }],
  ['the status', { error: { kind: 'http_status', status: 400 } }, { error: failure }],
  ['the message', { error: { kind: 'http_status', message_contains: ['said yes'] } }, { error: failure }],
  ['what must not be in it', { error: { kind: 'http_status', message_excludes: ['said no'] } }, { error: failure }],
])('it notices: %s', async (_, expected, extra) => {
  const actual = await outcome(extra)
  expect(() => checkOutcome(expected, actual)).toThrow()
})

test('it notices a request that no route answers, and a sleep that nobody ends', async () => {
  const stray = await outcome()
  await stray.world.ports.fetch(`${url}?page=2`)
  expect(() => checkOutcome({}, stray)).toThrow('no route')
  const leak = await outcome()
  void leak.world.ports.sleep(1000)
  expect(() => checkOutcome({}, leak)).toThrow('sleeps')
})
