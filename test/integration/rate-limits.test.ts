// One limiter for all requests of a client, whatever resource they are for.
import { expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, step, sync } from '../../src/index.ts'
import { fakePorts, START } from '../support/ports.ts'
import { fakeServer, json, text } from '../support/server.ts'

function sourceOf(client: object, resources: unknown[] = ['a', 'b', 'c']) {
  return defineSource({
    name: 'limited',
    client: { baseUrl: 'https://api.example.com', ...client },
    resourceDefaults: { primaryKey: 'id', endpoint: { paginator: { type: 'offset', limit: 2, totalPath: null } } },
    resources,
  } as Parameters<typeof defineSource>[0])
}

/** Two pages of rows for each path. The times are those at which requests arrived, in seconds from the start. */
function world(answer: (path: string, nth: number) => Response | undefined = () => undefined) {
  const arrivals: { path: string; at: number }[] = []
  let under = 0
  let most = 0
  const server = fakeServer(async ({ url, query }) => {
    const path = new URL(url).pathname
    arrivals.push({ path, at: (ports.now() - START) / 1000 })
    most = Math.max(most, ++under)
    await ports.sleep(100)
    under--
    return answer(path, arrivals.filter((each) => each.path === path).length) ?? json(rows(Number(query.offset ?? 0)))
  })
  const ports = fakePorts({ fetch: server.fetch })
  return { ports, arrivals, most: () => most }
}

const rows = (offset: number) => (offset < 4 ? [{ id: offset }, { id: offset + 1 }] : [])

test('resources, their children and their pages share one rate', async () => {
  const { ports, arrivals } = world()
  const keyed = { primaryKey: ['_a_id', 'id'], includeFromParent: ['id'] }
  const child = { name: 'd', ...keyed, endpoint: { path: 'a/{resources.a.id}/d' } }
  const source = sourceOf({ rateLimit: { requests: 3, perSeconds: 60, concurrency: 8 } }, ['a', 'b', child])
  const { resources } = await sync(source, memoryStore(), { ports })
  // 3 pages of a, of b, and of d under each of 4 parents; all but the first three wait for their minute.
  expect(arrivals).toHaveLength(18)
  arrivals.forEach(({ at }, index) => {
    const earlier = arrivals[index - 3]?.at ?? Number.NEGATIVE_INFINITY
    expect(Math.round((at - earlier) * 1000)).toBeGreaterThanOrEqual(60_000)
  })
  expect(new Set(arrivals.slice(0, 4).map(({ path }) => path[1]))).toEqual(new Set(['a', 'b']))
  const waited = Object.values(resources).reduce((sum, { waitedMs }) => sum + waitedMs, 0)
  expect(waited).toBeGreaterThanOrEqual(5 * 60_000)
})

test.each([1, 2, 3])('at most %i requests are under way at once, of all resources', async (concurrency) => {
  const { ports, arrivals, most } = world()
  const source = sourceOf({ rateLimit: { requests: 100, concurrency } }, ['a', 'b', 'c', 'd'])
  await sync(source, memoryStore(), { ports, concurrency: 4 })
  expect([most(), arrivals.length]).toEqual([concurrency, 12])
})

const NOW = START / 1000

test.each<[string, number, Record<string, string>, number]>([
  ['429, Retry-After in seconds', 429, { 'retry-after': '40' }, 40],
  ['429, Retry-After as a date', 429, { 'retry-after': new Date(START + 40_000).toUTCString() }, 40],
  ['429, a reset in seconds', 429, { 'x-ratelimit-reset': '40' }, 40],
  ['429, a reset in epoch seconds', 429, { 'ratelimit-reset': String(NOW + 40) }, 40],
  ['429, a reset in epoch milliseconds', 429, { 'x-rate-limit-reset': String(START + 40_000) }, 40],
  ['403 without requests left', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 40) }, 40],
  ['429, what is no Retry-After: our own wait', 429, { 'retry-after': '40s' }, 2],
  ['429, a negative one: our own wait', 429, { 'retry-after': '-40' }, 2],
  ['429, a fraction: our own wait', 429, { 'retry-after': '40.5' }, 2],
])('%s: all resources wait', async (_, status, headers, wait) => {
  const { ports, arrivals } = world((path, nth) =>
    path === '/a' && nth === 1 ? text('', { status, headers }) : undefined,
  )
  const source = sourceOf({ retry: { jitter: false } })
  const { resources } = await sync(source, memoryStore(), { ports })
  expect(resources).toMatchObject({
    a: { retries: 1, added: 4 },
    b: { retries: 0, added: 4 },
    c: { retries: 0, added: 4 },
  })
  // The first requests of all three were under way; what comes after them comes after the pause.
  const [first, second, third, ...later] = arrivals
  expect([first, second, third].map((each) => each?.at)).toEqual([0, 0, 0])
  for (const { at } of later) expect(at).toBeGreaterThanOrEqual(wait)
  expect(later[0]?.at).toBeLessThan(wait + 1)
})

test('a 403 with requests left is no rate limit: it fails at once', async () => {
  const headers = { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '40' }
  const { ports, arrivals } = world((path) => (path === '/a' ? text('', { status: 403, headers }) : undefined))
  await expect(sync(sourceOf({}), memoryStore(), { ports })).rejects.toMatchObject({ code: 'http_status', status: 403 })
  expect(arrivals.filter(({ path }) => path === '/a')).toHaveLength(1)
})

test('a wait that is longer than the budget ends the step, for all resources, with the time to come back', async () => {
  const { ports } = world((path, nth) =>
    path === '/a' && nth === 1 ? text('', { status: 429, headers: { 'retry-after': '30' } }) : undefined,
  )
  const [source, store] = [sourceOf({ retry: { jitter: false } }), memoryStore()]
  const result = await step(source, store, { ports, budget: { wallMs: 5000 } })
  expect(result).toMatchObject({ status: 'wait' })
  expect((result.retryAt ?? 0) - START).toBeGreaterThanOrEqual(30_000)
  expect(ports.now() - START).toBeLessThan(5000)
  const report = await sync(source, store, { ports })
  expect(report.resources).toMatchObject({ a: { added: 4 }, b: { added: 4 }, c: { added: 4 } })
})

test('steps that follow each other, and syncs of several datasets, share one rate', async () => {
  const { ports, arrivals } = world()
  const source = sourceOf({ rateLimit: { requests: 2, perSeconds: 60, concurrency: 8 } }, ['a'])
  const store = memoryStore()
  for (let times = 0; times < 9; times++) {
    const { status } = await step(source, store, { ports, budget: { requests: 1 } })
    if (status === 'done') break
  }
  await Promise.all(['b', 'c'].map((dataset) => sync(source, memoryStore(), { ports, dataset })))
  expect(arrivals).toHaveLength(9)
  arrivals.forEach(({ at }, index) => {
    const earlier = arrivals[index - 2]?.at ?? Number.NEGATIVE_INFINITY
    expect(Math.round((at - earlier) * 1000)).toBeGreaterThanOrEqual(60_000)
  })
})

test('a step that is called before its time asks nothing: it says again when to come back', async () => {
  const { ports, arrivals } = world((path, nth) =>
    path === '/a' && nth === 1 ? text('', { status: 429, headers: { 'retry-after': '30' } }) : undefined,
  )
  const [source, store] = [sourceOf({ retry: { jitter: false } }, ['a']), memoryStore()]
  const options = { ports, budget: { wallMs: 5000 } }
  const { retryAt } = await step(source, store, options)
  expect(retryAt).toBe(START + 30_100)
  expect(await step(source, store, options)).toMatchObject({ status: 'wait', retryAt })
  expect(arrivals).toHaveLength(1)
})

test('a step with a budget does not wait for those of another dataset that wait for the API', async () => {
  const { ports, arrivals } = world((path, nth) =>
    path === '/a' && nth === 1 ? text('', { status: 429, headers: { 'retry-after': '50' } }) : undefined,
  )
  const source = sourceOf({ retry: { jitter: false }, rateLimit: { requests: 100, concurrency: 1 } }, ['a', 'b'])
  const other = sync(source, memoryStore(), { ports, dataset: 'other' })
  await ports.sleep(1000)
  const result = await step(source, memoryStore(), { ports, budget: { wallMs: 5000 } })
  expect([result.status, ports.now() - START]).toEqual(['wait', 1000])
  expect(arrivals).toHaveLength(1)
  expect((await other).resources).toMatchObject({ a: { added: 4 }, b: { added: 4 } })
})
