import { expect, test } from 'vitest'
import { createAuth } from '../../../src/auth/index.ts'
import type { ResponseAction, ResponseInfo } from '../../../src/config/resolved.ts'
import { failure, json, setup, status } from './fake.ts'

const page = (send: ReturnType<typeof setup>['send'], ...actions: ResponseAction[]) => send({}, { actions })

test('ignore counts as no data, at any status, and is not retried', async () => {
  for (const code of [200, 204, 404, 422, 500]) {
    const { send, requests } = setup([status(code)])
    expect(await page(send, { statusCode: code, action: 'ignore' })).toMatchObject({
      ignored: true,
      body: undefined,
      status: code,
    })
    expect(requests.length).toBe(1)
  }
})

test('the first action decides whose conditions all hold', async () => {
  const body = () => new Response('[{"id": 1}]')
  const ignored = async (...actions: ResponseAction[]) => (await page(setup([body()]).send, ...actions)).ignored
  expect(await ignored({ statusCode: 200, content: 'nope', action: 'ignore' })).toBe(false)
  expect(await ignored({ statusCode: 404, content: '"id": 1', action: 'ignore' })).toBe(false)
  expect(await ignored({ statusCode: 200, content: '"id": 1', action: 'ignore' })).toBe(true)
  expect(await ignored({ content: '"id": 1', action: 'ignore' })).toBe(true)
  expect(await ignored({ action: () => undefined }, { statusCode: 200, action: 'ignore' })).toBe(true)
  expect(await ignored({ statusCode: 200, action: 'ignore' }, { statusCode: 200, action: 'fail' })).toBe(true)
})

test('a function sees status, headers and text, of errors and of broken text too', async () => {
  const seen: ResponseInfo[] = []
  const action = (response: ResponseInfo) => {
    seen.push(response)
    return 'ignore' as const
  }
  await page(setup([new Response('gone', { status: 410, headers: { 'x-why': 'age' } })]).send, { action })
  await page(setup([new Response(new Uint8Array([0x61, 0xff]))]).send, { action })
  expect(seen.map(({ text, ...rest }) => [rest.status, rest.headers.get('x-why'), text])).toEqual([
    [410, 'age', 'gone'],
    [200, null, 'a\ufffd'],
  ])
})

test('retry, fail and rate_limited, also for a 200 that holds an error', async () => {
  const busy = new Response('{"error":"busy"}')
  const retry: ResponseAction = { content: 'busy', action: 'retry' }
  expect(await page(setup([busy, json([1])]).send, retry)).toMatchObject({ body: [1] })
  const forever = setup([busy])
  expect(await failure(page(forever.send, retry))).toMatchObject({ code: 'response_rejected', status: 200, attempt: 4 })
  const failed = setup([busy])
  expect(await failure(page(failed.send, { content: 'busy', action: 'fail' }))).toMatchObject({
    code: 'response_rejected',
  })
  expect(failed.requests.length).toBe(1)

  const limited = setup([new Response('slow down', { headers: { 'x-ratelimit-reset': '7' } }), json([1])])
  expect(await page(limited.send, { content: 'slow down', action: 'rate_limited' })).toMatchObject({ body: [1] })
  expect(limited.clock.waits).toEqual([7000])
})

test('an action on a status goes before the retry of that status', async () => {
  const { send, requests } = setup([status(503)])
  expect(await failure(page(send, { statusCode: 503, action: 'fail' }))).toMatchObject({ code: 'response_rejected' })
  expect(requests.length).toBe(1)
  const odd = setup([status(418), json([])])
  expect(await page(odd.send, { statusCode: 418, action: 'retry' })).toMatchObject({ body: [] })
})

test('an ignored 401 asks for no new token', async () => {
  const auth = { ...createAuth({ token: 'T' }), refresh: () => Promise.reject(new Error('asked')) }
  const { send } = setup([status(401)], { auth })
  expect(await page(send, { statusCode: 401, action: 'ignore' })).toMatchObject({ ignored: true })
})

test('a function that throws is reported without its message', async () => {
  const action = () => {
    throw new Error('SECRET')
  }
  const error = await failure(page(setup([json([])]).send, { action }))
  expect(error).toMatchObject({ code: 'response_rejected' })
  expect(error.message).not.toContain('SECRET')
})
