import { expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { type AuthConfig, defineSource, openDataset, type Store, step, sync } from '../../src/index.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json, type SeenRequest, text } from '../support/server.ts'

const TOKEN_URL = 'https://auth.example.com/token'

/** Three pages of teams, each team with two pages of members: 3 + 6 x 2 requests. */
const API_REQUESTS = 15

function answer({ url, query, body }: SeenRequest) {
  const page = Number(query.page ?? JSON.parse(body ?? '{}').page ?? 1)
  const last = url.endsWith('/teams') ? 3 : 2
  const team = url.split('/').at(-2)
  const rows = [1, 2].map((n) => ({ id: url.endsWith('/teams') ? 2 * page + n : `${team}-${2 * page + n}` }))
  return json({ data: rows, more: page < last })
}

/** An API that with its request number `k` stops to take the tokens that were given until then. */
function world(k: number) {
  const forms: URLSearchParams[] = []
  let asked = 0
  let revoked = 0
  const server = fakeServer((request) => {
    if (request.url === TOKEN_URL) {
      forms.push(new URLSearchParams(request.body))
      return json({ access_token: `A${forms.length}`, refresh_token: `R${forms.length}` })
    }
    if (++asked === k) revoked = forms.length
    const token = Number(request.headers.authorization?.replace('Bearer A', ''))
    return token > revoked ? answer(request) : text('', { status: 401 })
  })
  return { forms, ports: fakePorts({ fetch: server.fetch }), requests: () => asked }
}

const AUTH = { accessTokenUrl: TOKEN_URL, clientId: 'me' } as const

function sourceOf(auth: AuthConfig) {
  const paginator = { type: 'page_number', basePage: 1, hasMorePath: 'more' } as const
  return defineSource({
    name: 'teams',
    client: { baseUrl: 'https://api.example.com', auth, retry: { retries: 0 } },
    resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator } },
    resources: [
      'teams',
      {
        name: 'members',
        endpoint: {
          path: '/teams/{resources.teams.id}/members',
          method: 'POST',
          json: {},
          paginator: { ...paginator, pageBodyPath: 'page' },
        },
      },
    ],
  })
}

async function contents(store: Store): Promise<unknown[]> {
  const data = await openDataset(sourceOf({ token: '' }), store)
  const rows: unknown[] = []
  for (const table of ['teams', 'members'] as const) {
    for await (const batch of data.table(table).scan()) rows.push(...batch)
  }
  await data.close()
  return rows
}

test('whichever request meets the expired token, children and POSTs too: the same rows, and one renewal', async () => {
  const auth = { type: 'oauth2_client_credentials', ...AUTH, clientSecret: 's' } as const
  const expected = memoryStore()
  const whole = world(99)
  await sync(sourceOf(auth), expected, { ports: whole.ports })
  expect([whole.requests(), whole.forms.length]).toEqual([API_REQUESTS, 1])
  for (let k = 1; k <= API_REQUESTS; k++) {
    const { forms, ports, requests } = world(k)
    const store = memoryStore()
    const { resources } = await sync(sourceOf(auth), store, { ports })
    expect(resources).toMatchObject({ teams: { added: 6 }, members: { added: 24 } })
    expect(await contents(store)).toEqual(await contents(expected))
    expect(forms.length, `request ${k}`).toBe(2)
    // At most as many as run at once have been refused.
    expect(requests()).toBeLessThanOrEqual(API_REQUESTS + 4)
  }
})

test('a process that ends after every few requests renews from the token that the one before has stored', async () => {
  const expected = memoryStore()
  await sync(sourceOf({ token: 'A1' }), expected, { ports: world(99).ports })
  for (const k of [2, 7, 99]) {
    const { forms, ports } = world(k)
    const store = memoryStore()
    let stored = 'R0'
    for (let steps = 0; ; steps++) {
      expect(steps).toBeLessThan(40)
      // Each step has a source of its own, which has no token yet.
      const source = sourceOf({
        type: 'oauth2_refresh_token',
        ...AUTH,
        refreshToken: () => stored,
        onRefreshToken: (token) => {
          stored = token
        },
      })
      const { status } = await step(source, store, { ports, budget: { requests: 5 } })
      if (status === 'done') break
      expect(status).toBe('more')
    }
    expect(await contents(store)).toEqual(await contents(expected))
    expect(forms.map((form) => form.get('refresh_token'))).toEqual(forms.map((_, n) => `R${n}`))
  }
})
