import { expect, test, vi } from 'vitest'
import { numberFault } from '../../../src/http/body.ts'
import { failure, json, setup } from './fake.ts'

const bytes = (...codes: (number | string)[]) =>
  new Uint8Array(codes.flatMap((code) => (typeof code === 'number' ? [code] : [...new TextEncoder().encode(code)])))
const type = (value: string) => ({ headers: { 'content-type': value } })
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

const TAKEN: [string, BodyInit | null, ResponseInit, unknown][] = [
  ['JSON', '{"a":[1,"é"]}', {}, { a: [1, 'é'] }],
  ['any content type', '[1]', type('text/plain'), [1]],
  ['JSON that is said to be HTML', '[1]', type('text/html'), [1]],
  ['a UTF-8 BOM', bytes(0xef, 0xbb, 0xbf, '{"a":1}'), {}, { a: 1 }],
  ['latin-1 as declared', bytes('["caf', 0xe9, '"]'), type('application/json; charset=ISO-8859-1'), ['café']],
  ['a quoted charset', bytes('["caf', 0xe9, '"]'), type('application/json; charset="latin1"; x=y'), ['café']],
  ['UTF-16 as declared', bytes(0xff, 0xfe, 0x5b, 0, 0x5d, 0), type('application/json; charset=utf-16le'), []],
  ['UTF-16 by its BOM', bytes(0xff, 0xfe, 0x5b, 0, 0x5d, 0), {}, []],
  ['UTF-16 whose BOM tells the order', bytes(0xfe, 0xff, 0, 0x5b, 0, 0x5d), type('text/json; charset=utf-16'), []],
  ['a UTF-8 BOM in what is said to be latin-1', bytes(0xef, 0xbb, 0xbf, '["é"]'), type('a/b; charset=latin1'), ['é']],
  ['windows-1252', bytes('["', 0x80, 0xe9, '"]'), type('a/b; charset=windows-1252'), ['€é']],
  ['a charset with odd spelling', bytes('["é"]'), type("application/json ; Charset = 'UTF8'"), ['é']],
  ['a type that was sent twice', bytes('["é"]'), type('a/b; charset=utf-8, a/b; charset=utf-8'), ['é']],
  ['an empty charset', bytes('["é"]'), type('a/b; charset=""'), ['é']],
  ['white space around', ' \n[1]\r\n', {}, [1]],
  ['a scalar', 'null', {}, null],
  ['the same key twice', '{"a":1,"a":2}', {}, { a: 2 }],
  ['a depth of 512', deep(512), {}, JSON.parse(deep(512))],
  ['204', null, { status: 204 }, undefined],
  ['205', null, { status: 205 }, undefined],
  ['201', '{"id":1}', { status: 201 }, { id: 1 }],
]

test.each(TAKEN)('taken: %s', async (_, body, init, value) => {
  const { send, requests } = setup([new Response(body, init)])
  expect((await send()).body).toEqual(value)
  expect(requests.length).toBe(1)
})

const LOGIN = '<!DOCTYPE html><html><title>Log in</title></html>'
const REFUSED: [string, BodyInit, ResponseInit, string, number][] = [
  ['HTML', LOGIN, type('text/html; charset=utf-8'), 'unexpected_html', 1],
  ['HTML that is said to be JSON', `\n ${LOGIN}`, type('application/json'), 'unexpected_html', 1],
  ['what is said to be HTML and is no JSON', 'Maintenance', type('text/html'), 'unexpected_html', 1],
  ['plain text', 'Bad gateway', {}, 'invalid_json', 1],
  ['bad UTF-8', bytes('["caf', 0xe9, '"]'), {}, 'invalid_json', 1],
  ['a broken UTF-8 sequence', bytes('["', 0xc3, '"]'), {}, 'invalid_json', 1],
  ['an unknown charset', '[]', type('application/json; charset=x-none'), 'invalid_json', 1],
  ['UTF-16 that is not declared', bytes(0x5b, 0, 0x5d, 0), {}, 'invalid_json', 1],
  ['UTF-16 with a lone surrogate', bytes(0xff, 0xfe, 0x22, 0, 0, 0xd8, 0x22, 0), {}, 'invalid_json', 1],
  ['NaN', '[NaN]', {}, 'invalid_json', 1],
  ['Infinity', '[-Infinity]', {}, 'invalid_json', 1],
  ['undefined', 'undefined', {}, 'invalid_json', 1],
  ['a trailing comma', '[1,]', {}, 'invalid_json', 1],
  ['two documents', '[1][2]', {}, 'invalid_json', 1],
  ['a depth of 513', deep(513), {}, 'invalid_json', 1],
  ['a depth of a million', deep(1e6), {}, 'invalid_json', 1],
  ['an empty body', '', {}, 'invalid_json', 4],
  ['white space only', ' \n', {}, 'invalid_json', 4],
  ['a BOM only', bytes(0xef, 0xbb, 0xbf), {}, 'invalid_json', 4],
  ['JSON that was cut', '[{"a":1},', {}, 'invalid_json', 4],
  ['JSON that was cut within a character', bytes('["', 0xc3), {}, 'invalid_json', 4],
  [
    'UTF-16 that was cut within a character',
    bytes(0x5b, 0, 0x5d),
    type('text/json; charset=utf-16le'),
    'invalid_json',
    4,
  ],
]

test.each(REFUSED)('refused: %s', async (_, body, init, code, attempts) => {
  const { send, requests } = setup([new Response(body, init)])
  expect(await failure(send())).toMatchObject({ code, status: 200 })
  expect(requests.length).toBe(attempts)
})

test('every byte of windows-1252 and its labels: Node, for one, takes 80 to 9F for control characters', async () => {
  const all = Array.from({ length: 128 }, (_, at) => 128 + at)
  const high = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'
  const text =
    high +
    all
      .slice(32)
      .map((code) => String.fromCharCode(code))
      .join('')
  for (const label of ['windows-1252', 'iso-8859-1', 'latin1', 'us-ascii', 'CP1252']) {
    const { send } = setup([new Response(bytes('["', ...all, '"]'), type(`application/json; charset=${label}`))])
    expect((await send()).body).toEqual([text])
  }
  const plain = setup([new Response('["\x80"]')])
  expect((await plain.send()).body).toEqual(['\x80'])
})

test('what nests too deep is not even parsed: it would take a hundred times its size', async () => {
  const { send } = setup([new Response(deep(1000))])
  const parse = vi.spyOn(JSON, 'parse')
  try {
    expect(await failure(send())).toMatchObject({ code: 'invalid_json', what: expect.stringContaining('512') })
    expect(parse).not.toHaveBeenCalled()
  } finally {
    parse.mockRestore()
  }
})

test('no error quotes the body', async () => {
  for (const body of ['SECRET is no JSON', '{"token":"SECRET', `${LOGIN}SECRET`]) {
    const error = await failure(setup([new Response(body)]).send())
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('SECRET')
  }
})

test('integers beyond 2^53-1 are found, or exact text; never changed in silence', async () => {
  const text = '{"rows":[{"id":9007199254740993},{"id":1},{"id":1e400},{"id":-9007199254740993}]}'
  const page = await setup([new Response(text)]).send()
  expect(page.unsafe).toBe(true)
  const rows = (page.body as unknown as { rows: { id: unknown }[] }).rows
  expect(rows.map(({ id }) => id)).toEqual([9007199254740993n, 1, Number.POSITIVE_INFINITY, -9007199254740993n])
  expect(rows.map(numberFault)).toEqual(['unsafe_integer', undefined, 'number_overflow', 'unsafe_integer'])
  expect(() => JSON.stringify(rows[0])).toThrow(TypeError)

  const exact = await setup([new Response(text)], { bigint: 'string' }).send()
  expect(exact.unsafe).toBe(true)
  expect(exact.body).toMatchObject({ rows: [{ id: '9007199254740993' }, {}, {}, { id: '-9007199254740993' }] })
  const plain = await setup([new Response('[9007199254740993]')], { bigint: 'string' }).send()
  expect(plain).toMatchObject({ body: ['9007199254740993'] })
  expect(plain.unsafe).toBeUndefined()
  expect((await setup([new Response('[1, 2.5, 1e20, 1e+300]')]).send()).unsafe).toBeUndefined()
})

/** An endless body, and how much of it was taken before it was cancelled. */
function endless(chunk: Uint8Array) {
  const state = { sent: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        state.sent += chunk.length
        controller.enqueue(chunk)
      },
      cancel: () => {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, state }
}

test('a body above the cap is stopped in its course and not asked for again', async () => {
  const { body, state } = endless(new Uint8Array(1000))
  const { send, requests, log } = setup([() => new Response(body)], { maxBodyBytes: 10_000 })
  expect(await failure(send())).toMatchObject({ code: 'body_too_large', hint: expect.stringContaining('maxBodyBytes') })
  expect(state).toEqual({ sent: 11_000, cancelled: true })
  expect(requests.length).toBe(1)
  expect(log.bytes).toBe(11_000)
  const exactly = setup([new Response(`"${'a'.repeat(98)}"`)], { maxBodyBytes: 100 })
  expect(await exactly.send()).toMatchObject({ bytes: 100 })
})

test('the body of a response that does not count is cancelled, not read', async () => {
  for (const code of [400, 404, 503]) {
    const states: { sent: number; cancelled: boolean }[] = []
    const { send } = setup([
      () => {
        const { body, state } = endless(new Uint8Array(10))
        states.push(state)
        return new Response(body, { status: code })
      },
    ])
    await failure(send())
    expect(states.every(({ cancelled }) => cancelled)).toBe(true)
  }
})

test('a body that breaks off is a network error, and retried', async () => {
  const broken = () =>
    new Response(
      new ReadableStream({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode('[1,'))
          controller.error(Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } }))
        },
      }),
    )
  expect(await setup([broken, json([1])]).send()).toMatchObject({ body: [1] })
  const error = await failure(setup([broken]).send())
  expect(error).toMatchObject({ code: 'network', status: 200 })
  expect(error.message).toContain('UND_ERR_SOCKET')
})

test('HEAD has no body', async () => {
  expect(await setup([new Response(null)]).send({ method: 'HEAD' })).toMatchObject({ body: undefined })
})

test('chunks may be split anywhere, within a character too', async () => {
  const whole = bytes('{"a":"é€😀","n":[1,2,3]}')
  for (let at = 0; at <= whole.length; at++) {
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(whole.slice(0, at))
        controller.enqueue(whole.slice(at))
        controller.close()
      },
    })
    expect((await setup([() => new Response(body)]).send()).body).toEqual({ a: 'é€😀', n: [1, 2, 3] })
  }
})
