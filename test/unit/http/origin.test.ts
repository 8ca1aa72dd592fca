import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAuth } from '../../../src/auth/index.ts'
import { namedOrigin } from '../../../src/http/origin.ts'
import { failure, json, setup } from './fake.ts'
import { HOSTILE } from './hostile-links.ts'

const KEY = createAuth({ type: 'api_key', name: 'X-Api-Key', apiKey: 'CANARY' })
const QUERY = createAuth({ type: 'api_key', name: 'api_key', apiKey: 'CANARY', location: 'query' })

test('the list is long', () => expect(HOSTILE.length).toBeGreaterThanOrEqual(40))

test.each(HOSTILE)('a next link to %j: %s', async (link, outcome) => {
  for (const auth of [KEY, QUERY]) {
    const { send, requests } = setup([json([])], { auth })
    const base = 'https://api.example.com/items'
    // A link that no URL comes of is given as it is: the client must refuse it as well.
    const url = URL.canParse(link, base) ? new URL(link, base).href : link
    if (outcome === 'same') {
      await send({ url })
      expect(new URL(requests[0]?.url ?? '').origin).toBe('https://api.example.com')
    } else {
      expect(await failure(send({ url }))).toMatchObject({ code: outcome })
      expect(requests).toEqual([])
    }
  }
})

/** Those that lead elsewhere, and that a header can hold. */
const REDIRECTS = HOSTILE.filter(([link, outcome]) => outcome !== 'same' && !/[^\x20-\xff]|^\s|\s$/.test(link))

test.each(REDIRECTS)('a redirect to %j: %s', async (link, outcome) => {
  const { send, requests } = setup([new Response(null, { status: 302, headers: { location: link } })], { auth: KEY })
  expect(await failure(send())).toMatchObject({ code: outcome })
  expect(requests.length).toBe(1)
})

test('whatever a server sends as a link, requests go to the base origin only', async () => {
  const part = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.constantFrom(
      'https:',
      'http:',
      '//',
      '\\\\',
      '@',
      ':',
      '/',
      '?',
      '#',
      'api.example.com',
      'evil.example',
      '\t',
      '\n',
    ),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
      const { start, requests } = setup([json([])], { auth: KEY })
      const link = parts.join('')
      const url = URL.canParse(link, 'https://api.example.com/items')
        ? new URL(link, 'https://api.example.com/items').href
        : link
      await start({ url }).catch(() => {})
      for (const request of requests) expect(new URL(request.url).origin).toBe('https://api.example.com')
    }),
    { seed: 2, numRuns: 2000 },
  )
})

test('an allowed origin gets credentials only if its entry says so', async () => {
  const allowedOrigins = [
    { origin: 'https://cdn.example.net', credentials: false },
    { origin: 'https://eu.example.com', credentials: true },
  ]
  const headers = { 'x-static-key': 'CANARY', accept: 'text/plain' }
  const { send, requests } = setup([json([])], { auth: KEY, allowedOrigins })
  await send({ url: 'https://cdn.example.net/a', headers })
  await send({ url: 'https://eu.example.com/a', headers })
  expect(requests.map((request) => request.headers)).toEqual([
    { accept: 'text/plain' },
    { accept: 'text/plain', 'x-static-key': 'CANARY', 'x-api-key': 'CANARY' },
  ])
})

test('a key that a server has put into its link goes nowhere else and is not sent twice', async () => {
  const allowedOrigins = [{ origin: 'https://cdn.example.net', credentials: false }]
  const { send, requests } = setup([json([])], { auth: QUERY, allowedOrigins })
  const page = await send({ url: 'https://api.example.com/items?api_key=CANARY&page=2' })
  await send({ url: 'https://cdn.example.net/a?api_key=CANARY&page=2' })
  expect(requests.map(({ url }) => url)).toEqual([
    'https://api.example.com/items?page=2&api_key=CANARY',
    'https://cdn.example.net/a?page=2',
  ])
  expect(page.url).toBe('https://api.example.com/items?page=2')
})

test('an endpoint without auth of its own keeps a parameter that its config has', async () => {
  const { send, requests } = setup([json([])], { auth: QUERY })
  await send({ url: 'https://api.example.com/items?api_key=demo' }, { auth: undefined })
  expect(requests[0]?.url).toBe('https://api.example.com/items?api_key=demo')
})

test('an absolute path in the config names an origin, without credentials; a placeholder as host names none', async () => {
  const { send, requests } = setup([json([])], { auth: KEY })
  const pathTemplate = 'https://other.example.org/x'
  await send({ url: pathTemplate, pathTemplate })
  expect(requests[0]?.headers).not.toHaveProperty('x-api-key')
  expect(await failure(send({ url: 'https://third.example.org/x', pathTemplate }))).toMatchObject({
    code: 'foreign_origin',
  })
  expect(
    await failure(send({ url: 'http://other.example.org/x', pathTemplate: 'http://other.example.org/x' })),
  ).toMatchObject({
    code: 'foreign_origin',
  })
  expect(namedOrigin('https://{resources.a.host}/x')).toBeUndefined()
  expect(namedOrigin('https://{tenant}.example.org/x')).toBeUndefined()
  expect(namedOrigin('https://a.example.org/{id}')).toBe('https://a.example.org')
  expect(namedOrigin('items/{id}')).toBeUndefined()
})

test('http is used only where the base URL has it', async () => {
  const allowedOrigins = [{ origin: 'http://api.example.com', credentials: true }]
  const secure = setup([json([])], { auth: KEY, allowedOrigins })
  expect(await failure(secure.send({ url: 'http://api.example.com/items' }))).toMatchObject({ code: 'foreign_origin' })
  const plain = setup([json([])], { auth: KEY, baseUrl: 'http://127.0.0.1:8080' })
  await plain.send({ url: 'http://127.0.0.1:8080/items' })
  expect(plain.requests.length).toBe(1)
})

test('a base URL with a password in it is refused, and not quoted', () => {
  expect(() => setup([], { baseUrl: 'https://me:CANARY@api.example.com' })).toThrow(
    expect.objectContaining({ code: 'invalid_url', message: expect.not.stringContaining('CANARY') }),
  )
})

test('a function that moves the request elsewhere is stopped', async () => {
  const auth = createAuth((request) => ({ ...request, url: new URL('https://evil.example/x') }))
  const { send, requests } = setup([json([])], { auth })
  expect(await failure(send())).toMatchObject({ code: 'foreign_origin' })
  expect(requests).toEqual([])
})
