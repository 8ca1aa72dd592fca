import { expect, test } from 'vitest'
import { createAuth } from '../../../src/auth/index.ts'
import type { ParseFunction, ParseInfo } from '../../../src/config/parse.ts'
import { leaks } from '../../support/canaries.ts'
import { failure, json, setup, status } from './fake.ts'

const lines: ParseFunction = (text, { json }) => ({
  body: text.split('\n').filter(Boolean).map(json),
  ended: text.endsWith('\n'),
})
const response = (text: string, headers: Record<string, string> = {}, init: ResponseInit = {}) =>
  new Response(text, { ...init, headers })

test('what the function returns is the body; it may take its time', async () => {
  const { send, requests } = setup([response('{"a":1}\n{"a":2}\n')])
  expect(await send({}, { parse: lines })).toMatchObject({ body: [{ a: 1 }, { a: 2 }], ignored: false, bytes: 16 })
  expect((await send({}, { parse: async (...args) => lines(...args) })).body).toEqual([{ a: 1 }, { a: 2 }])
  expect(requests.length).toBe(2)
})

test('it sees the text after the charset and the BOM, the status and the headers', async () => {
  const seen: [string, number, string | null][] = []
  const parse: ParseFunction = (text, { status, headers }) => {
    seen.push([text, status, headers.get('x-rows')])
    return { body: [], ended: true }
  }
  const latin1 = new Uint8Array([0x63, 0xe9])
  const type = { 'content-type': 'text/csv; charset=iso-8859-1' }
  await setup([new Response('\ufeffcafé', { headers: { 'x-rows': '7' } })]).send({}, { parse })
  await setup([new Response(latin1, { headers: type, status: 201 })]).send({}, { parse })
  await setup([response('')]).send({}, { parse })
  expect(seen).toEqual([
    ['café', 200, '7'],
    ['cé', 201, null],
    ['', 200, null],
  ])
})

test('it is not asked where there is no text, or the text is something else', async () => {
  let calls = 0
  const parse: ParseFunction = () => {
    calls++
    return { body: [], ended: true }
  }
  const page = (reply: Response, more = {}) => setup([reply]).send({}, { parse, ...more })
  const html = '<!doctype html><title>Log in</title>'
  expect(await page(status(204))).toMatchObject({ body: undefined, ignored: false })
  expect(await setup([response('a')]).send({ method: 'HEAD' }, { parse })).toMatchObject({ body: undefined })
  expect(await page(response('none'), { actions: [{ content: 'none', action: 'ignore' }] })).toMatchObject({
    ignored: true,
  })
  expect(await failure(page(status(404)))).toMatchObject({ code: 'http_status' })
  expect(await failure(page(response(html)))).toMatchObject({ code: 'unexpected_html' })
  expect(await failure(page(response('a,b\n', { 'content-type': 'text/html' })))).toMatchObject({
    code: 'unexpected_html',
  })
  expect(await failure(page(new Response(new Uint8Array([0x61, 0xff, 0x61]))))).toMatchObject({ code: 'invalid_json' })
  expect(await failure(setup([response('a,b\n')], { maxBodyBytes: 3 }).send({}, { parse }))).toMatchObject({
    code: 'body_too_large',
  })
  expect(calls).toBe(0)
})

const TEXT = 'é,b\n'
// Headers, other things about the response, and `whole`.
const WHOLE: [Record<string, string>, { status?: number; type?: string }, boolean | undefined][] = [
  [{ 'content-length': '5' }, {}, true],
  [{ 'content-length': '6' }, {}, false],
  [{ 'content-length': '4' }, {}, false],
  [{ 'content-length': '005' }, {}, true],
  [{ 'content-length': '5', 'content-encoding': 'identity' }, {}, true],
  [{ 'content-length': '5' }, { status: 206 }, undefined],
  [{ 'content-length': '5' }, { type: 'cors' }, undefined],
  [{ 'content-length': '5', 'content-encoding': 'gzip' }, {}, undefined],
  [{ 'content-length': '5', 'content-encoding': 'identity, br' }, {}, undefined],
  [{ 'content-length': '5, 5' }, {}, undefined],
  [{ 'content-length': '' }, {}, undefined],
  [{ 'content-length': '+5' }, {}, undefined],
  [{ 'content-length': '5.0' }, {}, undefined],
  [{}, {}, undefined],
]

test.each(WHOLE)('whole: %j %j', async (headers, { status = 200, type = 'default' }, whole) => {
  const seen: ParseInfo[] = []
  const parse: ParseFunction = (_, info) => {
    seen.push(info)
    return { body: [], ended: true }
  }
  const reply = () => Object.defineProperty(response(TEXT, headers, { status }), 'type', { value: type })
  await setup([reply]).send({}, { parse })
  expect(seen.map((info) => info.whole)).toEqual([whole])
})

test('without a proof of its end a page is asked for again, and in the end refused', async () => {
  const healed = setup([response('{"a":1}\n{"a"'), response('{"a":1}\n{"a":2}\n')])
  expect((await healed.send({}, { parse: lines })).body).toEqual([{ a: 1 }, { a: 2 }])
  expect(healed.log.retries).toMatchObject([{ reason: 'invalid_json' }])
  expect(healed.clock.waits()).toEqual([2000])

  const cut = setup([response('{"a":1}\n{"a":2}')])
  expect(await failure(cut.send({}, { parse: lines, resource: 'items' }))).toMatchObject({
    ...{ code: 'invalid_json', retryable: true, attempt: 4, status: 200, resource: 'items' },
    what: 'endpoint.parse found no proof that the text is whole (15 characters)',
    hint: expect.stringContaining('proves the end'),
  })
})

test('a part that is cut JSON makes the page a cut one, whatever came of `ended`', async () => {
  const parse: ParseFunction = (text, { json }) => ({ body: [json(text)], ended: true })
  const healed = setup([response('{"a":'), response('{"a":1}')])
  expect((await healed.send({}, { parse })).body).toEqual([{ a: 1 }])
  const broken = setup([response('{a:1}')])
  expect(await failure(broken.send({}, { parse }))).toMatchObject({
    ...{ code: 'invalid_json', retryable: false, attempt: 1 },
    what: 'endpoint.parse, in a part of the body: the body is not JSON (5 characters)',
  })
})

test('of errors of `json` that it throws on, the text is ours, whatever it did to them', async () => {
  const parse: ParseFunction = (text, { json }) => {
    const errors = text.split('\n').map((line) => {
      try {
        json(line)
        return undefined
      } catch (error) {
        return Object.assign(error as Error, { what: text, message: text })
      }
    })
    throw errors[0]
  }
  const error = await failure(setup([response(`{${SECRET}\n{`)]).send({}, { parse }))
  expect(error).toMatchObject({ code: 'invalid_json', what: expect.stringContaining('not JSON'), attempt: 1 })
  expect(leaks(SECRET, error)).toEqual([])
})

test('a function may bear what `json` throws', async () => {
  const parse: ParseFunction = (text, { json }) => {
    try {
      return { body: json(text), ended: true }
    } catch {
      return { body: { skipped: true }, ended: true }
    }
  }
  expect((await setup([response('{"a":')]).send({}, { parse })).body).toEqual({ skipped: true })
})

test('integers beyond 2^53-1 are as exact as in a JSON body, with `json`', async () => {
  const reply = () => response('{"id":9007199254740993}\n{"id":1e400}\n')
  expect(await setup([reply]).send({}, { parse: lines })).toMatchObject({
    unsafe: true,
    body: [{ id: 9007199254740993n }, { id: Infinity }],
  })
  const text = await setup([() => response('{"id":9007199254740993}\n')], { bigint: 'string' }).send(
    {},
    { parse: lines },
  )
  expect(text).toMatchObject({ body: [{ id: '9007199254740993' }] })
  expect(text.unsafe).toBeUndefined()
})

const SECRET = 'cAn4ry-7f3e9d'
const circle: unknown[] = []
circle.push(circle)
const BAD_VALUES: [string, unknown][] = [
  ...[undefined, [undefined], new Array(2), Number.NaN, [Infinity], 1n, new Date(0), new Map([[SECRET, 1]])].map(
    (body) => [String(body), body] as [string, unknown],
  ),
  ['a circle', circle],
  ['a function', { toJSON: () => SECRET }],
  ['a bytes', new Uint8Array([1])],
]

test.each(BAD_VALUES)('refused at once as no JSON: %s', async (_, body) => {
  const { send, requests } = setup([response('a')])
  const parse = (() => ({ body, ended: true })) as unknown as ParseFunction
  const error = await failure(send({}, { parse }))
  expect(error).toMatchObject({ code: 'response_rejected', what: 'endpoint.parse returned a body that is not JSON' })
  expect(leaks(SECRET, error)).toEqual([])
  expect(requests.length).toBe(1)
})

const BAD_RESULTS: unknown[] = [
  undefined,
  null,
  7,
  [],
  {},
  SECRET,
  { body: [] },
  { body: [], ended: 1 },
  { ended: SECRET },
]

test.each(BAD_RESULTS.map((result) => [result]))('refused at once as no { body, ended }: %j', async (result) => {
  for (const parse of [() => result, async () => result] as unknown as ParseFunction[]) {
    const { send, requests } = setup([response('a')])
    const error = await failure(send({}, { parse }))
    expect(error).toMatchObject({
      code: 'response_rejected',
      what: 'endpoint.parse did not return { body, ended } with ended true or false',
      retryable: false,
    })
    expect(leaks(SECRET, error)).toEqual([])
    expect(requests.length).toBe(1)
  }
})

const throws = (value: unknown) => () => {
  throw value
}
const getter = (key: string) => Object.defineProperty({ body: [], ended: true }, key, { get: throws(SECRET) })
const THROWN: [string, () => unknown][] = [
  ['an error', throws(new Error(SECRET))],
  ['a text', throws(SECRET)],
  ['undefined', throws(undefined)],
  ['a rejection', () => Promise.reject(new Error(SECRET))],
  [
    'what looks like an error of ours',
    throws(Object.assign(new Error(SECRET), { name: 'SynclineError', code: SECRET })),
  ],
  ['a getter of the result', () => getter('ended')],
  [
    'a getter in the body',
    () => ({ body: [Object.defineProperty({}, 'a', { enumerable: true, get: throws(SECRET) })], ended: true }),
  ],
  [
    'an error of an earlier call',
    () => {
      throw earlier
    },
  ],
]
const earlier = await failure(
  setup([response('x')]).send({}, { parse: (text, { json }) => ({ body: json(text), ended: true }) }),
)

test.each(THROWN)('refused at once when it throws %s, without what it threw', async (_, parse) => {
  const { send, requests } = setup([response(SECRET)])
  const error = await failure(send({}, { parse: parse as unknown as ParseFunction }))
  expect(error).toMatchObject({ code: 'response_rejected', what: 'endpoint.parse threw an error', status: 200 })
  expect(leaks(SECRET, error)).toEqual([])
  expect(requests.length).toBe(1)
})

test('errors about the text do not quote it', async () => {
  const read: ParseFunction[] = [
    lines,
    () => ({ body: [], ended: false }),
    (text, { json }) => ({ body: json(text), ended: true }),
  ]
  for (const parse of read) {
    for (const text of [SECRET, `"${SECRET}`, `{"${SECRET}":`, `"${SECRET}"x\n`]) {
      const error = await failure(setup([response(text)]).send({}, { parse }))
      expect(error.code).toBe('invalid_json')
      expect(leaks(SECRET, error)).toEqual([])
    }
  }
})

test('an abort and the deadlines end a function that does not', async () => {
  const parse: ParseFunction = () => new Promise(() => {})
  const slow = setup([response('a')], {
    retry: { retries: 0, factor: 1, maxDelay: 1, jitter: false, statuses: [], methods: undefined },
  })
  expect(await failure(slow.send({}, { parse }))).toMatchObject({ code: 'timeout' })
  expect(slow.clock.pending()).toBe(0)

  const controller = new AbortController()
  const stopped = setup([response('a')])
  const pending = stopped.start(
    {},
    {
      signal: controller.signal,
      parse: () => {
        controller.abort('bye')
        return new Promise(() => {})
      },
    },
  )
  await expect(stopped.clock.run(pending)).rejects.toBe('bye')
})

test('a new token comes before the function; an Accept header of its own replaces ours', async () => {
  const auth = { ...createAuth({ token: 'T' }), refresh: async () => true }
  const { send, requests } = setup([status(401), json({ a: 1 })], { auth })
  const parse: ParseFunction = (text) => ({ body: [text], ended: true })
  expect((await send({ headers: { Accept: 'text/csv' } }, { parse })).body).toEqual(['{"a":1}'])
  expect(requests.map(({ headers }) => headers.accept)).toEqual(['text/csv', 'text/csv'])
  await send({}, { parse })
  expect(requests.at(-1)?.headers.accept).toBe('application/json, */*;q=0.8')
})
