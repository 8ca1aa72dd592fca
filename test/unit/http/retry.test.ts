import { expect, test } from 'vitest'
import type { RetryPolicy } from '../../../src/config/resolved.ts'
import { retryBudget, retryWait } from '../../../src/http/retry.ts'
import { client, failure, json, setup, status } from './fake.ts'

const POLICY = client().retry
const DLT: Partial<RetryPolicy> = { retries: 4, factor: 1, maxDelay: 300 }

// Statuses, waits in seconds with dlt's policy and no jitter.
const WAITS: [string, [number, Record<string, string>?][], number[]][] = [
  ['two failures', [[503], [503], [200]], [1, 2]],
  ['429', [[429], [200]], [1]],
  ['Retry-After', [[429, { 'retry-after': '4' }], [200]], [4]],
  ['Retry-After of one attempt only', [[429, { 'retry-after': '4' }], [500], [200]], [4, 2]],
  ['Retry-After above the cap', [[429, { 'retry-after': '4000' }], [200]], [300]],
  ['a far date', [[429, { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }], [200]], [300]],
  ['a past date', [[429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }], [200]], [1]],
  ['Retry-After: 0', [[429, { 'retry-after': '0' }], [503, { 'retry-after': '0' }], [200]], [1, 2]],
  ['Retry-After on a 503', [[503, { 'retry-after': '7' }], [200]], [7]],
  ['a reset header on a 429', [[429, { 'x-ratelimit-reset': '9' }], [200]], [9]],
  ['a reset header on a 503', [[503, { 'x-ratelimit-reset': '9' }], [200]], [1]],
  ['403 without requests left', [[403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9' }], [200]], [9]],
]

test.each(WAITS)('waits: %s', async (_, replies, waits) => {
  const { send, clock, log } = setup(
    replies.map(([code, headers]) => (code === 200 ? json([]) : status(code, headers))),
    { retry: { ...POLICY, ...DLT } },
  )
  expect(await send()).toMatchObject({ status: 200 })
  expect(clock.waits.map((ms) => ms / 1000)).toEqual(waits)
  expect(log.retries.map(({ waitMs }) => waitMs / 1000)).toEqual(waits)
})

const RETRIED = [408, 429, 500, 502, 503, 504]
const STATUSES = [
  300, 304, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422,
  423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 599,
]

test.each(STATUSES)('status %i: how often each method is sent', async (code) => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    const { send, requests } = setup([status(code)])
    const expected = code === 429 ? 'rate_limited' : 'http_status'
    expect(await failure(send({ method }))).toMatchObject({ code: expected, status: code, method })
    expect(requests.length).toBe(RETRIED.includes(code) ? 4 : 1)
  }
})

test('retry.methods narrows what is repeated, network errors included', async () => {
  const retry = { ...POLICY, methods: ['GET'] }
  const sent = async (method: string, ...replies: Parameters<typeof setup>[0]) => {
    const { send, requests } = setup(replies, { retry })
    await failure(send({ method }))
    return requests.length
  }
  expect(await sent('GET', status(503))).toBe(4)
  expect(await sent('POST', status(503))).toBe(1)
  expect(await sent('POST', new TypeError('fetch failed'))).toBe(1)
})

test('the time of a 429 that was given up on is in the error', async () => {
  const { send, clock } = setup([status(429, { 'retry-after': '90' })], { retry: { ...POLICY, retries: 0 } })
  expect(await failure(send())).toMatchObject({
    code: 'rate_limited',
    status: 429,
    retryAt: clock.now() + 90_000,
    retryable: true,
  })
})

test('an empty body is a truncated one: retried, then invalid_json', async () => {
  const { send, requests } = setup([new Response('')])
  expect(await failure(send())).toMatchObject({ code: 'invalid_json', attempt: 4 })
  expect(requests.length).toBe(4)
  expect(await setup([new Response(''), json([])]).send()).toMatchObject({ body: [] })
})

test('JSON that was cut is retried; what is no JSON is not', async () => {
  expect(await setup([new Response('[{"a":1},{"b"'), json([])]).send()).toMatchObject({ body: [] })
  const { send, requests } = setup([new Response('{broken'), json([])])
  expect(await failure(send())).toMatchObject({ code: 'invalid_json' })
  expect(requests.length).toBe(1)
})

const wait = (again: 'backoff' | 'rate_limit', retries: number, random: number, hint?: number) =>
  retryWait({ again, hint }, 'GET', retries, { ...POLICY, jitter: true }, random)

test('full jitter: between nothing and the whole wait; Retry-After plus up to 10 %, never less', () => {
  expect([0, 0.5, 0.999].map((random) => wait('backoff', 1, random))).toEqual([0, 2000, 3996])
  expect([0, 0.5].map((random) => wait('rate_limit', 0, random, 10_000))).toEqual([10_000, 10_500])
  expect(wait('rate_limit', 0, 0.9, 60_000)).toBe(60_000)
  expect(retryWait({ again: 'backoff' }, 'GET', 60, { ...POLICY, retries: 99 }, 0.5)).toBe(60_000)
  expect(retryWait({ again: 'backoff' }, 'GET', 3, POLICY, 0.5)).toBeUndefined()
  expect(retryWait({ again: 'no' }, 'GET', 0, POLICY, 0.5)).toBeUndefined()
})

test('the retry budget: 100 failed retries, then only what successes bring', () => {
  const budget = retryBudget()
  let taken = 0
  while (budget.take()) taken++
  expect(taken).toBe(100)
  budget.succeeded(1)
  expect([budget.take(), budget.take()]).toEqual([true, false])
  for (let i = 0; i < 5; i++) budget.succeeded(0)
  expect([budget.take(), budget.take()]).toEqual([true, false])
})

test('an outage costs at most 1.3 times the requests', async () => {
  const { send, requests } = setup([status(503)])
  for (let i = 0; i < 400; i++) await failure(send())
  expect(requests.length).toBeLessThanOrEqual(400 * 1.3)
  expect(requests.length).toBeGreaterThan(400)
})

test('waits are whole milliseconds: they stand in reports', () => {
  const jittered = { ...POLICY, jitter: true }
  const waits = [0.1234567, 0.7654321].flatMap((random) => [
    retryWait({ again: 'backoff' }, 'GET', 0, jittered, random),
    retryWait({ again: 'rate_limit', hint: 1234 }, 'GET', 0, jittered, random),
  ])
  expect(waits.map((wait) => Number.isInteger(wait))).toEqual([true, true, true, true])
})
