import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { changedStore, itemsIn, itemsSource } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { json } from '../support/server.ts'

const LATENCY = 50

/** An API that takes its time, and a log of what happens when. */
function slowWorld(rows: JsonObject[], { commitMs = 0 } = {}) {
  const log: string[] = []
  const api = fakeApi({ '/items': rows })
  const ports = fakePorts({
    async fetch(url, init) {
      const at = new URL(url).searchParams
      log.push(`ask ${at.get('offset') ?? at.get('page')}`)
      await ports.sleep(LATENCY, init?.signal ?? undefined)
      return api.fetch(url, init)
    },
  })
  const store = changedStore(memoryStore(), (dataset) => ({
    async commit(commit) {
      if (Object.keys(commit.tables ?? {}).includes('items')) log.push('commit')
      await ports.sleep(commitMs)
      const result = await dataset.commit(commit)
      if (Object.keys(commit.tables ?? {}).includes('items')) log.push('committed')
      return result
    },
  }))
  return { api, ports, store, log }
}

const offset = (options: object = {}) => itemsSource({}, { paginator: { type: 'offset', limit: 10, ...options } })

describe('while a commit runs', () => {
  test('the next page is on its way', async () => {
    const { ports, store, log } = slowWorld(manyRows(30), { commitMs: 40 })
    const began = ports.now()
    const report = await sync(offset(), store, { ports })
    expectBalance(report)
    expect(log.slice(0, 6)).toEqual(['ask 0', 'commit', 'ask 10', 'committed', 'commit', 'ask 20'])
    // Three pages and the commits that no page hides: of the run, of the last page, of its end.
    expect(ports.now() - began).toBeLessThan(3 * LATENCY + 4 * 40)
  })

  test('it is not asked for where a pass ends, a budget is used up, or a limit is reached', async () => {
    const { ports, store, log } = slowWorld(manyRows(30))
    await step(offset(), store, { ports, budget: { requests: 1 } })
    expect(log).toEqual(['ask 0', 'commit', 'committed'])
    await step(offset(), store, { ports, budget: { records: 10 } })
    expect(log.slice(3)).toEqual(['ask 10', 'commit', 'committed'])
    await step(offset(), store, { ports, limit: { pages: 3 } })
    expect(log.filter((entry) => entry.startsWith('ask'))).toEqual(['ask 0', 'ask 10', 'ask 20'])
  })

  test('a budget of requests is kept to the last, and none is asked for in vain', async () => {
    const { ports, store, api } = slowWorld(manyRows(95))
    const asked: number[] = []
    for (let status = 'more'; status === 'more'; ) {
      const before = api.requests.length
      status = (await step(offset(), store, { ports, budget: { requests: 3 } })).status
      asked.push(api.requests.length - before)
    }
    expect(asked).toEqual([3, 3, 3, 1])
  })

  test('a commit that fails ends it, and leaves nothing', async () => {
    const { ports, api, log } = slowWorld(manyRows(30))
    const signal = new AbortController().signal
    let aborted = 0
    const fetch = ports.fetch
    ports.fetch = (url, init) => {
      init?.signal?.addEventListener('abort', () => aborted++)
      return fetch(url, init)
    }
    const store = changedStore(memoryStore(), () => ({
      async commit(commit) {
        if (!('items' in (commit.tables ?? {}))) return { version: '1', tables: {} } as never
        await ports.sleep(10)
        throw Object.assign(new Error('full'), { name: 'SynclineError', code: 'quota', hint: '', what: '' })
      },
    }))
    await expect(step(offset(), store, { ports, signal })).rejects.toThrow()
    expect(log).toEqual(['ask 0', 'ask 10'])
    expect([aborted, ports.pending(), api.requests.length]).toEqual([1, 0, 1])
  })

  test('an abort of the caller ends both', async () => {
    const { ports, store, api } = slowWorld(manyRows(30), { commitMs: 1000 })
    const controller = new AbortController()
    api.fault = () => undefined
    const run = sync(offset(), store, { ports, signal: controller.signal })
    const why = new Error('closed')
    void ports.sleep(LATENCY + 1010).then(() => controller.abort(why))
    await expect(run).rejects.toBe(why)
    expect(ports.pending()).toBe(0)
    expect((await sync(offset(), store, { ports })).resources.items).toMatchObject({ complete: true })
    expect(await itemsIn(store)).toHaveLength(30)
  })

  test('parents are read one page at a time: what hangs on them comes first', async () => {
    const { ports, api, store, log } = slowWorld(manyRows(20))
    for (const { id } of manyRows(20)) api.tables[`/items/${id}/parts`] = [{ id: Number(id) * 100 }]
    const source = defineSource({
      name: 'family',
      client: { baseUrl: 'https://api.example.com' },
      resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data' } },
      resources: [
        { name: 'items', endpoint: { path: '/items', paginator: { type: 'offset', limit: 10, window: 4 } } },
        { name: 'parts', endpoint: { path: '/items/{resources.items.id}/parts', paginator: 'single_page' } },
      ],
    })
    await sync(source, store, { ports })
    const asked = log.filter((entry) => entry.startsWith('ask'))
    expect([asked.length, asked.indexOf('ask 10')]).toEqual([22, 11])
  })
})

describe('a window', () => {
  test.each([
    ['offset', { type: 'offset', limit: 10 }],
    ['offset with overlap', { type: 'offset', limit: 10, overlap: 2 }],
    ['page_number', { type: 'page_number', basePage: 1, totalPath: 'pages' }],
  ])('%s: pages are asked for together and committed in their order', async (name, paginator) => {
    const rows = manyRows(400)
    async function timed(window: number) {
      const { api, ports, store } = slowWorld(rows)
      api.fault = ({ query }) => {
        const start = query.page === undefined ? Number(query.offset) : (Number(query.page) - 1) * 10
        return json({ data: rows.slice(start, start + 10), total: rows.length, pages: 40 })
      }
      const began = ports.now()
      const report = await sync(itemsSource({}, { paginator: { ...paginator, window } }), store, { ports })
      expectBalance(report)
      expect(report.resources.items).toMatchObject({ received: 400, complete: true, drift: 0 })
      expect(await itemsIn(store)).toEqual(rows)
      return { ms: ports.now() - began, requests: api.requests.length }
    }
    const [one, four] = [await timed(1), await timed(4)]
    process.stdout.write(
      `window (${name}): 4 pages at once are ${(one.ms / four.ms).toFixed(1)} times as fast as 1, at ${LATENCY} ms each\n`,
    )
    expect(four.requests).toBe(one.requests)
    expect(one.ms / four.ms).toBeGreaterThan(3.4)
  })

  test('answers that come in another order are taken in that of the pages', async () => {
    const { api, ports, store, log } = slowWorld(manyRows(100))
    const fetch = ports.fetch
    ports.fetch = async (url, init) => {
      // Later pages are quicker.
      await ports.sleep(1000 - Number(new URL(url).searchParams.get('offset')) * 10, init?.signal ?? undefined)
      return fetch(url, init)
    }
    const pages: number[] = []
    await sync(offset({ window: 5 }), store, {
      ports,
      onEvent: (event) => event.type === 'page' && pages.push(event.page),
    })
    expect(pages).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(log.filter((entry) => entry === 'committed').length).toBeGreaterThanOrEqual(9)
    expect(await itemsIn(store)).toEqual(manyRows(100))
    expect(api.requests).toHaveLength(10)
  })

  test('an API that gives less than was asked for: the pages are not those that were expected', async () => {
    const { api, ports, store } = slowWorld(manyRows(50))
    api.fault = ({ query }) => {
      const start = Number(query.offset)
      return json({ data: manyRows(50).slice(start, start + 7), total: 50 })
    }
    const report = await sync(offset({ window: 4 }), store, { ports })
    expect(report.resources.items).toMatchObject({ received: 50, added: 50, complete: true })
    expect(ports.pending()).toBe(0)
  })

  test('rows that move while several pages are under way', async () => {
    const { api, ports, store } = slowWorld(manyRows(200))
    const table = api.tables['/items'] ?? []
    let request = 0
    api.fault = () => {
      if (request++ === 4) table.splice(3, 12)
      return undefined
    }
    const report = await sync(offset({ window: 4 }), store, { ports })
    expectBalance(report)
    expect(report.resources.items.complete).toBe(true)
    const stored = new Set((await itemsIn(store)).map(({ id }) => id))
    expect(table.filter(({ id }) => !stored.has(id ?? null))).toEqual([])
  })

  test('without a total there is none: nobody knows which pages there are', async () => {
    const { ports, store, log } = slowWorld(manyRows(25))
    await sync(offset({ window: 4, totalPath: null }), store, { ports })
    expect(log.filter((entry) => entry.startsWith('ask'))).toEqual(['ask 0', 'ask 10', 'ask 20', 'ask 25'])
  })

  test('a killed run goes on at the page after the last commit', async () => {
    const { api, ports, store } = slowWorld(manyRows(100))
    const source = offset({ window: 4 })
    while ((await step(source, store, { ports, budget: { requests: 5 } })).status === 'more');
    expect(await itemsIn(store)).toEqual(manyRows(100))
    const offsets = api.log()
    expect(offsets.length).toBeLessThanOrEqual(15)
  })
})
