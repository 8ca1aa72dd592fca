import { expect, test } from 'vitest'
import { type AuthConfig, createAuth } from '../../src/auth/index.ts'
import type { ResolvedClient } from '../../src/config/resolved.ts'
import { createHttpClient } from '../../src/http/client.ts'
import type { RequestSpec } from '../../src/http/request.ts'
import { resolvePorts } from '../../src/ports.ts'
import { client, fakeMeter, spec } from '../unit/http/fake.ts'
import { httpServer } from './loopback.ts'

const CANARY = 'CANARY-7f3a9c51'
const SCHEMES: [string, AuthConfig][] = [
  ['bearer', { token: CANARY }],
  ['api_key in a header', { type: 'api_key', name: 'X-Api-Key', apiKey: CANARY }],
  ['api_key in the query', { type: 'api_key', name: 'api_key', apiKey: CANARY, location: 'query' }],
  ['api_key in a cookie', { type: 'api_key', name: 's', apiKey: CANARY, location: 'cookie' }],
  ['http_basic', { type: 'http_basic', username: 'me', password: CANARY }],
  [
    'a function',
    (request) => {
      request.headers.set('x-signature', CANARY)
      return request
    },
  ],
]
const FORMS = [CANARY, btoa(`me:${CANARY}`)]

/** The API, and a foreign server that must never see a secret, whether or not it is asked. */
async function servers(status: number, location: (foreign: string) => string) {
  const foreign = await httpServer((_, response) => response.end('[{"id":"foreign"}]'))
  const api = await httpServer((request, response) => {
    const moved = request.url?.startsWith('/moved')
    if (!moved) response.writeHead(status, { location: location(foreign.origin) })
    response.end('[{"id":"moved"}]')
  })
  return { api, foreign }
}

function ask(origin: string, auth: AuthConfig, request: Partial<RequestSpec>, over: Partial<ResolvedClient> = {}) {
  const resolved = client({ baseUrl: origin, auth: createAuth(auth), ...over })
  const http = createHttpClient(resolved, resolvePorts({ sleep: async () => {} }))
  return http
    .send(spec({ url: `${origin}/items`, headers: { 'x-static': CANARY }, ...request }), {
      auth: resolved.auth,
      actions: [],
      meter: fakeMeter().meter,
    })
    .then(
      ({ body }) => JSON.stringify(body),
      ({ code }: { code: string }) => code,
    )
}

const GET = { method: 'GET' }
const POST = { method: 'POST', json: { secret: CANARY } }

for (const [scheme, auth] of SCHEMES) {
  test.each([301, 302, 303, 307, 308])(
    `${scheme}: a foreign %i is refused, and the foreign server sees nothing`,
    async (status) => {
      const { api, foreign } = await servers(status, (origin) => `${origin}/x`)
      for (const request of [GET, POST]) {
        expect(['foreign_origin', 'redirect_refused']).toContain(await ask(api.origin, auth, request))
      }
      expect(foreign.requests).toEqual([])
    },
  )

  test.each([301, 302, 303, 307, 308])(`${scheme}: a %i within the origin keeps the credentials`, async (status) => {
    const { api } = await servers(status, () => '/moved')
    expect(await ask(api.origin, auth, GET)).toBe('[{"id":"moved"}]')
    expect(api.requests.map(({ url }) => new URL(url, api.origin).pathname)).toEqual(['/items', '/moved'])
    for (const request of api.requests) expect(FORMS.some((form) => JSON.stringify(request).includes(form))).toBe(true)
  })

  test(`${scheme}: an allowed origin without credentials gets none, by redirect and by link`, async () => {
    const { api, foreign } = await servers(302, (origin) => `${origin}/x?api_key=${CANARY}`)
    const allowedOrigins = [{ origin: foreign.origin, credentials: false }]
    await ask(api.origin, auth, GET, { allowedOrigins })
    await ask(api.origin, auth, { url: `${foreign.origin}/page2` }, { allowedOrigins })
    expect(foreign.requests.length).toBe(2)
    const seen = JSON.stringify(foreign.requests)
    // A key that the API itself puts into a link under another scheme's name is its own business.
    if (scheme === 'api_key in the query') expect(seen).not.toContain(CANARY)
    else
      for (const { headers } of foreign.requests)
        for (const form of FORMS) expect(JSON.stringify(headers)).not.toContain(form)
  })
}

test("with redirect 'follow' a foreign end is an error all the same", async () => {
  const { api } = await servers(302, (origin) => `${origin}/x`)
  expect(await ask(api.origin, { token: CANARY }, GET, { redirect: 'follow' })).toBe('foreign_origin')
  const near = await servers(302, () => '/moved')
  expect(await ask(near.api.origin, { token: CANARY }, GET, { redirect: 'follow' })).toBe('[{"id":"moved"}]')
})
