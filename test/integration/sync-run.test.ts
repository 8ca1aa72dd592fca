import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, isSynclineError, type StepOptions, SynclineError, step, sync } from '../../src/index.ts'
import type { Dataset } from '../../src/store/index.ts'
import { mockApi } from '../../src/testing/index.ts'
import { expectBalance } from '../support/balance.ts'
import { manyRows } from '../support/fake-api.ts'
import { changedStore, itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { mockedFetch } from '../support/mocked-fetch.ts'
import { fakePorts, START } from '../support/ports.ts'
import { json } from '../support/server.ts'

/** Commits that gather several pages: memory itself has no reason to wait. */
const gathering = { limits: { minPublishMs: 5000 } }

describe('a budget', () => {
  test('holds for retries too: the step says when to ask again', async () => {
    const { api, store, ports } = itemsWorld(manyRows(3))
    api.fault = (_, index) => (index === 0 ? json({}, { status: 503 }) : undefined)
    const source = itemsSource({}, {}, { retry: { retries: 3 } })
    const first = await step(source, store, { ports, budget: { requests: 1 } })
    expect([first.status, first.error, api.requests.length]).toEqual(['wait', undefined, 1])
    expect(first.retryAt).toBeGreaterThan(ports.now())
    // What the failed attempt cost is kept.
    expect(first.report.resources.items).toMatchObject({ requests: 1, status: 'waiting' })
    const second = await step(source, store, { ports, budget: { requests: 1 } })
    expect([second.status, api.requests.length]).toEqual(['done', 2])
    expect(second.report.resources.items).toMatchObject({ requests: 2, added: 3, complete: true })
  })

  test('of one request is refused where a token has to be asked for: no step of a new process would get further', async () => {
    const { store, ports, api } = itemsWorld(manyRows(3))
    const auth = { type: 'oauth2_client_credentials', accessTokenUrl: 'https://api.example.com/token' } as const
    const source = itemsSource({}, {}, { auth: { ...auth, clientId: 'me', clientSecret: 'secret-of-mine' } })
    await expect(step(source, store, { ports, budget: { requests: 1 } })).rejects.toMatchObject({
      code: 'config_invalid',
      path: 'options.budget.requests',
    })
    expect(api.requests).toEqual([])
  })

  test('that is handed to sync makes it go step by step to the end, and wait between two steps', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    api.fault = (_, index) => (index === 2 ? json({}, { status: 429, headers: { 'retry-after': '30' } }) : undefined)
    const options: StepOptions<'items'> = { ports, budget: { requests: 1, wallMs: 5000 } }
    const report = await sync(itemsSource({}, {}, { retry: { retries: 3 } }), store, options)
    expectBalance(report)
    expect(report).toMatchObject({ status: 'done', resources: { items: { added: 35, complete: true } } })
    expect(api.requests).toHaveLength(5)
    expect(ports.sleeps.map(({ ms }) => Math.floor(ms / 30_000))).toEqual([1])
  })

  test('a step waits for none but the first that can go on', async () => {
    const [quick, none] = [{ records: manyRows(3) }, { records: [] }]
    const resources = { '/quick': quick, '/soon': none, '/late': none }
    const api = await mockApi({ baseUrl: 'https://api.example.com', resources })
    const later = (seconds: string) => ({ type: 'status' as const, status: 429, headers: { 'retry-after': seconds } })
    api.fail({ ...later('40'), path: '/soon' })
    api.fail({ ...later('90'), path: '/late' })
    const source = defineSource({
      name: 'three',
      client: { baseUrl: 'https://api.example.com' },
      resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator: 'single_page' } },
      resources: ['late', 'quick', 'soon'],
    })
    const ports = fakePorts({ fetch: mockedFetch(api.handlers) })
    const { status, retryAt = 0, report } = await step(source, memoryStore(), { ports, budget: { wallMs: 5000 } })
    expect(status).toBe('wait')
    expect(Math.floor((retryAt - ports.now()) / 10_000)).toBe(4)
    expect(Object.values(report.resources).map((resource) => resource.status)).toEqual(['waiting', 'done', 'waiting'])
  })
})

test('waits of the rate limit are counted and told', async () => {
  const { store, ports } = itemsWorld(manyRows(25))
  const source = itemsSource({}, {}, { rateLimit: { requests: 1, perSeconds: 10 } })
  const waits: unknown[] = []
  const { resources } = await sync(source, store, {
    ports,
    onEvent: (event) => event.type === 'wait' && waits.push(event),
  })
  expect(waits).toEqual([1, 2].map(() => ({ type: 'wait', resource: 'items', waitMs: 10_000, reason: 'rate_limit' })))
  expect(resources.items.waitedMs).toBe(20_000)
})

test('a resource that has failed is not tried again in the same run: later steps repeat its error', async () => {
  const api = await mockApi({
    baseUrl: 'https://api.example.com',
    resources: { '/bad': { records: [] }, '/good': { records: manyRows(25), paging: { type: 'offset' } } },
  })
  api.fail({ type: 'status', status: 429, headers: { 'retry-after': '30' }, path: '/bad', times: 9 })
  const source = defineSource({
    name: 'two',
    ...pagedBy(10),
    resources: ['bad', 'good'],
  })
  const [store, ports] = [memoryStore(), fakePorts({ fetch: mockedFetch(api.handlers) })]
  const options = { ports, concurrency: 1, budget: { requests: 2 } }
  expect((await step(source, store, options)).status).toBe('more')
  const { status, error, report } = await step(source, store, options)
  const asked = api.requests.map(({ path, query }) => `${path}?${query.offset}`)
  expect(asked).toEqual(['/bad?0', '/good?0', '/good?10', '/good?20'])
  expect(status).toBe('failed')
  const retryAt = START + 30_000
  expect(error).toMatchObject({ code: 'rate_limited', status: 429, resource: 'bad', retryable: true, retryAt })
  expect(report.resources).toMatchObject({ bad: { status: 'failed' }, good: { status: 'done', added: 25 } })
})

describe('pages that are committed together', () => {
  test('a row that moves to the next page while they gather is stored once, as it was last', async () => {
    const { api, store, ports } = itemsWorld(manyRows(25), gathering)
    api.fault = ({ query }) => {
      // Row 25 is changed and comes first now; row 10 slips from page 1 to page 2.
      if (query.offset === '10') {
        const rows = api.tables['/items'] ?? []
        rows.unshift({ ...rows.pop(), name: 'changed' })
        rows.splice(10, 1, { ...rows[10], name: 'seen twice' })
      }
      return undefined
    }
    const commits: number[] = []
    const report = await sync(itemsSource(), store, {
      ports,
      onEvent: (event) => event.type === 'commit' && commits.push(event.added + event.updated),
    })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ received: 25, added: 24, updated: 1 })
    expect(commits).toEqual([10, 15])
    const rows = await itemsIn(store)
    expect(rows).toHaveLength(24)
    expect(rows.find(({ id }) => id === 10)).toMatchObject({ name: 'seen twice' })
  })

  const failing = (error: unknown) => (dataset: Dataset) => ({
    commit: (commit: Parameters<Dataset['commit']>[0]) =>
      commit.unit === 'items' ? Promise.reject(error) : dataset.commit(commit),
  })

  test('when the run fails and then their commit too: nothing is counted, and the next run reads them again', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35), gathering)
    api.fault = ({ query }) => (query.offset === '20' ? json({}, { status: 400 }) : undefined)
    const full = changedStore(store, failing(new SynclineError('store_full', 'the disk is full')))
    const { status, error, report } = await step(itemsSource(), full, { ports })
    expect([status, error?.code]).toEqual(['failed', 'store_full'])
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ added: 0, received: 0 })

    api.fault = () => undefined
    api.log()
    expectBalance(await sync(itemsSource(), store, { ports }))
    expect(api.log()[0]).toBe('/items?0')
    expect(await itemsIn(store)).toHaveLength(35)
  })

  test('a defect of an adapter is thrown as it is, wherever it shows', async () => {
    const defect = new TypeError('cannot read properties of undefined')
    for (const fails of [true, false]) {
      const { api, store, ports } = itemsWorld(manyRows(35), gathering)
      api.fault = ({ query }) => (fails && query.offset === '20' ? json({}, { status: 400 }) : undefined)
      await expect(step(itemsSource(), changedStore(store, failing(defect)), { ports })).rejects.toBe(defect)
      api.fault = () => undefined
      await sync(itemsSource(), store, { ports })
      expect(await itemsIn(store)).toHaveLength(35)
    }
  })
})

test('a sync that waits for one that fails is done all the same', async () => {
  const { api, store, ports } = itemsWorld(manyRows(5))
  api.fault = (_, index) => (index === 0 ? json({}, { status: 400 }) : undefined)
  const first = sync(itemsSource(), store, { ports })
  const second = sync(itemsSource(), store, { ports, full: true })
  await expect(first).rejects.toMatchObject({ code: 'http_status' })
  expect((await second).resources.items).toMatchObject({ complete: true, added: 5 })
})

describe('a position', () => {
  test('of a newer version of Syncline is left alone', async () => {
    const { store, ports } = itemsWorld(manyRows(5))
    const dataset = await store.open('test')
    await dataset.commit({ unit: 'items', expect: '', position: { v: 2, new: true } })
    await expect(sync(itemsSource(), store, { ports })).rejects.toMatchObject({ code: 'store_too_new' })
    expect((await dataset.position('items')).value).toEqual({ v: 2, new: true })
  })

  test('that would grow beyond its limit is an error, and the one before stays', async () => {
    const { api, store, ports } = itemsWorld([])
    api.fault = (_, index) => json({ data: manyRows(2, 1 + 2 * index), next: 'x'.repeat(index === 0 ? 10 : 9000) })
    const source = itemsSource({}, { paginator: { type: 'cursor', cursorPath: 'next' } })
    const error: unknown = await sync(source, store, { ports }).catch((thrown) => thrown)
    if (!isSynclineError(error, 'position_too_large')) throw error
    expectBalance(error.report)
    expect((await itemsIn(store)).map(({ id }) => id)).toEqual([1, 2])
  })
})
