import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { type Budget, defineSource, type StepOptions, step, sync } from '../../src/index.ts'
import type { SyncEvent } from '../../src/report.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts, seededRandom } from '../support/ports.ts'
import { json } from '../support/server.ts'

const retrying = itemsSource({}, {}, { retry: { retries: 3 } })

describe('each status has what is needed to act on it, and nothing else', () => {
  type World = ReturnType<typeof itemsWorld>
  const cases: Record<
    string,
    [before: (world: World) => Promise<unknown>, options: StepOptions<'items'>, expected: object]
  > = {
    more: [async () => {}, { budget: { requests: 1 } }, { status: 'more', resource: 'running' }],
    done: [async () => {}, {}, { status: 'done', resource: 'done' }],
    wait: [
      async ({ api }) => {
        api.fault = () => json({}, { status: 429, headers: { 'retry-after': '30' } })
      },
      { budget: { wallMs: 1000 } },
      { status: 'wait', retryAt: expect.any(Number), resource: 'waiting' },
    ],
    needs_confirmation: [
      async ({ api, store, ports }) => {
        await sync(itemsSource(), store, { ports })
        api.tables['/items']?.splice(2)
      },
      { full: true },
      { status: 'needs_confirmation', confirm: expect.any(String), resource: 'running' },
    ],
    failed: [
      async ({ api }) => {
        api.fault = () => json({}, { status: 403 })
      },
      {},
      {
        status: 'failed',
        error: expect.objectContaining({ code: 'http_status', resource: 'items' }),
        resource: 'failed',
      },
    ],
  }
  test.each(Object.entries(cases))('%s', async (_, [before, options, expected]) => {
    const world = itemsWorld(manyRows(35))
    await before(world)
    const { report, ...result } = await step(retrying, world.store, { ports: world.ports, ...options })
    expectBalance(report)
    expect({ ...result, resource: report.resources.items?.status }).toEqual(expected)
    expect(report.status).toBe(result.status)
    expect(report.confirm).toEqual(result.confirm)
  })

  test.each<[status: string, ...kinds: string[]]>([
    ['more', 'good', 'late', 'bad'],
    ['wait', 'late', 'bad', 'empty'],
    ['needs_confirmation', 'empty', 'bad'],
    ['failed', 'bad', 'good'],
    ['done', 'good'],
  ])('%s, where there is something else too: %s, %s, %s', async (expected, ...kinds) => {
    const names = kinds.filter((kind) => typeof kind === 'string')
    const api = fakeApi(Object.fromEntries(names.map((name) => [`/${name}`, manyRows(25)])))
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const client = { baseUrl: 'https://api.example.com', retry: { retries: 3 } }
    const source = defineSource({ name: 'all', ...pagedBy(10), client, resources: names })
    await sync(source, store, { ports })
    api.fault = ({ url }) => {
      if (url.endsWith('bad')) return json({}, { status: 400 })
      if (url.endsWith('late')) return json({}, { status: 429, headers: { 'retry-after': '30' } })
      return url.endsWith('empty') ? json({ data: [], total: 0 }) : undefined
    }
    const budget: Budget = expected === 'more' ? { requests: names.length, wallMs: 1000 } : { wallMs: 1000 }
    const { status, report } = await step(source, store, { ports, full: true, budget })
    expectBalance(report)
    expect(status).toBe(expected)
  })
})

describe('a step stops at a commit', () => {
  const budgets: Budget[] = [{ requests: 2 }, { records: 15 }, { bytes: 1500 }, { storageOps: 7 }, { wallMs: 150 }]
  const stores: [string, { limits?: object }][] = [
    ['of each page', {}],
    ['of pages that gather', { limits: { minPublishMs: 60_000 } }],
  ]
  test.each(budgets.flatMap((budget) => stores.map(([when, limits]) => ({ budget, when, limits }))))(
    '$budget, with a commit $when: all that was received is stored, and read once',
    async ({ budget, limits }) => {
      const { api, store } = itemsWorld(manyRows(95), limits)
      const ports = fakePorts({
        async fetch(url, init) {
          await ports.sleep(60, init?.signal ?? undefined)
          return api.fetch(url, init)
        },
      })
      let steps = 0
      for (let status = 'more'; status === 'more'; steps++) {
        const result = await step(itemsSource(), store, { ports, budget })
        status = result.status
        const { received, added } = result.report.resources.items ?? {}
        expectBalance(result.report)
        expect([added, (await itemsIn(store)).length]).toEqual([received, received])
        expect(ports.pending()).toBe(0)
        expect(steps).toBeLessThan(20)
      }
      // Pages that gather cost no operation.
      expect(steps).toBeGreaterThan(budget.storageOps && limits.limits ? 0 : 1)
      // What was on its way when the budget ran out is the only thing that may be asked for again.
      expect(new Set(api.log()).size).toBe(10)
      expect(api.requests.length).toBeLessThan(10 + steps)
      expect(await itemsIn(store)).toEqual(manyRows(95))
    },
  )
})

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'never sleeps past the budget, whatever the API says: seed %i',
  async (seed) => {
    const random = seededRandom(seed)
    const pick = <T>(some: readonly T[]) => some[Math.floor(random() * some.length)] as T
    const { api, store } = itemsWorld(manyRows(45))
    api.fault = () => {
      if (random() < 0.5) return undefined
      const seconds = Math.floor(random() * 40)
      const headers = pick<Record<string, string>>([
        {},
        { 'retry-after': String(seconds) },
        { 'retry-after': new Date(ports.now() + seconds * 1000).toUTCString() },
        { 'x-ratelimit-reset': String(Math.floor(ports.now() / 1000) + seconds) },
      ])
      return pick([json({}, { status: pick([429, 500, 503]), headers }), 'connection' as const])
    }
    const ports = fakePorts({ fetch: api.fetch, seed })
    const client = {
      retry: { retries: 8 },
      ...(random() < 0.5 && { rateLimit: { requests: 2, perSeconds: pick([1, 10, 60]) } }),
    }
    const source = itemsSource({}, {}, client)
    const wallMs = pick([1, 1000, 5000, 20_000])
    for (let steps = 0; ; steps++) {
      expect(steps).toBeLessThan(300)
      const [began, slept] = [ports.now(), ports.sleeps.length]
      const { status, retryAt = 0, report, error } = await step(source, store, { ports, budget: { wallMs } })
      expectBalance(report)
      for (const { at, ms } of ports.sleeps.slice(slept)) expect(at + ms - began).toBeLessThanOrEqual(wallMs)
      expect(ports.now() - began).toBeLessThanOrEqual(wallMs)
      if (status === 'failed') expect(error?.retryable).toBe(true)
      if (status === 'done') break
      // The wait that did not fit is as long as it has to be: nothing is asked for before.
      if (status === 'wait') {
        expect(retryAt - began).toBeGreaterThan(wallMs)
        await ports.sleep(retryAt - ports.now())
      }
    }
    expect(await itemsIn(store)).toEqual(manyRows(45))
  },
)

describe('events', () => {
  async function eventsOf(options: StepOptions<'items'> = {}) {
    const { api, store, ports } = itemsWorld(manyRows(25))
    api.fault = (_, index) => (index === 1 ? json({}, { status: 503 }) : undefined)
    const events: SyncEvent[] = []
    const onEvent = (event: SyncEvent) => events.push(event)
    const { report } = await step(retrying, store, { ports, ...options, onEvent })
    return { events, report }
  }

  test('tell in their order what the report sums up', async () => {
    const { events, report } = await eventsOf()
    expect(events.map(({ type }) => type)).toEqual([
      ...['start', 'page', 'commit', 'schema', 'retry', 'page', 'commit', 'page', 'commit', 'resource', 'end'],
    ])
    const { items } = report.resources
    const of = <T extends SyncEvent['type']>(type: T) =>
      events.filter((event): event is Extract<SyncEvent, { type: T }> => event.type === type)
    expect(of('start')).toEqual([{ type: 'start', dataset: 'test', run: 1, resources: ['items'], resumed: false }])
    expect(of('page').map(({ page, received, total }) => [page, received, total])).toEqual([
      [1, 10, 25],
      [2, 20, 25],
      [3, 25, 25],
    ])
    expect(of('commit').reduce((sum, { added }) => sum + added, 0)).toBe(items?.added)
    expect(of('retry')).toMatchObject([{ resource: 'items', attempt: 1, reason: 'http_status', status: 503 }])
    expect(of('retry').reduce((sum, { waitMs }) => sum + waitMs, 0)).toBe(items?.waitedMs)
    expect(of('resource')).toEqual([{ type: 'resource', resource: 'items', report: items }])
    expect(of('end')).toEqual([{ type: 'end', report }])
    // All of it is plain data, safe to hand to a page or a log.
    expect(JSON.parse(JSON.stringify(events))).toEqual(events)
    expect(JSON.stringify(events)).not.toMatch(/row 1|since=|offset=/)
  })

  test('a step that goes on says so', async () => {
    const { store, ports } = itemsWorld(manyRows(25))
    await step(itemsSource(), store, { ports, budget: { requests: 1 } })
    const starts: unknown[] = []
    const onEvent = (event: SyncEvent) => event.type === 'start' && starts.push([event.run, event.resumed])
    await step(itemsSource(), store, { ports, onEvent })
    await step(itemsSource(), store, { ports, onEvent })
    expect(starts).toEqual([
      [1, true],
      [2, false],
    ])
  })
})

test('resources without a parent are read side by side, as many as `concurrency` says', async () => {
  for (const concurrency of [1, 3, undefined]) {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const api = fakeApi(Object.fromEntries(names.map((name) => [`/${name}`, manyRows(20)])))
    const under = new Map<string, number>()
    let most = 0
    const ports = fakePorts({
      async fetch(url, init) {
        const { pathname } = new URL(url)
        under.set(pathname, (under.get(pathname) ?? 0) + 1)
        most = Math.max(most, under.size)
        await ports.sleep(50)
        if (under.get(pathname) === 1) under.delete(pathname)
        else under.set(pathname, 1)
        return api.fetch(url, init)
      },
    })
    const source = defineSource({ name: 'many', ...pagedBy(10), resources: names })
    const report = await sync(source, memoryStore(), { ports, ...(concurrency && { concurrency }) })
    expectBalance(report)
    expect(Object.values(report.resources).map(({ added }) => added)).toEqual(names.map(() => 20))
    expect(most).toBe(concurrency ?? 4)
  }
})
