// What somebody found who tried to make a sync lose a row or count wrongly.
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import type { SourceConfig } from '../../src/config/source-config.ts'
import { createClient, defineSource, isSynclineError, openDataset, type Source, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { CANARY, leaks } from '../support/canaries.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json, text } from '../support/server.ts'

type Resources = SourceConfig['resources']

function source(resources: Resources, client: JsonObject = {}): Source {
  const config = {
    name: 'test',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 }, ...client },
    resourceDefaults: {
      primaryKey: 'id',
      endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit: 10 } },
    },
    resources,
  }
  return defineSource(config as SourceConfig)
}

const incremental = { cursorPath: 'updated_at', startParam: 'since' }

async function idsOf(from: Source, store: ReturnType<typeof memoryStore>, table: string, dataset = 'test') {
  const data = await openDataset(from, store, { dataset })
  const ids: unknown[] = []
  for await (const rows of data.table(table).scan()) for (const row of rows) ids.push(row.id)
  await data.close()
  return ids
}

const codeOf = (error: unknown) => (isSynclineError(error) ? error.code : error)

describe('the config changes between two runs', () => {
  test('a child that is new gets the rows of all parents, not only of those that the cursor brings', async () => {
    const api = fakeApi({ '/items': manyRows(5) })
    for (let id = 1; id <= 5; id++) api.tables[`/items/${id}/notes`] = [{ id: 100 + id }]
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const items = { name: 'items', endpoint: { path: '/items', incremental } }
    const notes = { name: 'notes', endpoint: '/items/{resources.items.id}/notes' }
    await sync(source([items]), store, { ports })
    await sync(source([items, notes]), store, { ports })
    expect(await idsOf(source([items, notes]), store, 'notes')).toEqual([101, 102, 103, 104, 105])
  })

  test('another cursorPath does not take over the cursor of the one before', async () => {
    const rows = manyRows(5).map((row, index) => ({ ...row, created_at: `2020-01-0${index + 1}T00:00:00.000Z` }))
    const api = fakeApi({ '/items': rows })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const by = (cursorPath: string) =>
      source([{ name: 'items', endpoint: { path: '/items', incremental: { cursorPath } } }])
    await sync(by('updated_at'), store, { ports })
    api.tables['/items']?.push({
      id: 6,
      updated_at: '2024-01-01T00:00:00.000Z',
      created_at: '2020-01-06T00:00:00.000Z',
    })
    await sync(by('created_at'), store, { ports })
    expect(await idsOf(by('created_at'), store, 'items')).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('an interrupted pass of an append resource starts anew, and each row is there once', async () => {
    const api = fakeApi({ '/items': manyRows(20) })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const paged = (limit: number) =>
      source([
        {
          name: 'items',
          writeDisposition: 'append',
          endpoint: { path: '/items', paginator: { type: 'offset', limit } },
        },
      ])
    await step(paged(10), store, { ports, budget: { requests: 1 } })
    const report = await sync(paged(5), store, { ports })
    expectBalance(report)
    expect(await idsOf(paged(5), store, 'items')).toEqual(manyRows(20).map(({ id }) => id))
  })

  test('two sources of one name are not one sync', async () => {
    const api = fakeApi({ '/a': [{ id: 1 }], '/b': [{ id: 2 }] })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const [a, b] = [source(['a']), source(['b'])]
    const [, second] = await Promise.all([sync(a, store, { ports }), sync(b, store, { ports })])
    expect(second.resources.b).toMatchObject({ added: 1 })
  })

  test('primaryKey: asks for a full refresh, which leaves no row under the old keys', async () => {
    const rows = [1, 2, 3].map((id) => ({ id, code: `c${id}` }))
    const api = fakeApi({ '/items': rows })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const by = (primaryKey: string) => source([{ name: 'items', primaryKey, endpoint: '/items' }])
    await sync(by('id'), store, { ports })
    expect(await sync(by('code'), store, { ports }).catch(codeOf)).toBe('full_refresh_needed')
    const asked = await sync(by('code'), store, { ports, full: true })
    const report =
      asked.confirm === undefined ? asked : await sync(by('code'), store, { ports, full: true, confirm: asked.confirm })
    expectBalance(report)
    expect(await idsOf(by('code'), store, 'items')).toEqual([1, 2, 3])
    expect(await sync(by('code'), store, { ports }).then((after) => after.resources.items)).toMatchObject({
      unchanged: 3,
    })
  })

  test.each([
    ['merge', 'replace'],
    ['replace', 'merge'],
    ['append', 'replace'],
    ['merge', 'append'],
    ['append', 'merge'],
    ['replace', 'append'],
  ] as const)(
    'writeDisposition %s, then %s: nothing lost, nothing twice, or a clear refusal',
    async (before, after) => {
      const api = fakeApi({ '/items': manyRows(15) })
      const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
      const crm = source([{ name: 'items', endpoint: { path: '/items', incremental } }])
      await sync(crm, store, { ports, writeDisposition: before })
      api.tables['/items']?.push(...manyRows(3, 16))
      const first = await sync(crm, store, { ports, writeDisposition: after }).catch(codeOf)
      if (first === 'full_refresh_needed') await sync(crm, store, { ports, writeDisposition: after, full: true })
      const ids = (await idsOf(crm, store, 'items')) as number[]
      expect(ids.sort((a, b) => a - b)).toEqual(manyRows(18).map(({ id }) => id))
      api.tables['/items']?.push(...manyRows(2, 19))
      expectBalance(await sync(crm, store, { ports, writeDisposition: after }))
      expect(((await idsOf(crm, store, 'items')) as number[]).sort((a, b) => a - b)).toEqual(
        manyRows(20).map(({ id }) => id),
      )
    },
  )
})

describe('appending', () => {
  test.each([60, 100, 101, 250])('%i rows with one cursor, in steps', async (count) => {
    const rows = manyRows(count).map((row) => ({ ...row, updated_at: '2024-01-01T00:00:00.000Z' }))
    const api = fakeApi({ '/items': rows })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([
      {
        name: 'items',
        writeDisposition: 'append',
        endpoint: { path: '/items', incremental, paginator: { type: 'offset', limit: 20 } },
      },
    ])
    const options = { ports, budget: { requests: 3 } }
    for (let calls = 0; calls < 40; calls++) if ((await step(crm, store, options)).status === 'done') break
    expect(await idsOf(crm, store, 'items')).toHaveLength(count)
    await sync(crm, store, { ports })
    if (count <= 100) expect(await idsOf(crm, store, 'items')).toHaveLength(count)
  })
})

describe('names and values', () => {
  test.each(['constructor', 'toString', 'a/b', 'ünï', '..'])('a resource named %s', async (name) => {
    const api = fakeApi({ '/items': manyRows(3) })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([{ name, endpoint: '/items' }])
    const report = await sync(crm, store, { ports })
    expect(Object.entries(report.resources).map(([key, { added }]) => [key, added])).toEqual([[name, 3]])
    expect(await idsOf(crm, store, name)).toEqual([1, 2, 3])
    const data = await openDataset(crm, store)
    expect(Object.keys(await data.schema())).toEqual([name])
  })

  test('ids and fields that are names of Object.prototype, lone surrogates, controls', async () => {
    const ids = ['__proto__', 'constructor', '\ud800', '\udfff\ud800', '', '\0', '\u0001', '\u2028', 'a\nb', '💥']
    const body = `{"data":[${ids.map((id) => `{"id":${JSON.stringify(id)},"__proto__":{"x":1},"constructor":2}`).join()}],"total":${ids.length}}`
    const server = fakeServer(() => text(body, { headers: { 'content-type': 'application/json' } }))
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    const crm = source([{ name: 'items', endpoint: { path: '/items', paginator: 'single_page' } }])
    const first = await sync(crm, store, { ports })
    expectBalance(first)
    expect(first.resources.items).toMatchObject({ added: ids.length, duplicates: 0 })
    expect((await sync(crm, store, { ports })).resources.items).toMatchObject({ unchanged: ids.length })
    const data = await openDataset(crm, store)
    for (const id of ids) {
      const row = await data.table('items').get(id)
      expect(JSON.stringify(row)).toBe(`{"id":${JSON.stringify(id)},"__proto__":{"x":1},"constructor":2}`)
    }
    expect(Object.keys((await data.schema()).items?.columns ?? {}).sort()).toEqual(['__proto__', 'constructor', 'id'])
  })
})

describe('pages', () => {
  test('an empty page before the rows of a cursor API', async () => {
    const server = fakeServer(({ query }) =>
      query.cursor === undefined ? json({ data: [], next: 'a' }) : json({ data: [{ id: 1 }], next: null }),
    )
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    const paginator = { type: 'cursor', cursorPath: 'next', cursorParam: 'cursor' } as const
    const crm = source([{ name: 'items', endpoint: { path: '/items', paginator } }])
    expect((await sync(crm, store, { ports })).resources.items).toMatchObject({ added: 1, complete: true })
  })

  test('rows that came on two pages of a full refresh: nothing is known to be gone', async () => {
    // A row is inserted at the front and one is deleted behind while the first page is read: total and count agree.
    const rows = manyRows(30)
    const api = fakeApi({ '/items': [...rows] })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([{ name: 'items', endpoint: '/items' }])
    await sync(crm, store, { ports })
    let moved = false
    api.fault = ({ query }) => {
      if (query.offset === '10' && !moved) {
        moved = true
        api.tables['/items']?.unshift({ id: 1000 })
        api.tables['/items']?.pop()
      }
      return undefined
    }
    const report = await sync(crm, store, { ports, full: true })
    expectBalance(report)
    // 30 was there when the pass began and is gone; 1000 was not seen. Neither is lost from the copy.
    expect(await idsOf(crm, store, 'items')).toEqual(rows.map(({ id }) => id))
    expect(report.resources.items).toMatchObject({ swept: 0 })
  })

  test.each([
    ['204', () => text('', { status: 204 }), 0],
    ['an empty list at the top', () => json([]), 0],
    ['a list at the top', () => json([{ id: 1 }]), 1],
  ])('%s', async (_, reply, added) => {
    const server = fakeServer(reply)
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    const crm = source([{ name: 'items', endpoint: { path: '/items', dataSelector: null, paginator: 'single_page' } }])
    expect((await sync(crm, store, { ports })).resources.items).toMatchObject({ added, complete: true })
  })
})

describe('interruptions', () => {
  test('a full refresh that is interrupted, then an incremental sync: swept once, nothing lost', async () => {
    const api = fakeApi({ '/items': manyRows(40) })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([{ name: 'items', endpoint: { path: '/items', incremental } }])
    await sync(crm, store, { ports })
    api.tables['/items']?.splice(3, 1)
    expect((await step(crm, store, { ports, full: true, budget: { requests: 2 } })).status).toBe('more')
    api.tables['/items']?.push(...manyRows(2, 41))
    const reports = [await sync(crm, store, { ports }), await sync(crm, store, { ports })]
    for (const report of reports) expectBalance(report)
    const expected = api.tables['/items']?.map(({ id }) => id)
    expect(await idsOf(crm, store, 'items')).toEqual(
      [...(expected ?? []), ...[4]].sort((a, b) => Number(a) - Number(b)),
    )
    expect((await sync(crm, store, { ports, full: true })).resources.items).toMatchObject({ swept: 1 })
    expect(await idsOf(crm, store, 'items')).toEqual(expected)
  })

  test('a replace that is interrupted, and goes on when rows have changed', async () => {
    const api = fakeApi({ '/items': manyRows(30) })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([{ name: 'items', writeDisposition: 'replace', endpoint: '/items' }])
    await sync(crm, store, { ports })
    api.tables['/items'] = manyRows(30).map((row) => ({ ...row, name: 'new' }))
    await step(crm, store, { ports, budget: { requests: 2 } })
    const data = await openDataset(crm, store)
    expect(await data.table('items').get(1)).toMatchObject({ name: 'row 1' })
    expectBalance(await sync(crm, store, { ports }))
    expect(await data.table('items').count()).toBe(30)
    expect(await data.table('items').get(1)).toMatchObject({ name: 'new' })
  })

  test('two that sync one dataset in turns, a page each', async () => {
    const api = fakeApi({ '/items': manyRows(100) })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([{ name: 'items', endpoint: { path: '/items', incremental } }])
    const worker = async () => {
      for (;;) if ((await step(crm, store, { ports, budget: { requests: 1 } })).status === 'done') return
    }
    await Promise.all([worker(), worker(), worker()])
    expect(await idsOf(crm, store, 'items')).toHaveLength(100)
  })
})

describe('resources come and go', () => {
  test('one that is removed and comes back, with its child', async () => {
    const api = fakeApi({ '/items': manyRows(3), '/others': manyRows(2) })
    for (let id = 1; id <= 5; id++) api.tables[`/items/${id}/notes`] = [{ id: 100 + id }]
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const items = { name: 'items', endpoint: { path: '/items', incremental } }
    const notes = { name: 'notes', endpoint: '/items/{resources.items.id}/notes' }
    const renamed = { ...notes, name: 'remarks' }
    await sync(source([items, notes, 'others']), store, { ports })
    await sync(source(['others']), store, { ports })
    api.tables['/items']?.push(...manyRows(1, 4))
    await sync(source([items, 'others']), store, { ports })
    api.tables['/items']?.push(...manyRows(1, 5))
    const all = source([items, notes, 'others'])
    expectBalance(await sync(all, store, { ports }))
    expect(await idsOf(all, store, 'notes')).toEqual([101, 102, 103, 104, 105])
    expect(await idsOf(all, store, 'items')).toEqual([1, 2, 3, 4, 5])
    await sync(source([items, renamed]), store, { ports })
    expect(await idsOf(source([items, renamed]), store, 'remarks')).toEqual([101, 102, 103, 104, 105])
  })

  test('a child that is new in the midst of a pass', async () => {
    const api = fakeApi({ '/items': manyRows(30) })
    for (let id = 1; id <= 30; id++) api.tables[`/items/${id}/notes`] = [{ id: 100 + id }]
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const items = { name: 'items', endpoint: '/items' }
    const notes = { name: 'notes', endpoint: '/items/{resources.items.id}/notes' }
    await step(source([items]), store, { ports, budget: { requests: 2 } })
    await sync(source([items, notes]), store, { ports })
    expect(await idsOf(source([items, notes]), store, 'notes')).toHaveLength(30)
  })

  test('a child that was skipped, and one that was not asked for', async () => {
    const api = fakeApi({ '/items': manyRows(3) })
    for (let id = 1; id <= 3; id++) api.tables[`/items/${id}/notes`] = [{ id: 100 + id }]
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const items = { name: 'items', endpoint: { path: '/items', incremental } }
    const notes = { name: 'notes', endpoint: '/items/{resources.items.id}/notes' }
    await sync(source([items, { ...notes, writeDisposition: 'skip' }]), store, { ports })
    await sync(source([items, notes]), store, { ports, resources: ['items'] })
    await sync(source([items, notes]), store, { ports })
    expect(await idsOf(source([items, notes]), store, 'notes')).toEqual([101, 102, 103])
  })
})

describe('size', () => {
  test('a page of 10,000 rows and records of 2 MB', async () => {
    const text2mb = 'x'.repeat(2_000_000)
    const api = fakeApi({ '/many': manyRows(10_000), '/large': [1, 2, 3].map((id) => ({ id, text: text2mb })) })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([
      { name: 'many', endpoint: { path: '/many', paginator: { type: 'offset', limit: 10_000 } } },
      { name: 'large', endpoint: { path: '/large', paginator: { type: 'offset', limit: 1 } } },
    ])
    const report = await sync(crm, store, { ports })
    expect(report.resources).toMatchObject({ many: { added: 10_000 }, large: { added: 3 } })
    const again = await sync(crm, store, { ports })
    expect(again.resources).toMatchObject({ many: { unchanged: 10_000 }, large: { unchanged: 3 } })
  })
})

describe('quarantine', () => {
  test('a parent in quarantine: its children stay in a full refresh', async () => {
    const api = fakeApi({ '/items': manyRows(30) })
    for (let id = 1; id <= 30; id++) api.tables[`/items/${id}/notes`] = [{ id: 100 + id }]
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    const crm = source([
      { name: 'items', endpoint: '/items' },
      { name: 'notes', endpoint: '/items/{resources.items.id}/notes' },
    ])
    await sync(crm, store, { ports })
    api.tables['/items']?.splice(4, 1, { id: '5' })
    const report = await sync(crm, store, { ports, full: true })
    expectBalance(report)
    expect(report.resources.items).toMatchObject({ quarantined: 1, swept: 0 })
    expect(await idsOf(crm, store, 'notes')).toHaveLength(30)
  })
})

describe('a report after a failure', () => {
  test('says of a child that nobody asked for that it is pending', async () => {
    const server = fakeServer(() => text('', { status: 401 }))
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    const crm = source([
      { name: 'items', endpoint: '/items' },
      { name: 'notes', endpoint: '/items/{resources.items.id}/notes' },
    ])
    const { report } = await step(crm, store, { ports })
    expect(report.resources).toMatchObject({ items: { status: 'failed' }, notes: { status: 'pending' } })
  })
})

describe('secrets', () => {
  test.each([
    ['in the query, as the API repeats it', (key: string) => `https://api.example.com/items?api_key=${key}&page=2`],
    ['under an encoded name', (key: string) => `https://api.example.com/items?api%5Fkey=${key}&page=2`],
    ['under another name', (key: string) => `https://api.example.com/items?page=2&access_token=${key}`],
    ['as the password of a link', (key: string) => `https://user:${key}@api.example.com/items?page=2`],
  ])('a key %s: not in the store, an error or an event', async (_, link) => {
    const server = fakeServer(({ query }) =>
      query.page === '2'
        ? text(`no: ${CANARY}`, { status: 500 })
        : json({ data: [{ id: 1 }], next: link(encodeURIComponent(CANARY)) }),
    )
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    const auth = { type: 'api_key', name: 'api_key', apiKey: CANARY, location: 'query' }
    const endpoint = { path: '/items', paginator: { type: 'json_link', nextUrlPath: 'next' } as const }
    const crm = source([{ name: 'items', endpoint }], { auth })
    const events: unknown[] = []
    const result = await step(crm, store, { ports, onEvent: (event) => events.push(event) })
    const dataset = await store.open('test')
    expect(result.status).toBe('failed')
    expect(leaks(CANARY, result, events, (await dataset.position('items')).value)).toEqual([])
  })

  test('a token in a header that the API repeats in its links', async () => {
    const server = fakeServer(({ query }) =>
      query.page === '2'
        ? text('', { status: 500 })
        : json({ data: [{ id: 1 }], next: 'https://api.example.com/items?access_token=t0ken-7f3e9d&page=2' }),
    )
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    const endpoint = { path: '/items', paginator: { type: 'json_link', nextUrlPath: 'next' } as const }
    const crm = source([{ name: 'items', endpoint }], { auth: { type: 'bearer', token: 't0ken-7f3e9d' } })
    const result = await step(crm, store, { ports })
    const dataset = await store.open('test')
    expect(leaks('t0ken-7f3e9d', result, (await dataset.position('items')).value)).toEqual([])
    expect(server.requests.at(-1)?.query).toEqual({ page: '2' })
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer t0ken-7f3e9d')
  })

  // The last page of each is never asked for: where to find it could not be stored.
  const nested = {
    'a link within the link': (key: string) => `https://api.example.com/?api_key=${encodeURIComponent(key)}`,
    'a link within a link within the link': (key: string) =>
      `/x?back=${encodeURIComponent(`/y?k=${encodeURIComponent(key)}`)}`,
    'JSON in base64': (key: string) => Buffer.from(JSON.stringify({ page: 2, key })).toString('base64'),
    'a query in base64url': (key: string) => Buffer.from(`page=2&k=${encodeURIComponent(key)}`).toString('base64url'),
    JSON: (key: string) => JSON.stringify({ page: 2, key }),
    'the key and more': (key: string) => `page-2-${key}`,
  }
  const schemes: Record<string, Record<string, string>> = {
    'a key in the query': { type: 'api_key', name: 'k', apiKey: CANARY, location: 'query' },
    'a key in a header': { type: 'api_key', name: 'appid', apiKey: 'cAn4ry/+=&"7f3e9d' },
    'a key in a cookie': { type: 'api_key', name: 'sid', apiKey: 'cAn4ry/+=7f3e9d', location: 'cookie' },
    'a bearer token': { type: 'bearer', token: 'cAn4ry/+=&"7f3e9d' },
    'a password': { type: 'http_basic', username: 'me', password: CANARY },
    'a key as user': { type: 'http_basic', username: CANARY, password: '' },
  }
  const cases = Object.entries(nested).flatMap(([place, wrap]) =>
    Object.entries(schemes).map(([name, auth]) => ({ place, wrap, name, auth })),
  )

  test.each(cases)('$name within $place: the next page is refused, by link and by cursor', async ({ wrap, auth }) => {
    const secret = auth.apiKey ?? auth.token ?? (auth.password || auth.username || '')
    const state = wrap(secret)
    const paginators = [
      { type: 'json_link', nextUrlPath: 'link' },
      { type: 'cursor', cursorPath: 'cursor' },
    ] as const
    for (const paginator of paginators) {
      const link = `https://api.example.com/items?${new URLSearchParams({ page: '2', state })}`
      const server = fakeServer(() => json({ data: [{ id: 1 }], link, cursor: state }))
      const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
      const crm = source([{ name: 'items', endpoint: { path: '/items', paginator } }], { auth })
      const events: unknown[] = []
      const result = await step(crm, store, { ports, onEvent: (event) => events.push(event) })
      expect(result.error).toMatchObject({ code: 'invalid_url' })
      expect(server.requests).toHaveLength(1)
      const position = (await (await store.open('test')).position('items')).value
      expect(leaks(secret, result, events, position)).toEqual([])
    }
  })

  test('the link of an old token, and of a redirect, is cleaned too; what only resembles a secret stays', async () => {
    let token = 'token-one-1111'
    const pages: Record<string, () => Response> = {
      '/items': () => new Response(null, { status: 302, headers: { location: '/moved' } }),
      '/moved': () => json({ data: [{ id: 1 }], next: `/two?t=${token}&name=token-one&page=2` }),
      '/two': () => json({ data: [{ id: 2 }], next: '/three?t=token-one-1111&page=3' }),
      '/three': () => json({ data: [{ id: 3 }] }),
    }
    const server = fakeServer(({ url }) => pages[new URL(url).pathname]?.() ?? text('', { status: 404 }))
    const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
    const auth = async (request: { headers: Headers }) => {
      request.headers.set('x-tenant', 'acme-corporation')
      request.headers.set('x-token', token)
      if (server.requests.length > 1) token = 'token-two-2222'
      return request
    }
    const endpoint = { path: '/items', paginator: { type: 'json_link', nextUrlPath: 'next' } as const }
    await sync(source([{ name: 'items', endpoint }], { auth } as never), store, { ports })
    expect(server.requests.map(({ query }) => query)).toEqual([{}, {}, { name: 'token-one', page: '2' }, { page: '3' }])
  })

  test('a redirect carries no secret to an origin that may have none, and a page there no body', async () => {
    const server = fakeServer(({ url }) =>
      new URL(url).pathname === '/items'
        ? new Response(null, { status: 302, headers: { location: 'https://cdn.example.net/a?t=t0ken-7f3e9d&page=1' } })
        : new URL(url).pathname === '/nested'
          ? new Response(null, {
              status: 302,
              headers: { location: 'https://cdn.example.net/a?r=%2Fx%3Ft%3Dt0ken-7f3e9d' },
            })
          : json({ data: [{ id: 1 }], next: 'https://cdn.example.net/b' }),
    )
    const client = createClient(
      {
        baseUrl: 'https://api.example.com',
        auth: { token: 't0ken-7f3e9d' },
        allowedOrigins: ['https://cdn.example.net'],
      },
      { ports: fakePorts({ fetch: server.fetch }) },
    )
    await client.request('/items')
    expect(await client.request('/nested').catch(codeOf)).toBe('foreign_origin')
    const pages = client.paginate({ path: '/list', method: 'POST', json: { q: 1 }, paginator: 'json_link' })
    expect(await pages.next()).toMatchObject({ value: { page: 1 } })
    expect(await pages.next().catch(codeOf)).toBe('foreign_origin')
    const abroad = server.requests.filter(({ url }) => url.includes('cdn'))
    expect(abroad.map(({ url, query, body }) => [url, query, body])).toEqual([
      ['https://cdn.example.net/a', { page: '1' }, undefined],
    ])
  })

  test('an empty key is not sent', async () => {
    const server = fakeServer(() => json({ data: [] }))
    const auth = { type: 'api_key', name: 'api_key', apiKey: '', location: 'query' }
    const crm = source(['items'], { auth })
    const { error } = await step(crm, memoryStore(), { ports: fakePorts({ fetch: server.fetch }) })
    expect(error).toMatchObject({ code: 'secret_invalid' })
    expect(server.requests).toEqual([])
  })
})
