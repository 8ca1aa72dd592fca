import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import type { SourceConfig } from '../../src/config/source-config.ts'
import {
  defineSource,
  type PlannedResource,
  plan,
  type Source,
  type StepOptions,
  type SyncEvent,
  step,
  sync,
} from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Dataset, Store } from '../../src/store/index.ts'
import { expectBalance } from '../support/balance.ts'
import { type FakeApi, fakeApi, manyRows } from '../support/fake-api.ts'
import { changedStore, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { json } from '../support/server.ts'
import { tokenApi } from '../support/token-api.ts'

const DATED = { cursorPath: 'updated_at', startParam: 'since' }

interface Options {
  parts?: object | null
  bits?: object | null
  items?: object
  endpoint?: object
  others?: boolean
}

/** Items, below each of them parts, and below each of those bits: all paged by 2. `null`: not in the config. */
function family({ items = {}, endpoint = {}, parts = {}, bits = {}, others = false }: Options = {}) {
  const source = {
    name: 'family',
    ...pagedBy(2),
    resources: [
      { name: 'items', endpoint: { path: '/items', incremental: DATED, ...endpoint }, ...items },
      ...(parts === null ? [] : [{ name: 'parts', endpoint: { path: '/items/{resources.items.id}/parts' }, ...parts }]),
      ...(bits === null || parts === null
        ? []
        : [{ name: 'bits', endpoint: { path: '/parts/{resources.parts.id}/bits' }, ...bits }]),
      ...(others ? [{ name: 'others', endpoint: { path: '/others' } }] : []),
    ],
  }
  return defineSource(source as SourceConfig) as Source<Record<string, JsonObject>>
}

/** Three items; of the first three parts, of the others one; one bit of each part. All in all 11 requests. */
function familyWorld() {
  const api = fakeApi({ '/items': manyRows(3), '/others': manyRows(3) })
  for (const item of [1, 2, 3]) {
    const parts = manyRows(item === 1 ? 3 : 1, item * 10)
    api.tables[`/items/${item}/parts`] = parts
    for (const { id } of parts) api.tables[`/parts/${id}/bits`] = manyRows(1, Number(id) * 10)
  }
  return { api, store: memoryStore(), ports: fakePorts({ fetch: api.fetch }) }
}

/** What a run did first with each resource. */
interface Began {
  /** Its first page, from 0. */
  page: number
  /** Undefined where no row was stored. */
  mode: PlannedResource['mode'] | undefined
}

/** Where rows of a commit go says what is done with them. */
function modeOf(name: string, tables: Record<string, { put?: readonly { key: unknown }[] }>): Began['mode'] {
  if (tables[`_staged/${name}`] !== undefined) return 'replace'
  const [row] = tables[name]?.put ?? []
  if (row === undefined) return undefined
  return Array.isArray(row.key) ? 'append' : 'merge'
}

/** Runs the rest, and tells how it began. */
async function watch(source: ReturnType<typeof family>, store: Store, options: StepOptions) {
  const began = new Map<string, Began>()
  const pages = new Map<string, number>()
  const onEvent = (event: SyncEvent) => {
    if (event.type === 'page' && !pages.has(event.resource)) pages.set(event.resource, event.page - 1)
  }
  const watched = changedStore(store, (dataset: Dataset) => ({
    commit(commit) {
      const page = pages.get(commit.unit)
      if (page !== undefined && !began.has(commit.unit)) {
        began.set(commit.unit, { page, mode: modeOf(commit.unit, commit.tables as never) })
      }
      return dataset.commit(commit)
    },
  }))
  const report = await sync(source, watched, { ...options, onEvent })
  expectBalance(report)
  return { began, report }
}

interface Case {
  /** A whole run before. */
  first?: boolean
  /** What changes at the source after it. */
  change?: (api: FakeApi) => void
  before?: [source: ReturnType<typeof family>, options?: StepOptions<string>]
  after?: [source: ReturnType<typeof family>, options?: StepOptions<string>]
  /** The run fails at its end, in place of being interrupted. */
  fails?: boolean
}

const plain = family()
const dated = family({ parts: { endpoint: { path: '/items/{resources.items.id}/parts', incremental: DATED } } })
const append = family({ items: { writeDisposition: 'append' }, parts: null })
const touch = (api: FakeApi, month = 5) => {
  for (const row of api.tables['/items'] ?? [])
    row.updated_at = new Date(Date.UTC(2024, month, Number(row.id))).toISOString()
}

const cases: Record<string, Case> = {
  'goes on': {},
  'goes on in what has changed': { first: true, change: (api) => touch(api) },
  'a cursor for each parent': { first: true, change: (api) => touch(api), before: [dated], after: [dated] },
  'a full refresh goes on': { first: true, before: [plain, { full: true }], after: [plain, { full: true }] },
  'a full refresh goes on, whatever is asked for': { first: true, before: [plain, { full: true }] },
  'a full refresh is asked for': { first: true, after: [plain, { full: true }] },
  'an appended table goes on': { before: [append], after: [append] },
  'a full refresh of it goes on': { first: true, before: [append, { full: true }], after: [append] },
  replaces: { before: [plain, { writeDisposition: 'replace' }], after: [plain, { writeDisposition: 'replace' }] },
  'is to replace': { after: [plain, { writeDisposition: 'replace' }] },
  'is not to replace any more': { before: [plain, { writeDisposition: 'replace' }] },
  'limited to pages, and then not': { before: [plain, { limit: { pages: 2 } }] },
  'limited to records, and then not': { before: [plain, { limit: { records: 3 } }] },
  limited: { before: [plain, { limit: { pages: 2 } }], after: [plain, { limit: { pages: 2 } }] },
  'the paginator of the parents has changed': {
    after: [family({ endpoint: { paginator: { type: 'offset', limit: 3 } } })],
  },
  'the paginator of the children has changed': {
    after: [
      family({
        parts: { endpoint: { path: '/items/{resources.items.id}/parts', paginator: { type: 'offset', limit: 3 } } },
      }),
    ],
  },
  'another cursor': { first: true, after: [family({ endpoint: { incremental: { ...DATED, cursorPath: 'id' } } })] },
  'children are new': { before: [family({ parts: null })] },
  'children are new, after a whole run without them': { first: true, before: [family({ parts: null })] },
  'grandchildren are new': { before: [family({ bits: null })] },
  'children are gone': { after: [family({ parts: null })] },
  'children are skipped': { after: [family({ parts: { writeDisposition: 'skip' } })] },
  'parents are only read': { before: [family({ items: { writeDisposition: 'skip' } })] },
  'children were not asked for': { before: [plain, { resources: ['items'] }] },
  'only children of parents that are known': {
    before: [plain, { resources: ['items'] }],
    after: [plain, { resources: ['parts'] }],
  },
  'two roots': { before: [family({ others: true })], after: [family({ others: true })] },
  'two roots, one after the other': {
    before: [family({ others: true }), { concurrency: 1 }],
    after: [family({ others: true }), { concurrency: 1 }],
  },
  fails: { fails: true },
  'two roots, of which one fails': {
    fails: true,
    before: [family({ others: true })],
    after: [family({ others: true })],
  },
}

describe('an interrupted run: what plan says is what sync does', () => {
  test.each(Object.entries(cases))('%s', async (_, { first, change, fails, before = [plain], after = [plain] }) => {
    for (let requests = 0; ; requests++) {
      const { api, store, ports } = familyWorld()
      if (first) await sync(before[0], store, { ports })
      if (first) change?.(api)
      const seen = api.requests.length
      if (fails) api.fault = (__, index) => (index - seen === requests ? json({}, { status: 400 }) : undefined)
      const budget = fails ? {} : { requests }
      const ended = requests > 0 || fails ? await step(before[0], store, { ports, ...before[1], budget }) : undefined
      api.fault = () => undefined
      const asked = api.requests.length
      const planned = await plan(after[0], store, { ports, ...after[1] })
      expect(await plan(after[0], store, { ports, ...after[1] })).toEqual(planned)
      expect(api.requests).toHaveLength(asked)

      const { began } = await watch(after[0], store, { ports, ...after[1] })
      for (const { name, mode, fromPage, start, done } of planned) {
        const at = `${name} after ${requests} requests`
        const { page, mode: really } = began.get(name) ?? {}
        if (done) expect({ at, page }).toEqual({ at, page: undefined })
        if (page === undefined) continue
        expect({ at, page, mode: really ?? mode }).toEqual({ at, page: fromPage, mode })
        if (mode === 'read') expect({ at, mode: really }).toEqual({ at, mode: undefined })
        if (name !== 'items') continue
        const { query } = api.requests.slice(asked).find(({ url }) => /\/items(\?|$)/.test(url)) ?? {
          query: { since: undefined },
        }
        expect({ at, since: query.since }).toEqual({ at, since: start })
      }
      // Whoever is not planned is not read.
      expect([...began.keys()].filter((name) => !planned.some((each) => each.name === name))).toEqual([])
      if (ended?.status === 'done') break
      expect(requests).toBeLessThan(60)
    }
  })
})

test.each([1, 2, 3])(
  'sync tokens, one of which is refused in the midst, in steps of %i: what plan says is what is asked',
  async (requests) => {
    const row = (id: number, name: string): JsonObject => ({ id, name })
    const api = tokenApi({ '/items': Array.from({ length: 10 }, (_, index) => row(index, 'first')) })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const paginator = { type: 'cursor', cursorPath: 'next_page', cursorParam: 'page' } as const
    const source = itemsSource({}, { paginator, incremental: { tokenPath: 'next_token', startParam: 'token' } })
    await sync(source, store, { ports })
    for (let id = 0; id < 10; id++) api.put(row(id, 'changed'))
    let refused = false
    api.fault = ({ query }) => {
      if (query.page === '6' && !refused) api.expire()
      refused ||= query.page === '6'
      return undefined
    }
    api.log()
    for (let status = 'more', steps = 0; status === 'more'; steps++) {
      const [planned] = await plan(source, store)
      ;({ status } = await step(source, store, { ports, budget: { requests } }))
      const [first] = api.log()
      const { delta, fromPage = 0 } = planned ?? {}
      expect(first).toMatch(delta ? /^.items t1 / : /^.items - /)
      expect(first?.split(' ').at(-1)).toBe(String(fromPage * 3))
      expect(planned?.start).toBeUndefined()
      expect(steps).toBeLessThan(20)
    }
    expect(refused).toBe(true)
  },
)

test('a call that would fail before its first request fails as a plan', async () => {
  const { store, ports } = familyWorld()
  await sync(plain, store, { ports })
  const other = family({ items: { primaryKey: 'name' } })
  await expect(plan(other, store)).rejects.toMatchObject({ code: 'full_refresh_needed', resource: 'items' })
  await expect(sync(other, store, { ports })).rejects.toMatchObject({ code: 'full_refresh_needed', resource: 'items' })
  await expect(plan(plain, store, { resources: ['itms'] as never })).rejects.toMatchObject({ code: 'config_invalid' })
})

describe('what it costs', () => {
  /** Runs to the end, and counts by resource. */
  async function taken(source: ReturnType<typeof family>, store: Store, api: FakeApi, options: StepOptions) {
    const writes: Record<string, number> = {}
    const onEvent = (event: SyncEvent) => {
      if (event.type === 'commit') writes[event.resource] = (writes[event.resource] ?? 0) + 1
    }
    const from = api.requests.length
    const report = await sync(source, store, { ...options, onEvent })
    expectBalance(report)
    const paths = api.requests.slice(from).map(({ url }) => new URL(url).pathname)
    const [items, parts, bits] = [/^.items$/, /parts$/, /bits$/].map((path) => paths.filter((each) => path.test(each)))
    const count = (name: string, requests: string[] = []) => ({ requests: requests.length, writes: writes[name] ?? 0 })
    return { items: count('items', items), parts: count('parts', parts), bits: count('bits', bits) }
  }
  const costs = async (source: ReturnType<typeof family>, store: Store, options: StepOptions<string> = {}) =>
    Object.fromEntries((await plan(source, store, options)).map(({ name, cost }) => [name, cost]))
  const unknown = { items: undefined, parts: undefined, bits: undefined }

  test('is unknown before there was a pass of its kind, and then what the last one took', async () => {
    const { api, store, ports } = familyWorld()
    expect(await costs(plain, store)).toEqual(unknown)
    const all = await taken(plain, store, api, { ports })
    expect(all).toEqual({
      items: { requests: 2, writes: expect.any(Number) },
      parts: { requests: 4, writes: expect.any(Number) },
      bits: { requests: 5, writes: expect.any(Number) },
    })
    expect(await costs(plain, store)).toEqual(unknown)
    const full = { full: true }
    expect(await costs(plain, store, full)).toEqual(all)
    const changed = await taken(plain, store, api, { ports })
    expect(changed.items.requests).toBe(1)
    expect(await costs(plain, store)).toEqual(changed)
    expect(await costs(plain, store, full)).toEqual(all)
    const again = await taken(plain, store, api, { ports, ...full })
    expect(await costs(plain, store, full)).toEqual(again)
    expect(await taken(plain, store, api, { ports, ...full })).toEqual(again)
    expect(await costs(plain, store)).toEqual(changed)
  })

  test.each<[string, StepOptions]>([
    ['in what has changed', {}],
    ['a full refresh', { full: true }],
  ])('an interrupted pass costs what is left of it: %s', async (_, asked) => {
    for (let requests = 1; ; requests++) {
      const { api, store, ports } = familyWorld()
      const options = { ports, ...asked }
      await sync(plain, store, options)
      touch(api)
      const whole = await taken(plain, store, api, options)
      expect(await costs(plain, store, asked)).toEqual(whole)
      touch(api, 6)
      const { status } = await step(plain, store, { ...options, budget: { requests } })
      if (status === 'done') break
      const left = await costs(plain, store, asked)
      const really = await taken(plain, store, api, options)
      expect({ requests, left }).toEqual({ requests, left: really })
      // Steps ask for nothing twice. They may commit once more.
      for (const [name, cost] of Object.entries(await costs(plain, store, asked))) {
        expect([name, cost?.requests]).toEqual([name, whole[name as 'items'].requests])
      }
    }
  })

  test('is bounded by `limit`, with what hangs on the rows that it leaves out, and by a budget', async () => {
    const { api, store, ports } = familyWorld()
    const full = { full: true }
    await sync(plain, store, { ports, ...full })
    const requestsOf = async (options: StepOptions<string>) =>
      Object.values(await costs(plain, store, { ...full, ...options })).map((cost) => cost?.requests)
    expect(await requestsOf({})).toEqual([2, 4, 5])
    for (const limit of [{ pages: 1 }, { records: 2 }, { pages: 9, records: 99 }]) {
      const expected = await requestsOf({ limit })
      const other = familyWorld()
      const really = await taken(plain, other.store, other.api, { ports: other.ports, ...full, limit })
      // An upper bound: how many children the rows have that are left is not known.
      for (const [index, { requests }] of Object.values(really).entries()) {
        expect(requests).toBeLessThanOrEqual(expected[index] ?? 0)
      }
    }
    expect(await requestsOf({ limit: { pages: 1 } })).toEqual([1, 1, 1])
    expect(await requestsOf({ limit: { records: 2 } })).toEqual([2, 2, 2])
    expect(await requestsOf({ budget: { requests: 3 } })).toEqual([2, 3, 3])
    expect(await requestsOf({ budget: { records: 1 } })).toEqual([1, 1, 1])
    expect(await costs(plain, store, { ...full, budget: { storageOps: 2 } })).toMatchObject({ bits: { writes: 2 } })
    // What was limited says nothing about what is not.
    await sync(plain, store, { ports, ...full, limit: { pages: 1 } })
    expect(await requestsOf({})).toEqual([2, 4, 5])
    // Of a pass that goes on, the limit has less left.
    api.log()
    await step(plain, store, { ports, ...full, limit: { pages: 3 }, budget: { requests: 2 } })
    expect(await requestsOf({ limit: { pages: 3 } })).toEqual([1, 2, 3])
  })

  test('of a pass that failed and went on in another run is that of both', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    const source = itemsSource()
    api.fault = ({ query }) => (query.offset === '20' ? json({}, { status: 400 }) : undefined)
    await expect(sync(source, store, { ports, full: true })).rejects.toMatchObject({ status: 400 })
    expect(await plan(source, store, { full: true })).toMatchObject([{ fromPage: 2, stored: 20 }])
    api.fault = () => undefined
    await sync(source, store, { ports, full: true })
    expect(api.requests).toHaveLength(5)
    expect(await plan(source, store, { full: true })).toMatchObject([{ fromPage: 0, cost: { requests: 5 } }])
  })

  test('never is less than what is sure to come, when there is more than the last time', async () => {
    const { api, store, ports } = itemsWorld(manyRows(5))
    const source = itemsSource({}, { incremental: null })
    await sync(source, store, { ports })
    api.tables['/items']?.push(...manyRows(30, 6))
    await step(source, store, { ports, budget: { requests: 2 } })
    expect(await plan(source, store)).toMatchObject([{ fromPage: 2, cost: { requests: 1, writes: 1 } }])
  })

  test('is unknown in positions that do not have it, and they are gone on with', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    const source = itemsSource({}, { incremental: null })
    await sync(source, store, { ports })
    await step(source, store, { ports, budget: { requests: 2 } })
    const dataset = await store.open('test')
    const { value, version } = await dataset.position('items')
    const { took: _, pass, ...position } = value as { took: object; pass: { spent?: object } }
    const { spent: __, ...older } = pass
    await dataset.commit({ unit: 'items', expect: version, position: { ...position, pass: older } as never })
    expect(await plan(source, store)).toEqual([{ name: 'items', mode: 'merge', fromPage: 2, stored: 35 }])
    api.log()
    await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items?20', '/items?30'])
  })
})

test('a child without a cursor of its own says where all its parents begin', async () => {
  const { store, ports } = familyWorld()
  const from = { ...DATED, initialValue: '2024-01-01T00:00:00Z' }
  const source = family({ parts: { endpoint: { path: '/items/{resources.items.id}/parts', incremental: from } } })
  const startOf = async (options: StepOptions<string> = {}) =>
    (await plan(source, store, options)).find(({ name }) => name === 'parts')?.start
  expect(await startOf()).toBe(from.initialValue)
  await sync(source, store, { ports })
  expect(await startOf()).toBeUndefined()
  expect(await startOf({ full: true })).toBe(from.initialValue)
})

test('a backfill says its range, before it was read and after, for children too', async () => {
  const { store, ports } = familyWorld()
  const range = { initialValue: '2024-01-01T00:00:00Z', endValue: '2024-02-01T00:00:00Z' }
  const incremental = { ...DATED, ...range, endParam: 'until' }
  const path = '/items/{resources.items.id}/parts'
  const source = family({ endpoint: { incremental }, parts: { endpoint: { path, incremental } }, bits: null })
  for (let runs = 0; runs < 2; runs++) {
    for (const planned of await plan(source, store)) {
      expect(planned).toMatchObject({ start: range.initialValue, end: range.endValue, fromPage: 0 })
      // Each time all of it is read: the cost is known after the first.
      expect('cost' in planned).toBe(runs > 0)
    }
    await sync(source, store, { ports })
  }
})
