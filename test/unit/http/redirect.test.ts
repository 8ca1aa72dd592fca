import { expect, test } from 'vitest'
import { createAuth } from '../../../src/auth/index.ts'
import { failure, json, setup } from './fake.ts'

const auth = createAuth({ type: 'api_key', name: 'k', apiKey: 'CANARY', location: 'query' })
const to = (location: string, status = 302) => new Response('moved', { status, headers: { location } })

test.each([301, 302, 303, 307, 308])(
  'a GET follows a %i within its origin, signed anew, and every hop counts',
  async (status) => {
    const { send, requests, log } = setup([to('/b?x=1', status), to('c', status), json([1])], { auth })
    const page = await send({ params: { a: 1 } })
    expect(requests.map(({ url }) => url)).toEqual([
      'https://api.example.com/items?a=1&k=CANARY',
      'https://api.example.com/b?x=1&k=CANARY',
      'https://api.example.com/c?k=CANARY',
    ])
    expect(page).toMatchObject({ body: [1], url: 'https://api.example.com/c' })
    expect(log.requests).toBe(3)
  },
)

// What a POST does at each status: the method and the body that the target gets, or the error.
test.each([
  [301, 'redirect_refused'],
  [302, 'redirect_refused'],
  [303, ['GET', '']],
  [307, ['POST', '{"a":1}']],
  [308, ['POST', '{"a":1}']],
])('a POST at a %i', async (status, outcome) => {
  const { send, requests } = setup([to('/b', status), json([])])
  const result = await send({ method: 'POST', json: { a: 1 } }).catch((error: { code: string }) => error.code)
  if (typeof outcome === 'string') expect(result).toBe(outcome)
  else expect([requests[1]?.method, requests[1]?.body]).toEqual(outcome)
  if (status === 303) expect(requests[1]?.headers).not.toHaveProperty('content-type')
})

test('five redirects are followed, a sixth and a circle are not; neither is retried', async () => {
  const chain = (length: number) => [...Array.from({ length }, (_, i) => to(`/hop${i}`)), json([])]
  expect(await setup(chain(5)).send()).toMatchObject({ body: [] })
  const six = setup(chain(6))
  expect(await failure(six.send())).toMatchObject({ code: 'redirect_refused', status: 302 })
  expect(six.requests.length).toBe(6)
  const circle = setup([to('/b'), to('/items')])
  expect(await failure(circle.send())).toMatchObject({ code: 'redirect_refused' })
  expect(circle.requests.length).toBe(2)
  const self = setup([to('/items?k=other')], { auth })
  expect(await failure(self.send())).toMatchObject({ code: 'redirect_refused' })
})

test('a foreign target is an error; an allowed one is asked without credentials', async () => {
  const foreign = setup([to('https://evil.example/x')], { auth })
  expect(await failure(foreign.send())).toMatchObject({ code: 'foreign_origin' })
  expect(foreign.requests.length).toBe(1)
  const allowedOrigins = [{ origin: 'https://cdn.example.net', credentials: false }]
  const allowed = setup([to('https://cdn.example.net/x'), json([])], { auth, allowedOrigins })
  await allowed.send({ headers: { 'x-static': 'CANARY' } })
  expect(allowed.requests[1]).toMatchObject({ url: 'https://cdn.example.net/x' })
  expect(JSON.stringify(allowed.requests[1]?.headers)).not.toContain('CANARY')
  const post = setup([to('https://cdn.example.net/x', 307)], { auth, allowedOrigins })
  expect(await failure(post.send({ method: 'POST', json: {} }))).toMatchObject({ code: 'redirect_refused' })
})

test('a redirect that the runtime hides names the option that trusts the API', async () => {
  const opaque = new Response(null)
  Object.defineProperties(opaque, {
    type: { value: 'opaqueredirect' },
    status: { value: 0 },
    clone: { value: () => opaque },
  })
  const { send, requests } = setup([opaque])
  const error = await failure(send())
  expect(error).toMatchObject({ code: 'redirect_opaque', hint: expect.stringContaining("client.redirect: 'follow'") })
  expect(requests.length).toBe(1)
})

test("with redirect 'follow' the runtime follows, and where it ended is checked", async () => {
  const ended = (url: string) => {
    const response = json([])
    Object.defineProperties(response, {
      url: { value: url },
      redirected: { value: true },
      clone: { value: () => response },
    })
    return response
  }
  const near = setup([ended('https://api.example.com/b?k=CANARY&p=1#x')], { auth, redirect: 'follow' })
  expect(await near.send()).toMatchObject({ url: 'https://api.example.com/b?p=1' })
  expect(near.requests[0]?.init.redirect).toBe('follow')
  const far = setup([ended('https://evil.example/b')], { auth, redirect: 'follow' })
  expect(await failure(far.send())).toMatchObject({ code: 'foreign_origin' })
})

test('a redirect without a target is an error status', async () => {
  expect(await failure(setup([new Response(null, { status: 301 })]).send())).toMatchObject({
    code: 'http_status',
    status: 301,
  })
})
