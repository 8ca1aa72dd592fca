import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, openDataset, plan, type SyncEvent, SynclineError, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Store } from '../../src/store/index.ts'
import { expectBalance } from '../support/balance.ts'
import { changedStore, itemsIn, itemsSource } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json } from '../support/server.ts'
import { type TokenApi, tokenApi } from '../support/token-api.ts'

const row = (id: number, name = `row ${id}`): JsonObject => ({ id, name })
const rows = (count: number) => Array.from({ length: count }, (_, index) => row(index + 1))
const paginator = { type: 'cursor', cursorPath: 'next_page', cursorParam: 'page' } as const
const incremental = { tokenPath: 'next_token', startParam: 'token' } as const

function world(count = 7, endpoint: object = {}, resource: object = {}) {
  const api = tokenApi({ '/items': rows(count) })
  const source = itemsSource(resource, { paginator, incremental, ...endpoint })
  return { api, source, store: memoryStore(), ports: fakePorts({ fetch: api.fetch }) }
}

const byId = (list: JsonObject[]) => [...list].sort((a, b) => Number(a.id) - Number(b.id))

/** Runs on until a run succeeds, over whatever the store throws. */
async function untilDone(run: () => Promise<unknown>, most = 60): Promise<number> {
  for (let runs = 1; runs <= most; runs++) {
    try {
      await run()
      return runs
    } catch {
      // The next run goes on.
    }
  }
  throw new Error('never done')
}

describe('a sync token', () => {
  test('brings only what has changed; nothing is swept', async () => {
    const { api, source, store, ports } = world()
    const first = await sync(source, store, { ports })
    expectBalance(first)
    expect(first.resources.items).toMatchObject({ added: 7, pages: 3, complete: true })
    expect(api.log()).toEqual(['/items - 0', '/items - 3', '/items - 6'])
    expect(await plan(source, store)).toEqual([{ name: 'items', mode: 'merge', fromPage: 0, delta: true, stored: 7 }])

    for (const id of [2, 4, 6, 8]) api.put(row(id, 'changed'))
    api.remove(1)
    const events: SyncEvent[] = []
    const second = await sync(source, store, { ports, onEvent: (event) => events.push(event) })
    expectBalance(second)
    expect(second.resources.items).toMatchObject({ received: 4, added: 1, updated: 3, swept: 0, complete: true })
    expect(api.log()).toEqual(['/items t1 0', '/items t1 3'])
    expect(await itemsIn(store, source)).toEqual([row(1), ...byId(api.rows())])

    const third = await sync(source, store, { ports })
    expect(third.resources.items).toMatchObject({ received: 0, requests: 1, complete: true })
    expect(api.log()).toEqual(['/items t6 0'])

    // Whoever has the token may read changes with it: it is in no report, no event and no list of cursors.
    expect(JSON.stringify([second, events])).not.toMatch(/\bt\d\b/)
    const data = await openDataset(source, store)
    expect(await data.cursors()).toEqual({})
    await data.close()
  })

  test('is not sent in a full refresh, which sweeps and brings the next one', async () => {
    const { api, source, store, ports } = world()
    await sync(source, store, { ports })
    api.remove(1)
    api.log()
    expect(await plan(source, store, { full: true })).toMatchObject([{ stored: 7 }])
    const report = await sync(source, store, { ports, full: true })
    expect(report.resources.items).toMatchObject({ swept: 1, unchanged: 6 })
    expect(api.log()).toEqual(['/items - 0', '/items - 3'])
    await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items t2 0'])
  })

  test('is not kept by a pass that is not complete', async () => {
    const { api, source, store, ports } = world()
    await sync(source, store, { ports })
    for (const { id } of api.rows()) api.put(row(Number(id), 'changed'))
    api.log()
    await sync(source, store, { ports, limit: { records: 2 } })
    expect(await plan(source, store)).toMatchObject([{ delta: true }])
    const report = await sync(source, store, { ports })
    expect(report.resources.items).toMatchObject({ updated: 5, unchanged: 2, complete: true })
    expect(api.log()).toEqual(['/items t1 0', '/items t1 0', '/items t1 3', '/items t1 6'])
  })

  test('is never sent by a resource that replaces its table', async () => {
    const { api, source, store, ports } = world(2, {}, { writeDisposition: 'replace' })
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items - 0', '/items - 0'])
    expect(await plan(source, store)).toEqual([
      { name: 'items', mode: 'replace', fromPage: 0, stored: 2, cost: { requests: 1, writes: 1 } },
    ])
  })

  test('goes without a key into a table that is appended to', async () => {
    const { api, source, store, ports } = world(4, {}, { primaryKey: null })
    await sync(source, store, { ports })
    api.put(row(2, 'changed'))
    expect((await sync(source, store, { ports })).resources.items).toMatchObject({ added: 1 })
    expect(await itemsIn(store, source)).toEqual([...rows(4), row(2, 'changed')])
  })

  test('an appended table that was replaced in part is not written over by what changed', async () => {
    const { api, source, store, ports } = world(0, {}, { writeDisposition: 'append' })
    await sync(source, store, { ports })
    for (const each of rows(7)) api.put(each)
    await sync(source, store, { ports, full: true, limit: { pages: 1 } })
    expect(await itemsIn(store, source)).toHaveLength(3)
    await sync(source, store, { ports })
    expect(byId(await itemsIn(store, source))).toEqual(byId([...rows(3), ...rows(7)]))
  })

  test('of another config is not sent: all is read, and nothing swept', async () => {
    const { api, source, store, ports } = world()
    await sync(source, store, { ports })
    api.remove(7)
    api.log()
    const changed = itemsSource({}, { paginator, incremental, params: { kind: 'all' } })
    const events: SyncEvent[] = []
    const report = await sync(changed, store, { ports, onEvent: (event) => events.push(event) })
    expect(report.resources.items).toMatchObject({ unchanged: 6, swept: 0 })
    expect(events).toContainEqual({
      type: 'restart',
      resource: 'items',
      why: 'the config has changed, and the sync token is of the old one',
    })
    expect(api.log()).toEqual(['/items - 0', '/items - 3'])
    await sync(changed, store, { ports })
    expect(api.log()).toEqual(['/items t2 0'])
  })

  test('of another config would append everything again: that is refused', async () => {
    const append = { writeDisposition: 'append' }
    const { source, store, ports } = world(4, {}, append)
    await sync(source, store, { ports })
    const changed = itemsSource(append, { paginator, incremental, params: { kind: 'all' } })
    await expect(sync(changed, store, { ports })).rejects.toMatchObject({ code: 'full_refresh_needed' })
    await sync(changed, store, { ports, full: true })
    expect(await itemsIn(store, changed)).toEqual(rows(4))
    await sync(changed, store, { ports })
    expect(await itemsIn(store, changed)).toEqual(rows(4))
  })

  test('and a cursor of the same name are not taken for each other', async () => {
    const { api, source, store, ports } = world(2)
    await sync(source, store, { ports })
    api.log()
    const fields = itemsSource({}, { paginator, incremental: { cursorPath: 'next_token', startParam: 'token' } })
    api.fault = () => json({ data: [{ id: 1, next_token: 't9' }] })
    await sync(fields, store, { ports })
    expect(api.log()).toEqual(['/items - 0'])
    api.fault = () => undefined
    await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items - 0'])
  })

  test('that never comes is an error, and the page comes again', async () => {
    const { api, source, store, ports } = world()
    api.fault = ({ query }) => (query.page === '6' ? json({ data: [row(7)], next_token: '' }) : undefined)
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'cursor_missing', resource: 'items' })
    expect(await itemsIn(store, source)).toHaveLength(6)
    api.fault = () => undefined
    api.log()
    await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items - 6'])
    expect(await itemsIn(store, source)).toHaveLength(7)
    api.fault = () => json({ data: [] })
    await sync(source, store, { ports })
    api.fault = () => undefined
    await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items t1 0', '/items t1 0'])
  })

  test('that is too long is refused, and not cut', async () => {
    const { api, source, store, ports } = world(1)
    api.fault = () => json({ data: [row(1)], next_token: 'x'.repeat(9000) })
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'position_too_large' })
    api.fault = () => undefined
    expect((await sync(source, store, { ports })).resources.items).toMatchObject({ added: 1, complete: true })
  })
})

describe('where the token goes', () => {
  test('into a form, with a first value: the last token of a page counts', async () => {
    const bodies: (string | undefined)[] = []
    const server = fakeServer(({ body }) => {
      bodies.push(body)
      return json({ items: [row(bodies.length)], sync_token: `s${bodies.length}` })
    })
    const source = itemsSource(
      {},
      {
        method: 'POST',
        data: { sync_token: '{incremental.token}', resource_types: '["items"]' },
        dataSelector: 'items',
        paginator: 'single_page',
        incremental: { tokenPath: 'sync_token', initialValue: '*' },
      },
    )
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(bodies.map((body) => new URLSearchParams(body).get('sync_token'))).toEqual(['*', 's1'])
  })

  test('into a JSON body, with a token on each page, which may be a number', async () => {
    const bodies: unknown[] = []
    const server = fakeServer(({ body = '' }) => {
      const { cursor } = JSON.parse(body) as { cursor: number | null }
      bodies.push(cursor)
      const at = cursor ?? 0
      return json({ added: at < 3 ? [row(at + 1)] : [], next_cursor: Math.min(at + 1, 3), has_more: at < 2 })
    })
    const source = itemsSource(
      {},
      {
        method: 'POST',
        json: { cursor: '{incremental.token}' },
        dataSelector: 'added',
        paginator: { type: 'cursor', cursorPath: 'next_cursor', cursorBodyPath: 'cursor', hasMorePath: 'has_more' },
        incremental: { tokenPath: 'next_cursor' },
      },
    )
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    await sync(source, store, { ports })
    await sync(source, store, { ports })
    expect(bodies).toEqual([null, 1, 2, 3])
    expect(await itemsIn(store, source)).toEqual(rows(3))
  })

  describe('nowhere: then it is a link', () => {
    const deltas = (link: (asked: number) => unknown) => {
      const asked: string[] = []
      const server = fakeServer(({ url, query }) => {
        asked.push(`${url}?${new URLSearchParams(query as Record<string, string>)}`)
        return json({ value: [row(asked.length)], '@odata.deltaLink': link(asked.length) })
      })
      const source = itemsSource(
        {},
        {
          params: { first: 'yes' },
          dataSelector: 'value',
          paginator: { type: 'json_link', nextUrlPath: "['@odata.nextLink']" },
          incremental: { tokenPath: "['@odata.deltaLink']" },
        },
        { auth: { type: 'api_key', name: 'key', apiKey: 'sesame-sesame', location: 'query' } },
      )
      return { asked, source, store: memoryStore(), ports: fakePorts({ fetch: server.fetch }) }
    }

    test.each([
      ['absolute', 'https://api.example.com/items'],
      ['relative', '/items'],
    ])('an %s one takes the place of URL and params, and is stored without credentials', async (_, base) => {
      const { asked, source, store, ports } = deltas((count) => `${base}?delta=d${count}&key=sesame-sesame`)
      let stored = ''
      const watched = changedStore(store, (dataset) => ({
        commit(commit) {
          const { position } = commit
          return dataset.commit({
            ...commit,
            position(tables) {
              const value = typeof position === 'function' ? position(tables) : position
              stored += JSON.stringify(value)
              return value
            },
          })
        },
      }))
      await sync(source, watched, { ports })
      await sync(source, watched, { ports })
      expect(asked).toEqual([
        'https://api.example.com/items?first=yes&key=sesame-sesame',
        'https://api.example.com/items?delta=d1&key=sesame-sesame',
      ])
      expect(stored).toContain('delta=d2')
      expect(stored).not.toContain('sesame')
    })

    test('without credentials it stays as it is', async () => {
      const { api, ports } = world()
      api.fault = () => json({ data: [], next: '/items?delta=1' })
      const source = itemsSource({}, { paginator, incremental: { tokenPath: 'next' } })
      const store = memoryStore()
      await sync(source, store, { ports })
      await sync(source, store, { ports })
      expect(api.requests.at(-1)?.query).toEqual({ delta: '1' })
    })

    test('one to another origin is not followed', async () => {
      const { asked, source, store, ports } = deltas(() => 'https://evil.example.net/items?delta=1')
      await sync(source, store, { ports })
      await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'foreign_origin' })
      expect(asked).toHaveLength(1)
    })

    test('a token that is no link is an error that says what to set', async () => {
      const { source, store, ports } = deltas(() => 'sesame')
      const error = await sync(source, store, { ports }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'invalid_url', hint: expect.stringContaining('startParam') })
      expect(String(error)).not.toContain('sesame')
    })
  })
})

describe('a token that the API refuses', () => {
  test('starts a full refresh, once, which finds what was deleted', async () => {
    const { api, source, store, ports } = world()
    await sync(source, store, { ports })
    api.remove(1)
    api.put(row(8))
    api.expire()
    api.log()
    const events: SyncEvent[] = []
    const report = await sync(source, store, { ports, onEvent: (event) => events.push(event) })
    expectBalance(report)
    const why = 'the API refused the sync token (410)'
    expect(report.resources.items).toMatchObject({ added: 1, unchanged: 6, swept: 1, renewed: why, complete: true })
    expect(events).toContainEqual({ type: 'restart', resource: 'items', why })
    expect(api.log()).toEqual(['/items t1 0', '/items - 0', '/items - 3', '/items - 6'])
    expect(await itemsIn(store, source)).toEqual(byId(api.rows()))
    const next = await sync(source, store, { ports })
    expect(api.log()).toEqual(['/items t4 0'])
    expect(next.resources.items?.renewed).toBeUndefined()
  })

  test('on a later page: what was read stays, and all is read again', async () => {
    const { api, source, store, ports } = world()
    await sync(source, store, { ports })
    for (const { id } of api.rows()) api.put(row(Number(id), 'changed'))
    api.remove(7)
    api.log()
    api.fault = ({ query }) => {
      if (query.token !== undefined && query.page === '3') api.expire()
      return undefined
    }
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(api.log()).toEqual(['/items t1 0', '/items t1 3', '/items - 0', '/items - 3'])
    expect(report.resources.items).toMatchObject({ pages: 3, updated: 6, unchanged: 3, swept: 1 })
    expect(await itemsIn(store, source)).toEqual(byId(api.rows()))
  })

  test('on a later page, with pages that are not committed yet', async () => {
    const { api, source, ports } = world()
    const store = memoryStore({ limits: { minPublishMs: 5000 } })
    await sync(source, store, { ports })
    for (const { id } of api.rows()) api.put(row(Number(id), 'changed'))
    api.fault = ({ query }) => {
      if (query.token !== undefined && query.page === '3') api.expire()
      return undefined
    }
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ updated: 7, unchanged: 3, complete: true })
  })

  test('asks before it deletes more than half, and goes on from there', async () => {
    const { api, source, store, ports } = world()
    await sync(source, store, { ports })
    for (const id of [1, 2, 3, 4, 5]) api.remove(id)
    api.expire()
    const asks = await sync(source, store, { ports })
    expect(asks).toMatchObject({ status: 'needs_confirmation', resources: { items: { renewed: expect.any(String) } } })
    expect(await itemsIn(store, source)).toHaveLength(7)
    api.log()
    const confirmed = await sync(source, store, { ports, confirm: asks.confirm ?? '' })
    expect(confirmed.resources.items).toMatchObject({ swept: 5, complete: true })
    expect(api.log()).toEqual([])
    expect(await itemsIn(store, source)).toEqual(byId(api.rows()))
  })

  test('when the full refresh is refused too, that is an error; the next run begins it again', async () => {
    const { api, source, store, ports } = world()
    await sync(source, store, { ports })
    api.remove(1)
    api.expire()
    api.log()
    api.fault = () => json({}, { status: 410 })
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'http_status', status: 410 })
    expect(api.log()).toEqual(['/items t1 0', '/items - 0'])
    api.fault = () => undefined
    const report = await sync(source, store, { ports })
    expect(report.resources.items).toMatchObject({ swept: 1, complete: true })
    expect(await itemsIn(store, source)).toEqual(byId(api.rows()))
  })

  test('is known by `rejectedStatuses`; other statuses are errors', async () => {
    for (const [status, renewed] of [
      [400, true],
      [410, false],
    ] as const) {
      const { api, source, store, ports } = world(2, { incremental: { ...incremental, rejectedStatuses: [400] } })
      await sync(source, store, { ports })
      api.refusal = status
      api.expire()
      const result = await step(source, store, { ports })
      expect(result.status).toBe(renewed ? 'done' : 'failed')
      expect(result.report.resources.items?.renewed !== undefined).toBe(renewed)
    }
  })

  test('would append everything again: that needs a full refresh that was asked for', async () => {
    const { api, source, store, ports } = world(4, {}, { writeDisposition: 'append' })
    await sync(source, store, { ports })
    api.remove(1)
    api.expire()
    await expect(sync(source, store, { ports })).rejects.toMatchObject({
      code: 'full_refresh_needed',
      resource: 'items',
    })
    expect(await itemsIn(store, source)).toEqual(rows(4))
    await sync(source, store, { ports, full: true })
    expect(await itemsIn(store, source)).toEqual(byId(api.rows()))
  })

  test('goes on after an interruption at any request', async () => {
    for (let requests = 1; requests <= 4; requests++) {
      const { api, source, store, ports } = world()
      await sync(source, store, { ports })
      api.remove(1)
      for (const id of [2, 3, 4, 5]) api.put(row(id, 'changed'))
      api.fault = ({ query }) => {
        if (query.token === 't1' && query.page === '3') api.expire()
        return undefined
      }
      let last = await step(source, store, { ports, budget: { requests } })
      for (let steps = 0; last.status === 'more' && steps < 30; steps++) {
        expectBalance(last.report)
        last = await step(source, store, { ports, budget: { requests } })
      }
      expect(last.status).toBe('done')
      expectBalance(last.report)
      expect(last.report.resources.items).toMatchObject({ swept: 1, complete: true })
      expect(await itemsIn(store, source)).toEqual(byId(api.rows()))
      api.log()
      await sync(source, store, { ports })
      expect(api.log()).toEqual([expect.stringMatching(/^\/items t\d+ 0$/)])
    }
  })
})

/** Counts commits, and lets the one with this number fail: before it is done, or with its answer lost. */
function failing(store: Store, at: number, when: 'before' | 'after'): Store {
  let commits = 0
  const lost = new SynclineError('store_lost', 'the store is gone')
  return changedStore(store, (dataset) => ({
    async commit(commit) {
      const fails = commits++ === at
      if (fails && when === 'before') throw lost
      const result = await dataset.commit(commit)
      if (fails) throw lost
      return result
    },
  }))
}

/** Posts whose children have tokens of their own. */
function blog(options: { posts?: object; comments?: object } = {}) {
  const paths = [1, 2, 3, 4].map((id) => `/posts/${id}/comments`)
  const api = tokenApi({
    '/posts': rows(4),
    ...Object.fromEntries(paths.map((path, at) => [path, [row(at * 10), row(at * 10 + 1)]])),
  })
  const source = defineSource({
    name: 'blog',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
    resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator } },
    resources: [
      { name: 'posts', endpoint: { path: '/posts', ...options.posts } },
      {
        name: 'comments',
        endpoint: { path: '/posts/{resources.posts.id}/comments', incremental, ...options.comments },
      },
    ],
  })
  return { api, source, store: memoryStore(), ports: fakePorts({ fetch: api.fetch }) }
}

async function commentsIn(store: Store, source: ReturnType<typeof blog>['source']): Promise<unknown[]> {
  const data = await openDataset(source, store)
  const found: unknown[] = []
  for await (const batch of data.table('comments').scan()) found.push(...batch)
  await data.close()
  return found
}

const commentsAt = (api: TokenApi) => byId([1, 2, 3, 4].flatMap((id) => api.rows(`/posts/${id}/comments`)))

describe('children', () => {
  test('have one token for each parent', async () => {
    const { api, source, store, ports } = blog()
    await sync(source, store, { ports })
    api.put(row(25), '/posts/3/comments')
    api.log()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({ received: 1, added: 1, complete: true })
    expect(api.log().filter((line) => line.includes('comments'))).toEqual(
      [1, 2, 3, 4].map((id) => `/posts/${id}/comments t1 0`),
    )
    expect(await commentsIn(store, source)).toEqual(commentsAt(api))
  })

  test('are read again below the parent whose token is refused; none is deleted', async () => {
    const { api, source, store, ports } = blog()
    await sync(source, store, { ports })
    api.remove(10, '/posts/2/comments')
    api.put(row(12), '/posts/2/comments')
    api.expire('/posts/2/comments')
    api.log()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({
      received: 2,
      added: 1,
      unchanged: 1,
      swept: 0,
      renewed: 'the API refused the sync token (410)',
    })
    expect(api.log().filter((line) => line.includes('comments'))).toEqual([
      '/posts/1/comments t1 0',
      '/posts/2/comments t1 0',
      '/posts/2/comments - 0',
      '/posts/3/comments t1 0',
      '/posts/4/comments t1 0',
    ])
    await sync(source, store, { ports })
    expect(api.log()).toContain('/posts/2/comments t4 0')
    const full = await sync(source, store, { ports, full: true })
    expect(full.resources.comments).toMatchObject({ swept: 1 })
    expect(await commentsIn(store, source)).toEqual(commentsAt(api))
  })

  test('another error of a child is its own', async () => {
    const { api, source, store, ports } = blog()
    await sync(source, store, { ports })
    api.fault = ({ url }) => (url.endsWith('/2/comments') ? json({}, { status: 404 }) : undefined)
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ status: 404, resource: 'comments' })
    const cursors = blog({ comments: { incremental: null } })
    cursors.api.fault = api.fault
    await expect(sync(cursors.source, cursors.store, { ports: cursors.ports })).rejects.toMatchObject({ status: 404 })
  })

  test('are all read again, and swept, when the token of the parents is refused', async () => {
    const { api, source, store, ports } = blog({ posts: { incremental } })
    await sync(source, store, { ports })
    api.remove(4, '/posts')
    api.remove(10, '/posts/2/comments')
    for (const id of [1, 2, 3]) api.put(row(id, 'changed'), '/posts')
    api.put(row(5), '/posts')
    api.fault = ({ url, query }) => {
      if (url.endsWith('/5/comments')) return json({ data: [row(50)], next_token: 't1' })
      if (url.endsWith('/posts') && query.token === 't1' && query.page === '3') api.expire('/posts')
      return undefined
    }
    api.log()
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.posts).toMatchObject({ swept: 1, added: 1, complete: true })
    // Below post 4, and the one that is gone below post 2.
    expect(report.resources.comments).toMatchObject({ swept: 3, added: 1, complete: true })
    expect(api.log()).toEqual([
      '/posts t1 0',
      ...[1, 2, 3].map((id) => `/posts/${id}/comments t1 0`),
      '/posts t1 3',
      '/posts - 0',
      ...[1, 2, 3].map((id) => `/posts/${id}/comments - 0`),
      '/posts - 3',
      '/posts/5/comments - 0',
    ])
  })

  test('that are appended are not read from the beginning then', async () => {
    const { api, store, ports } = blog()
    const appended = defineSource({
      name: 'blog',
      client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
      resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator, incremental } },
      resources: [
        { name: 'posts', endpoint: '/posts' },
        { name: 'comments', writeDisposition: 'append', endpoint: '/posts/{resources.posts.id}/comments' },
      ],
    })
    await sync(appended, store, { ports })
    api.expire('/posts')
    api.put(row(25), '/posts/3/comments')
    const report = await sync(appended, store, { ports })
    expectBalance(report)
    expect(report.resources.posts).toMatchObject({ renewed: expect.any(String) })
    expect(report.resources.comments).toMatchObject({ received: 1, added: 1 })
    api.expire('/posts/3/comments')
    api.put(row(3, 'again'), '/posts')
    await expect(sync(appended, store, { ports })).rejects.toMatchObject({ code: 'full_refresh_needed' })
  })
})

describe('a commit that fails', () => {
  const scenarios = {
    'a refused token of a resource': () => {
      const { api, source, store, ports } = world(7)
      const change = () => {
        api.remove(1)
        for (const id of [2, 3, 4, 5]) api.put(row(id, 'changed'))
        api.fault = ({ query }) => {
          if (query.token === 't1' && query.page === '3') api.expire()
          return undefined
        }
      }
      const check = async () => expect(await itemsIn(store, source)).toEqual(byId(api.rows()))
      return { store, ports, change, check, run: (through: Store) => sync(source, through, { ports }) }
    },
    'refused tokens of parents and children': () => {
      const { api, source, store, ports } = blog({ posts: { incremental } })
      const change = () => {
        api.remove(4, '/posts')
        api.put(row(1, 'changed'), '/posts')
        api.put(row(12), '/posts/2/comments')
        api.expire('/posts')
        api.expire('/posts/2/comments')
      }
      const check = async () =>
        expect(await commentsIn(store, source)).toEqual(commentsAt(api).filter(({ id }) => Number(id) < 30))
      return { store, ports, change, check, run: (through: Store) => sync(source, through, { ports }) }
    },
    'a refused token of one parent': () => {
      const { api, source, store, ports } = blog()
      const change = () => {
        api.put(row(12), '/posts/2/comments')
        api.expire('/posts/2/comments')
      }
      const check = async () => expect(await commentsIn(store, source)).toEqual(commentsAt(api))
      return { store, ports, change, check, run: (through: Store) => sync(source, through, { ports }) }
    },
  }

  test.each(Object.entries(scenarios))('at any point of %s loses nothing', async (_, scenario) => {
    let commits = 0
    for (const when of ['before', 'after'] as const) {
      for (let at = 0, runs = 2; runs > 1; at++) {
        const { store, change, check, run } = scenario()
        await run(store)
        change()
        const through = failing(store, at, when)
        runs = await untilDone(() => run(through))
        expect(runs).toBeLessThanOrEqual(2)
        await check()
        commits = Math.max(commits, at)
      }
    }
    expect(commits).toBeGreaterThan(5)
  })
})
