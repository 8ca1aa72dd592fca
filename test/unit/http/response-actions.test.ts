import { expect, test } from 'vitest'
import { createAuth } from '../../../src/auth/index.ts'
import type { ResponseInfo } from '../../../src/config/resolved.ts'
import {
  type ResponseActionConfig,
  type ResponseActionInput,
  resolveAction,
} from '../../../src/config/response-action.ts'
import { failure, json, setup, status } from './fake.ts'

const page = (send: ReturnType<typeof setup>['send'], ...actions: ResponseActionInput[]) =>
  send({}, { actions: actions.map(resolveAction) })

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
  const ignored = async (...actions: ResponseActionInput[]) => (await page(setup([body()]).send, ...actions)).ignored
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
  const retry: ResponseActionConfig = { content: 'busy', action: 'retry' }
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
  expect(limited.clock.waits()).toEqual([7000])
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

// Bodies as APIs send them, the conditions of an action, and whether they hold.
const ENVELOPES: [body: unknown, conditions: Omit<ResponseActionConfig, 'action'>, holds: boolean][] = [
  // Slack
  [{ ok: false, error: 'ratelimited' }, { jsonPath: 'ok', equals: false }, true],
  [{ ok: true, messages: [] }, { jsonPath: 'ok', equals: false }, false],
  [{ ok: false, error: 'ratelimited' }, { jsonPath: 'error', equals: 'ratelimited' }, true],
  // GraphQL
  [{ data: null, errors: [{ message: 'no' }] }, { jsonPath: 'errors' }, true],
  [{ data: {}, errors: [] }, { jsonPath: 'errors' }, false],
  [{ data: {} }, { jsonPath: 'errors' }, false],
  [
    { errors: [{ message: 'a' }, { extensions: { code: 'THROTTLED' } }] },
    { jsonPath: 'errors[*].extensions.code', equals: 'THROTTLED' },
    true,
  ],
  // Salesforce, Google, Bitrix
  [[{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }], { jsonPath: '[0].errorCode', equals: 'REQUEST_LIMIT_EXCEEDED' }, true],
  [
    { error: { errors: [{ reason: 'forbidden' }] } },
    { jsonPath: 'error.errors[*].reason', equals: 'rateLimitExceeded' },
    false,
  ],
  [{ errcode: 0, list: [] }, { jsonPath: 'errcode' }, false],
  [{ errcode: 40_001 }, { jsonPath: 'errcode' }, true],
  [{ errcode: 40_001 }, { jsonPath: 'errcode', equals: '40001' }, false],
  // What says nothing, unless it is asked for
  ...[null, false, 0, '', [], {}].map((error) => [{ error }, { jsonPath: 'error' }, false] as [object, object, false]),
  ...([null, false, 0, ''] as const).map(
    (error) => [{ error }, { jsonPath: 'error', equals: error }, true] as [object, object, true],
  ),
  [{}, { jsonPath: 'error', equals: null }, false],
  [{ error: { code: 1 } }, { jsonPath: 'error' }, true],
  [{ deep: { error: 'x' } }, { jsonPath: '..error' }, true],
  [JSON.parse('{"__proto__":{"error":1}}'), { jsonPath: 'error' }, false],
  [{}, { jsonPath: 'constructor' }, false],
  // The body itself
  [false, { equals: false }, true],
  ['busy', { equals: 'busy' }, true],
  [{ ok: false }, { equals: false }, false],
  [[1], { jsonPath: '$' }, true],
  // All conditions have to hold
  [{ ok: false }, { jsonPath: 'ok', equals: false, statusCode: 400 }, false],
  [{ ok: false, n: 'x' }, { jsonPath: 'ok', equals: false, content: 'y' }, false],
  [{ ok: false, n: 'x' }, { jsonPath: 'ok', equals: false, content: 'x', statusCode: 200 }, true],
]

test.each(ENVELOPES)('JSON path: %j with %j: %s', async (body, conditions, holds) => {
  expect((await page(setup([json(body)]).send, { ...conditions, action: 'ignore' })).ignored).toBe(holds)
})

test('a JSON path is asked of errors as well, of what is no JSON it finds nothing, and it changes no page', async () => {
  const ignore: ResponseActionConfig = { jsonPath: 'code', equals: 7, action: 'ignore' }
  expect(await page(setup([json({ code: 7 }, { status: 422 })]).send, ignore)).toMatchObject({ ignored: true })
  expect(await failure(page(setup([json({ code: 8 }, { status: 422 })]).send, ignore))).toMatchObject({ status: 422 })
  for (const text of ['', '{"code":7', '<html>', '[NaN]', '['.repeat(600) + ']'.repeat(600)])
    expect(await failure(page(setup([new Response(text, { status: 400 })]).send, ignore))).toMatchObject({
      code: 'http_status',
    })
  expect(await page(setup([status(204)]).send, ignore)).toMatchObject({ ignored: false, body: undefined })
  const exact = await page(setup([new Response('{"id":9007199254740993}')]).send, ignore)
  expect(exact).toMatchObject({ body: { id: 9007199254740993n }, unsafe: true })
  const csv = { parse: () => ({ body: ['csv'], ended: true }), actions: [resolveAction(ignore)] }
  expect(await setup([new Response('a,b\n')]).send({}, csv)).toMatchObject({ body: ['csv'] })
  expect(await setup([json({ code: 7 })]).send({}, csv)).toMatchObject({ ignored: true })
})

test('every action may hang on a JSON path; the first that holds decides, whatever its kind', async () => {
  const actions: ResponseActionInput[] = [
    { jsonPath: 'error', equals: 'ratelimited', action: 'rate_limited' },
    { content: 'busy', action: 'retry' },
    { action: ({ text }) => (text.includes('none') ? 'ignore' : undefined) },
    { jsonPath: 'error', action: 'fail' },
  ]
  const limited = json({ error: 'ratelimited' }, { headers: { 'retry-after': '7' } })
  const { send, clock } = setup([limited, json({ error: 'busy' }), json([1])])
  expect(await page(send, ...actions)).toMatchObject({ body: [1] })
  expect(clock.waits()).toEqual([7000, 4000])
  expect(await page(setup([json({ error: 'none' })]).send, ...actions)).toMatchObject({ ignored: true })
  const failed = setup([json({ error: 'else' })])
  expect(await failure(page(failed.send, ...actions))).toMatchObject({ code: 'response_rejected' })
  expect(failed.requests).toHaveLength(1)
})

test.each([undefined, null, false, ''])('a function that returns %j leaves it to the next', async (result) => {
  const action = (() => result) as unknown as () => undefined
  expect(await page(setup([json([])]).send, { action })).toMatchObject({ ignored: false, body: [] })
  expect(await page(setup([json([])]).send, { action }, { action: 'ignore' })).toMatchObject({ ignored: true })
})

test.each([true, 1, {}, 'SECRET', 'Ignore', ['ignore']])('a function that returns %j is refused', async (result) => {
  const action = (async () => result) as unknown as () => undefined
  const { send, requests } = setup([json([])])
  const error = await failure(page(send, { action }))
  expect(error).toMatchObject({ code: 'response_rejected', what: expect.stringContaining('returned no action') })
  expect(error.message).not.toContain('SECRET')
  expect(requests).toHaveLength(1)
})

test('a function that throws is reported without its message', async () => {
  const action = () => {
    throw new Error('SECRET')
  }
  const error = await failure(page(setup([json([])]).send, { action }))
  expect(error).toMatchObject({ code: 'response_rejected' })
  expect(error.message).not.toContain('SECRET')
})
