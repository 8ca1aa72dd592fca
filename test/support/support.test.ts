import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { leaks } from './canaries.ts'
import { fakePorts, START } from './ports.ts'
import { fakeServer, json, type Reply, text } from './server.ts'

test('sleeps end in the order of time, whatever the order of the calls', async () => {
  const ports = fakePorts()
  const ended: string[] = []
  const nap = (name: string, ms: number) => ports.sleep(ms).then(() => ended.push(`${name}@${ports.now() - START}`))
  await Promise.all([
    nap('day', 86_400_000),
    nap('second', 1000).then(() => nap('third', 1500)),
    nap('two', 2000),
    nap('also two', 2000),
  ])
  expect(ended).toEqual(['second@1000', 'two@2000', 'also two@2000', 'third@2500', 'day@86400000'])
  expect(ports.pending()).toBe(0)
})

test('time stands still while something runs: a deadline does not strike work that only takes turns', async () => {
  const ports = fakePorts()
  const controller = new AbortController()
  const deadline = ports.sleep(10, controller.signal).then(
    () => 'struck',
    () => 'cut',
  )
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  expect(await deadline).toBe('cut')
  expect(ports.now()).toBe(START)
  expect(ports.sleeps).toEqual([{ ms: 10, at: START, state: 'cut' }])
})

test('timers run on the same clock, and not when they were cancelled', async () => {
  const ports = fakePorts()
  const ran: string[] = []
  ports.timer(500, () => ran.push(`half@${ports.now() - START}`))
  const cancel = ports.timer(700, () => ran.push('cancelled'))
  ports.timer(500, cancel)
  await ports.sleep(1000)
  expect(ran).toEqual(['half@500'])
})

test('a sleep rejects with the reason of its signal, at once when it has aborted before', async () => {
  const ports = fakePorts()
  await expect(ports.sleep(5, AbortSignal.abort('no'))).rejects.toBe('no')
  expect(ports.pending()).toBe(0)
})

test('whatever the package loads on demand is loaded before a clock is made', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const onDemand = files.flatMap((file) => {
    const code = readFileSync(join('src', file), 'utf8').replace(/\/\*.*?\*\//gs, '')
    return [...code.matchAll(/import\('(\..*?)'\)/g)].map(([, path = '']) => join('src', dirname(file), path))
  })
  const preload = readFileSync('test/support/preload.ts', 'utf8')
  const loaded = [...preload.matchAll(/import '(.*?)'/g)].map(([, path = '']) => join('test/support', path))
  expect(loaded).toEqual([...new Set(onDemand)].sort())
})

test('random numbers follow the seed', () => {
  const some = (seed: number) => Array.from({ length: 50 }, fakePorts({ seed }).random)
  expect(some(1)).toEqual(some(1))
  expect(some(1)).not.toEqual(some(2))
  expect(some(3).every((n) => n >= 0 && n < 1)).toBe(true)
})

test('the server sees what fetch would send', async () => {
  const server = fakeServer(() => json([]))
  await server.fetch('https://a.test/x y?k=1&k=2&q=a+b#f', { method: 'POST', body: 'raw', headers: { 'X-A': '1' } })
  await server.fetch('https://a.test/', { method: 'POST', body: new TextEncoder().encode('bytes') })
  expect(server.requests).toMatchObject([
    {
      method: 'POST',
      url: 'https://a.test/x%20y',
      query: { k: ['1', '2'], q: 'a b' },
      headers: { 'x-a': '1', 'content-type': 'text/plain;charset=UTF-8' },
      body: 'raw',
    },
    { url: 'https://a.test/', query: {}, headers: {}, body: 'bytes' },
  ])
  expect(server.requests[1]?.headers).toEqual({})
})

test.each<[string, Reply, string]>([
  ['a refused connection', 'connection', 'TypeError'],
  ['a server that never answers', 'timeout', 'AbortError'],
  ['an abort within the body', new Response(new ReadableStream()), 'AbortError'],
])('%s', async (_, reply, error) => {
  const server = fakeServer(() => reply)
  const controller = new AbortController()
  const read = server.fetch('https://a.test/', { signal: controller.signal }).then((response) => response.text())
  setImmediate(() => controller.abort())
  await expect(read).rejects.toMatchObject({ name: error })
  expect(server.pending()).toBe(0)
})

test('a response knows its URL, and a 204 has no body', async () => {
  const server = fakeServer(() => text('', { status: 204 }))
  const response = await server.fetch('https://a.test/x?q=1#f')
  expect([response.url, response.status, response.body]).toEqual(['https://a.test/x?q=1', 204, null])
})

const CANARY = 'cAn4ry/+=&"ü-7f3e9d'

test.each<[string, unknown]>([
  ['a message', new Error(`no: ${CANARY}`)],
  ['a depth', { deep: { er: [{ still: CANARY }] } }],
  ['a hidden field', Object.defineProperty(new Error('no'), 'hidden', { value: CANARY })],
  [
    'a getter of a class',
    new (class {
      get secret() {
        return CANARY
      }
    })(),
  ],
  ['headers', new Headers({ authorization: encodeURIComponent(CANARY) })],
  ['a URL', `https://a.test/?key=${encodeURIComponent(CANARY)}`],
  [
    'a URL in lower case',
    `https://a.test/?key=${encodeURIComponent(CANARY).replace(/%../g, (code) => code.toLowerCase())}`,
  ],
  ['a form', new URLSearchParams({ key: CANARY }).toString()],
  ['JSON', JSON.stringify({ key: CANARY })],
  ['hex', Buffer.from(CANARY).toString('hex').toUpperCase()],
  ['base64', `Basic ${Buffer.from(`user:${CANARY}`).toString('base64')}`],
  ['base64 that begins elsewhere', Buffer.from(`us:${CANARY}:x`).toString('base64')],
  ['base64url', Buffer.from(`x${CANARY}`).toString('base64url')],
])('a secret is found in %s', (_, thing) => {
  expect(leaks(CANARY, 'harmless', thing)).not.toEqual([])
  expect(leaks('not there', thing)).toEqual([])
})

test('what has no secret in it has no leak', () => {
  expect(leaks(CANARY, new Error('cAn4ry'), { a: 'Y0FuNHJ5' }, '')).toEqual([])
})
