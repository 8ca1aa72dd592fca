import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, openDataset, SynclineError, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { changedStore, itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts, START } from '../support/ports.ts'
import { json } from '../support/server.ts'

// What the simulation has found, each in the smallest form that shows it.

const at = (ms: number) => new Date(START + ms).toISOString()

describe('cursor', () => {
  test.each(['offset', 'page_number'] as const)(
    '%s: of pages that are asked for at once, a later one is answered before a row comes, an earlier one after it',
    async (type) => {
      const { store, ports } = itemsWorld([])
      const rows = manyRows(50).reverse()
      const kind = type === 'offset' ? { limit: 10 } : { basePage: 1, totalPath: 'pages' }
      const source = itemsSource({}, { paginator: { type, window: 4, ...kind } })
      let slow = true
      const world: typeof ports = {
        ...ports,
        async fetch(url) {
          const { offset, page, since = '' } = Object.fromEntries(new URL(url).searchParams)
          const from = Number(offset ?? Number(page) * 10 - 10)
          if (from === 20 && slow) {
            slow = false
            await ports.sleep(1000)
            rows.unshift(...manyRows(1, 51))
          }
          const asked = rows.filter((row) => String(row.updated_at) >= since)
          const data = asked.slice(from, from + 10)
          return json({ data, total: asked.length, pages: Math.ceil(asked.length / 10) })
        },
      }
      await sync(source, store, { ports: world })
      await sync(source, store, { ports: world })
      expect((await itemsIn(store, source)).map(({ id }) => id)).toEqual(manyRows(51).map(({ id }) => id))
    },
  )

  test('times that are cut to the minute: the update after its page was read is not lost', async () => {
    const { api, store, ports } = itemsWorld([
      ...manyRows(10),
      { id: 11, updated_at: at(0) },
      { id: 12, updated_at: at(60_000) },
    ])
    const source = itemsSource()
    const date = new Date(START + 30_000).toUTCString()
    const answer = api.fault
    api.fault = (request) => {
      const { offset } = request.query
      // Row 1 changes at 00:00:40, when its page has been read: the API calls that 00:00:00.
      if (offset === '10') api.tables['/items']?.splice(0, 1, { id: 1, name: 'changed', updated_at: at(0) })
      const rows = api.tables['/items'] ?? []
      const from = String(request.query.since ?? '')
      const asked = rows.filter((row) => String(row.updated_at) >= from)
      return json(
        { data: asked.slice(Number(offset), Number(offset) + 10), total: asked.length },
        { headers: { date } },
      )
    }
    await sync(source, store, { ports })
    api.fault = answer
    await sync(source, store, { ports })
    expect((await itemsIn(store, source))[0]).toMatchObject({ name: 'changed' })
  })

  test('an answer is dated when it is sent: what changed while it was made is not lost', async () => {
    const { api, store, ports } = itemsWorld([...manyRows(10), { id: 11, updated_at: at(3000) }])
    const source = itemsSource()
    const slow: typeof ports = {
      ...ports,
      async fetch(input, init) {
        const response = await ports.fetch(input, init)
        // Made at once, sent four seconds later. Meanwhile row 1 changes.
        if (api.requests.length === 1) {
          api.tables['/items']?.splice(0, 1, { id: 1, name: 'changed', updated_at: at(1000) })
          await ports.sleep(4000)
        }
        response.headers.set('date', new Date(ports.now()).toUTCString())
        return response
      },
    }
    await sync(source, store, { ports: slow })
    await sync(source, store, { ports: slow })
    expect((await itemsIn(store, source))[0]).toMatchObject({ name: 'changed' })
  })

  test.each([
    ['seconds', 1000],
    ['ms', 1],
  ])('numbers that are %s since 1970 are times too', async (_, unit) => {
    const time = (ms: number) => Math.floor((START + ms) / unit)
    const { api, store, ports } = itemsWorld([])
    const source = itemsSource({}, { incremental: { cursorPath: 'updated_at', startParam: 'since', initialValue: 0 } })
    api.fault = () =>
      json({
        data: [
          { id: 1, updated_at: time(-3_600_000) },
          { id: 2, updated_at: time(1000) },
        ],
        total: 2,
      })
    await sync(source, store, { ports })
    expect(await (await openDataset(source, store)).cursors()).toEqual({ items: time(-3_600_000) })
  })
})

describe('append', () => {
  test('goes on after a full refresh, and rows at the cursor come once', async () => {
    const { api, store, ports } = itemsWorld(manyRows(5))
    const source = itemsSource({ writeDisposition: 'append' })
    await sync(source, store, { ports })
    await sync(source, store, { ports, full: true })
    api.tables['/items']?.push(...manyRows(2, 6))
    expectBalance(await sync(source, store, { ports }))
    expect((await itemsIn(store, source)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('an interrupted full refresh goes on, whatever the next run asks for', async () => {
    const { store, ports } = itemsWorld(manyRows(25))
    const source = itemsSource({ writeDisposition: 'append' })
    await step(source, store, { ports, budget: { requests: 1 } })
    await step(source, store, { ports, full: true, budget: { requests: 1 } })
    await sync(source, store, { ports })
    expect(await itemsIn(store, source)).toHaveLength(25)
  })

  test('a clock that goes back does not bring rows twice', async () => {
    const { api, store, ports } = itemsWorld([{ id: 1, updated_at: at(-1000) }])
    const source = itemsSource({ writeDisposition: 'append' })
    await sync(source, store, { ports })
    api.tables['/items']?.push({ id: 2, updated_at: at(-1000) })
    const behind = { ...ports, now: () => ports.now() - 60_000 }
    await sync(source, store, { ports: behind })
    await sync(source, store, { ports: behind })
    expect((await itemsIn(store, source)).map(({ id }) => id)).toEqual([1, 2])
  })

  test('a table under another key fails in every run, not only in the first', async () => {
    const { store, ports } = itemsWorld(manyRows(5))
    await sync(itemsSource(), store, { ports })
    const other = itemsSource({ primaryKey: 'name' })
    for (let run = 0; run < 2; run++) {
      await expect(sync(other, store, { ports })).rejects.toMatchObject({ code: 'full_refresh_needed' })
    }
  })
})

describe('a pass that cannot go on', () => {
  test('begins anew when rows have shifted by a whole page', async () => {
    const { api, store, ports } = itemsWorld(manyRows(20))
    const source = itemsSource()
    await step(source, store, { ports, budget: { requests: 1 } })
    api.tables['/items']?.unshift(...manyRows(10, 100))
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'pagination_no_progress' })
    await sync(source, store, { ports })
    expect(await itemsIn(store, source)).toHaveLength(30)
  })

  test('begins anew when the API does not know the page token any more', async () => {
    const { api, store, ports } = itemsWorld([])
    let expired = false
    api.fault = ({ query }) => {
      if (query.cursor === undefined) return json({ data: manyRows(10), cursors: { next: expired ? 'new' : 'old' } })
      return query.cursor === 'new' || !expired ? json({ data: manyRows(5, 11) }) : json({}, { status: 410 })
    }
    const source = itemsSource({}, { paginator: { type: 'cursor' } })
    await step(source, store, { ports, budget: { requests: 1 } })
    expired = true
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'http_status', status: 410 })
    await sync(source, store, { ports })
    expect(await itemsIn(store, source)).toHaveLength(15)
  })
})

describe('children', () => {
  function blog(schema?: unknown) {
    const api = fakeApi({ '/posts': manyRows(12) })
    for (let id = 1; id <= 12; id++) api.tables[`/posts/${id}/comments`] = [{ id: id * 100 }, { id: id * 100 + 1 }]
    const source = defineSource({
      name: 'blog',
      ...pagedBy(5),
      resources: [
        { name: 'posts', endpoint: { path: '/posts' }, ...(schema !== undefined && { schema: schema as never }) },
        { name: 'comments', endpoint: { path: '/posts/{resources.posts.id}/comments' } },
      ],
    })
    return { api, source, store: memoryStore(), ports: fakePorts({ fetch: api.fetch }) }
  }

  test('of a parent in quarantine are not swept', async () => {
    const validate = (value: unknown) =>
      (value as JsonObject).name === 'bad' ? { issues: [{ message: 'bad' }] } : { value }
    const { api, source, store, ports } = blog({ '~standard': { version: 1, vendor: 'test', validate } })
    await sync(source, store, { ports })
    api.tables['/posts']?.splice(0, 1, { id: 1, name: 'bad', updated_at: at(0) })
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    expect(report.resources.posts?.quarantined).toBe(1)
    expect(await (await openDataset(source, store)).table('comments').get(100)).toEqual({ id: 100 })
  })

  test('that `limit` passes over are neither swept nor forgotten twice', async () => {
    const { source, store, ports } = blog()
    await sync(source, store, { ports })
    const report = await sync(source, store, { ports, full: true, limit: { records: 6 } })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({ complete: false })
    expect(await (await openDataset(source, store)).table('comments').count()).toBe(24)
  })
})

describe('counts', () => {
  test('add up in a trial of a replaced table', async () => {
    const { store, ports } = itemsWorld(manyRows(15))
    const source = itemsSource({ writeDisposition: 'replace' })
    await sync(source, store, { ports })
    expectBalance(await sync(source, store, { ports, limit: { records: 5 } }))
  })

  test('add up when a commit fails', async () => {
    const { store, ports } = itemsWorld(manyRows(15))
    let commits = 0
    const failing = changedStore(store, (dataset) => ({
      commit: (one) =>
        ++commits < 2 ? dataset.commit(one) : Promise.reject(new SynclineError('store_full', 'the disk is full')),
    }))
    const { status, report } = await step(itemsSource(), failing, { ports })
    expect(status).toBe('failed')
    expectBalance(report)
  })
})

describe('a budget', () => {
  test.each([{ requests: 1 }, { records: 1 }, { bytes: 1 }, { storageOps: 1 }, { wallMs: 1 }])(
    'of any size gets a run to its end: %j',
    async (budget) => {
      const { api, store, ports } = itemsWorld(manyRows(25))
      const source = itemsSource()
      let ms = 0
      const ticking = { ...ports, now: () => ports.now() + ms++ }
      let steps = 1
      while ((await step(source, store, { ports: ticking, budget })).status === 'more' && steps < 20) steps++
      expect(steps).toBeLessThan(6)
      expect(api.requests).toHaveLength(3)
    },
  )
})
