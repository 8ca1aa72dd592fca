import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import type { ResolvedClient } from '../../src/config/resolved.ts'
import { createHttpClient } from '../../src/http/client.ts'
import { resolvePorts } from '../../src/ports.ts'
import { client, failure, fakeMeter, spec } from '../unit/http/fake.ts'
import { httpServer, type Loopback, rawServer } from './loopback.ts'

const PAGE = JSON.stringify({ data: Array.from({ length: 200 }, (_, id) => ({ id, name: `n${id}` })) })

function ask({ origin }: Loopback, over: Partial<ResolvedClient> = {}) {
  const { meter, log } = fakeMeter()
  // Waits between attempts are skipped, deadlines are real.
  const http = createHttpClient(client({ baseUrl: origin, ...over }), resolvePorts({ sleep: async () => {} }))
  return { page: http.send(spec({ url: `${origin}/items` }), { auth: undefined, actions: [], meter }), log }
}

const head = (...lines: string[]) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${lines.join('\r\n')}\r\n\r\n`
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

// What the server sends before it closes the connection, and the code that each ends with after four attempts.
const CUT: [string, (socket: Socket) => void, string][] = [
  ['nothing', (socket) => socket.end(), 'network'],
  ['a reset', (socket) => socket.resetAndDestroy(), 'network'],
  ['half a header', (socket) => socket.end('HTTP/1.1 200 O'), 'network'],
  ['no HTTP', (socket) => socket.end('220 smtp ready\r\n'), 'network'],
  ['headers only', (socket) => socket.end(head('Content-Length: 100')), 'network'],
  ['a short body', (socket) => socket.end(`${head(`Content-Length: ${PAGE.length}`)}${PAGE.slice(0, 500)}`), 'network'],
  ['chunks without an end', (socket) => socket.end(`${head('Transfer-Encoding: chunked')}${chunk(PAGE)}`), 'network'],
  [
    'a chunk that breaks off',
    (socket) => socket.end(`${head('Transfer-Encoding: chunked')}ffff\r\n${PAGE}`),
    'network',
  ],
  [
    'a body until the close that was cut',
    (socket) => socket.end(`${head('Connection: close')}${PAGE.slice(0, 500)}`),
    'invalid_json',
  ],
  ['no body until the close', (socket) => socket.end(head('Connection: close')), 'invalid_json'],
]

test.each(CUT)('cut: %s', async (_, answer, code) => {
  const server = await rawServer(answer)
  expect(await failure(ask(server).page)).toMatchObject({ code, attempt: 4, retryable: true })
  expect(server.requests.length).toBe(4)
})

test('a gzip body cut at any place is never taken as a page', async () => {
  const packed = gzipSync(PAGE)
  for (let cut = 1; cut < packed.length - 8; cut += 29) {
    const server = await rawServer((socket) => {
      socket.write(head('Content-Encoding: gzip', `Content-Length: ${cut}`, 'Connection: close'))
      socket.end(packed.subarray(0, cut))
    })
    const { code } = await failure(ask(server).page)
    expect(['invalid_json', 'network']).toContain(code)
  }
})

test('a gzip body whose end mark alone is missing holds the whole page', async () => {
  const packed = gzipSync(PAGE)
  const server = await rawServer((socket) => {
    socket.write(head('Content-Encoding: gzip', 'Connection: close'))
    socket.end(packed.subarray(0, packed.length - 8))
  })
  const result = await ask(server).page.then(
    ({ body }) => JSON.stringify(body),
    ({ code }) => code,
  )
  expect(['network', PAGE]).toContain(result)
})

test('a body that was cut once is whole the next time', async () => {
  let times = 0
  const server = await rawServer((socket) => {
    const body = times++ === 0 ? PAGE.slice(0, 900) : PAGE
    socket.end(`${head(`Content-Length: ${PAGE.length}`, 'Connection: close')}${body}`)
  })
  expect((await ask(server).page).body).toEqual(JSON.parse(PAGE))
})

test('a bomb is stopped at the cap: 64 MiB of zeros in 64 kB', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, 0x20))
  const server = await httpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    response.end(bomb)
  })
  const { page, log } = ask(server, { maxBodyBytes: 2 ** 20 })
  expect(await failure(page)).toMatchObject({ code: 'body_too_large' })
  expect(server.requests.length).toBe(1)
  expect(log.bytes).toBeLessThan(4 * 2 ** 20)
})

test('an endless body is stopped at the cap, and the server sees the close', async () => {
  const closed = deferred()
  const server = await httpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = () => {
      while (!response.destroyed && response.write(' '.repeat(16_384)));
    }
    response.on('drain', more)
    response.on('close', () => closed.resolve())
    more()
  })
  expect(await failure(ask(server, { maxBodyBytes: 2 ** 20 }).page)).toMatchObject({ code: 'body_too_large' })
  await closed.promise
})

test('a body that drips ends with the attempt, one that stops with the idle time', async () => {
  const timers: NodeJS.Timeout[] = []
  const dripping = await httpServer((_, response) => {
    response.writeHead(200)
    timers.push(setInterval(() => response.write(' '), 20))
  })
  const retry = { ...client().retry, retries: 0 }
  const slow = await failure(ask(dripping, { retry, timeout: { attempt: 0.2, idle: 5, total: 9 } }).page)
  expect(slow).toMatchObject({ code: 'timeout', message: expect.stringContaining('client.timeout.attempt') })

  const stopped = await httpServer((_, response) => {
    response.writeHead(200)
    response.write('[')
  })
  const idle = await failure(ask(stopped, { retry, timeout: { attempt: 5, idle: 0.2, total: 9 } }).page)
  expect(idle).toMatchObject({ code: 'timeout', message: expect.stringContaining('client.timeout.idle') })
  timers.forEach(clearInterval)
})

test('bytes that are no text are refused, whatever arrives on the wire', async () => {
  const latin1 = Buffer.from('["caf\u00e9"]', 'latin1')
  const serve = (body: Buffer | string, type: string) =>
    httpServer((_, response) => {
      response.writeHead(200, { 'content-type': type })
      response.end(body)
    })
  expect((await ask(await serve(latin1, 'application/json; charset=iso-8859-1')).page).body).toEqual(['café'])
  expect((await ask(await serve('\ufeff["é"]', 'application/json')).page).body).toEqual(['é'])
  expect(await failure(ask(await serve(latin1, 'application/json')).page)).toMatchObject({ code: 'invalid_json' })
  expect(await failure(ask(await serve('<html>', 'text/html')).page)).toMatchObject({ code: 'unexpected_html' })
  expect(await failure(ask(await serve('[NaN]', 'application/json')).page)).toMatchObject({ code: 'invalid_json' })
  expect(await failure(ask(await serve('', 'application/json')).page)).toMatchObject({ code: 'invalid_json' })
})

test('errors that are not read leave no connection open', async () => {
  const server = await httpServer((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: 'x'.repeat(100_000) }))
  })
  for (let i = 0; i < 100; i++) await failure(ask(server).page)
  await vi.waitFor(() => expect(server.sockets.size).toBeLessThan(10))
})

test('an abort closes the connection', async () => {
  const closed = deferred()
  const server = await httpServer((_, response) => {
    response.writeHead(200)
    response.write('[')
    response.on('close', () => closed.resolve())
  })
  const controller = new AbortController()
  const http = createHttpClient(client({ baseUrl: server.origin }), resolvePorts())
  const pending = http.send(spec({ url: server.origin }), {
    auth: undefined,
    actions: [],
    ...fakeMeter(),
    signal: controller.signal,
  })
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  controller.abort('bye')
  await expect(pending).rejects.toBe('bye')
  await closed.promise
})

function deferred() {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
