import { expect, test } from 'vitest'
import { createAuth } from '../../../src/auth/index.ts'
import { failure, fakeMeter, json, setup, status } from './fake.ts'

test('a page comes with its body, URL, size and the time of the server', async () => {
  const { send, log } = setup([json({ data: [1] }, { headers: { date: 'Thu, 01 Jan 2026 00:00:05 GMT' } })])
  const page = await send({ params: { limit: 2, tags: ['a', 'b'], none: null, empty: '', yes: true } })
  expect(page).toMatchObject({
    status: 200,
    body: { data: [1] },
    url: 'https://api.example.com/items?limit=2&tags=a&tags=b&empty=&yes=true',
    bytes: 12,
    date: Date.UTC(2026, 0, 1, 0, 0, 5),
    ignored: false,
  })
  expect(log).toMatchObject({ requests: 1, bytes: 12, retries: [] })
})

test('bodies: JSON, form and raw text, each with the content type that the config asked for', async () => {
  const { send, requests } = setup([json([])])
  await send({ method: 'post', json: { a: 1 } })
  await send({ method: 'POST', data: { k: 'v 2', list: ['a', 'b'], none: null } })
  await send({
    method: 'POST',
    data: [
      ['k', '1'],
      ['k', '2'],
    ],
  })
  await send({ method: 'POST', data: 'raw text' })
  await send({ method: 'POST', data: '<a/>', headers: { 'Content-Type': 'application/xml' } })
  const form = 'application/x-www-form-urlencoded'
  expect(requests.map(({ method, body, headers }) => [method, body, headers['content-type']])).toEqual([
    ['POST', '{"a":1}', 'application/json'],
    ['POST', 'k=v+2&list=a&list=b', form],
    ['POST', 'k=1&k=2', form],
    ['POST', 'raw text', undefined],
    ['POST', '<a/>', 'application/xml'],
  ])
})

test('requests that fetch cannot send are refused before they are sent', async () => {
  const { send, requests } = setup([json([])])
  expect(await failure(send({ json: {} }))).toMatchObject({ code: 'get_with_body' })
  expect(await failure(send({ method: 'HEAD', data: '' }))).toMatchObject({ code: 'get_with_body' })
  expect(await failure(send({ method: 'POST', json: {}, data: {} }))).toMatchObject({ code: 'body_conflict' })
  expect(await failure(send({ headers: { 'x-a': 'a\nb' } }))).toMatchObject({ code: 'config_invalid' })
  expect(await failure(send({ url: '/items' }))).toMatchObject({ code: 'invalid_url' })
  expect(requests).toEqual([])
})

test('fetch gets what keeps a request private, and no cookies', async () => {
  const { send, requests } = setup([json([])])
  await send()
  expect(requests[0]?.init).toMatchObject({
    redirect: 'manual',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
  })
})

test('a 401 brings one refresh and one replay', async () => {
  let token = 'T1'
  const auth = {
    ...createAuth({ token: () => token }),
    refresh: async () => {
      token = 'T2'
      return true
    },
  }
  const { send, requests, log } = setup([status(401), json([])], { auth })
  expect(await send()).toMatchObject({ body: [] })
  expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer T1', 'Bearer T2'])
  expect(log).toMatchObject({ requests: 2, retries: [{ waitMs: 0, status: 401 }] })

  const again = setup([status(401)], { auth })
  expect(await failure(again.send())).toMatchObject({ code: 'http_status', status: 401, attempt: 2 })
  expect(again.requests.length).toBe(2)
})

test('a connection that fails is retried, then an error without the URL', async () => {
  const cause = Object.assign(new Error('connect https://api.example.com/items?k=SECRET'), { code: 'ECONNREFUSED' })
  const { send, requests, clock } = setup([new TypeError('fetch failed', { cause })])
  const error = await failure(send())
  expect(error).toMatchObject({ code: 'network', attempt: 4, retryable: true })
  expect(error.message).toContain('ECONNREFUSED')
  expect(error.message).not.toContain('SECRET')
  expect(requests.length).toBe(4)
  expect(clock.waits()).toEqual([2000, 4000, 8000])
})

test('wait that does not fit the budget becomes budget_exceeded with the time to come back', async () => {
  const { send, clock } = setup([status(429, { 'retry-after': '120' })])
  const error = await failure(send({}, fakeMeter({ mayWait: () => false })))
  expect(error).toMatchObject({ code: 'budget_exceeded', status: 429, retryable: true, retryAt: clock.now() + 120_000 })
  expect(clock.waits()).toEqual([])
})
