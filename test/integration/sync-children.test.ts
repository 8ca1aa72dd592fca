import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, openDataset, step, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json } from '../support/server.ts'

/** 25 posts, each with two comments that are dated. */
function blog({
  path = '/posts/{resources.posts.id}/comments',
  key = 'id' as string | string[],
  posts = {},
  comments = {},
} = {}) {
  const rows = manyRows(25).map((row): JsonObject => ({ ...row, slug: `p${row.id}` }))
  const api = fakeApi({ '/posts': rows })
  for (const { id, slug } of rows) {
    const under = manyRows(2, Number(id) * 100)
    for (const name of [id, slug]) api.tables[`/posts/${name}/comments`] = under
  }
  const source = defineSource({
    name: 'blog',
    ...pagedBy(10),
    resources: [
      { name: 'posts', primaryKey: key, endpoint: { path: '/posts' }, ...posts },
      { name: 'comments', endpoint: { path, ...comments } },
    ],
  })
  return { api, source, store: memoryStore(), ports: fakePorts({ fetch: api.fetch }) }
}

test('a parent that is gone when its children are asked for: the error says how to pass over it', async () => {
  const { api, source, store, ports } = blog()
  delete api.tables['/posts/7/comments']
  const { error } = await step(source, store, { ports })
  expect(error).toMatchObject({ code: 'http_status', status: 404, resource: 'comments' })
  const [, written = ''] = /set responseActions: (\[.*\])\.$/.exec(error?.hint ?? '') ?? []
  const [, status, action] = /^\[\{ statusCode: (\d+), action: '(\w+)' \}\]$/.exec(written) ?? []
  const following = blog({ comments: { responseActions: [{ statusCode: Number(status), action }] } })
  delete following.api.tables['/posts/7/comments']
  const { resources } = await sync(following.source, following.store, { ports: following.ports })
  expect(resources.posts).toMatchObject({ complete: true, added: 25 })
  expect(resources.comments).toMatchObject({ status: 'done', complete: false, received: 48 })
})

describe('children with a cursor', () => {
  const comments = { incremental: { cursorPath: 'updated_at', startParam: 'since' } }

  test.each([
    ['one field', 'id'],
    ['several fields', ['id', 'slug']],
  ])('have one per parent (whose key is %s): only what is new under each is asked for', async (_, key) => {
    const { api, source, store, ports } = blog({ comments, key })
    await sync(source, store, { ports })
    const seen = api.requests.length
    const fresh = { id: 999, updated_at: '2024-06-01T00:00:00.000Z' }
    api.tables['/posts/3/comments']?.push(fresh)
    const report = await sync(source, store, { ports })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({ received: 26, added: 1, unchanged: 25, complete: true })
    const asked = api.requests.slice(seen).filter(({ url }) => url.endsWith('comments'))
    const newest = (id: number) => manyRows(1, id * 100 + 1)[0]?.updated_at
    expect(asked.map(({ query }) => query.since)).toEqual(manyRows(25).map(({ id }) => newest(Number(id))))
  })

  test('are read from the beginning in a full refresh, and those that are gone are swept', async () => {
    const { api, source, store, ports } = blog({ comments })
    await sync(source, store, { ports })
    const seen = api.requests.length
    api.tables['/posts/3/comments']?.splice(0, 1)
    const report = await sync(source, store, { ports, full: true })
    expectBalance(report)
    expect(report.resources.comments).toMatchObject({ received: 49, swept: 1, complete: true })
    expect(api.requests.slice(seen).filter(({ query }) => query.since !== undefined)).toEqual([])
  })
})

test('a parent without the field that its children are found by is an error, and is read again by the next run', async () => {
  const { api, source, store, ports } = blog({ path: '/posts/{resources.posts.slug}/comments' })
  const lacking = manyRows(1, 13)[0] as JsonObject
  api.tables['/posts']?.splice(12, 1, lacking)
  await expect(sync(source, store, { ports })).rejects.toMatchObject({
    code: 'parent_field_missing',
    resource: 'comments',
  })
  const data = await openDataset(source, store)
  // The page that it is on is not taken, the one before is, with all children.
  expect([await data.table('posts').count(), await data.table('comments').count()]).toEqual([10, 20])
  api.tables['/posts']?.splice(12, 1, { ...lacking, slug: 'p13' })
  const report = await sync(source, store, { ports })
  expectBalance(report)
  expect([await data.table('posts').count(), await data.table('comments').count()]).toEqual([25, 50])
})

test('children that come into the config while their parents are being read miss none of them', async () => {
  const { source, store, ports } = blog()
  const alone = defineSource({
    name: 'blog',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
    resources: [
      {
        name: 'posts',
        primaryKey: 'id',
        endpoint: { path: '/posts', dataSelector: 'data', paginator: { type: 'offset', limit: 10 } },
      },
    ],
  })
  await step(alone, store, { ports, budget: { requests: 1 } })
  const restarts: string[] = []
  const report = await sync(source, store, {
    ports,
    onEvent: (event) => event.type === 'restart' && restarts.push(event.why),
  })
  expectBalance(report)
  expect(restarts).toEqual(['comments needs all rows'])
  expect(report.resources.comments).toMatchObject({ added: 50, complete: true })
})

test('a trial of some pages neither replaces the parents nor forgets their children', async () => {
  const { source, store, ports } = blog({ posts: { writeDisposition: 'replace' } })
  await sync(source, store, { ports })
  const report = await sync(source, store, { ports, limit: { pages: 1 } })
  expectBalance(report)
  expect(report.resources.posts).toMatchObject({ pages: 1, received: 10, incomplete: '`limit` was reached' })
  expect(report.resources.comments).toMatchObject({ pages: 1, incomplete: '`limit` was reached' })
  const data = await openDataset(source, store)
  expect([await data.table('posts').count(), await data.table('comments').count()]).toEqual([25, 50])
})

describe.each(['append', 'replace'] as const)('children without a key: %s', (writeDisposition) => {
  const cursor = { type: 'cursor', cursorPath: 'next_cursor', cursorParam: 'cursor' } as const
  test.each([
    ['a cursor that has expired', cursor, () => json({}, { status: 410 })],
    ['a page that comes again', cursor, () => json({ data: [{ n: 1 }, 1], next_cursor: '4' })],
    ['a guess that is not proved', 'auto', () => json({ data: [{ n: 1 }, { n: 3 }], next_cursor: '4' })],
  ] as const)('%s: what was read of the parent is read again, and is there once', async (_, paginator, wrong) => {
    // The second of each is no record.
    const lists = new Map([1, 11].map((n, at) => [at + 1, [{ n }, n, { n: n + 2 }, { n: n + 3 }, { n: n + 4 }]]))
    expect(await readAfterFaults(lists, 1, paginator, wrong)).toEqual([1, 3, 4, 5, 11, 13, 14, 15])
  })

  test('what was read of the parent is less when it is read again: nothing of the first time is left', async () => {
    const lists = new Map([
      [1, [{ n: 1 }, { n: 2 }, { n: 3 }]],
      [2, [{ n: 11 }, { n: 12 }, { n: 13 }]],
    ])
    const wrong = () => {
      lists.set(2, [{ n: 11 }])
      return json({}, { status: 410 })
    }
    expect(await readAfterFaults(lists, 2, cursor, wrong)).toEqual([1, 2, 3, 11])
  })

  /** Page 2 of what one parent has is wrong two times. */
  async function readAfterFaults(lists: Map<number, unknown[]>, of: number, paginator: object | string, wrong: Reply) {
    let faults = 2
    const server = fakeServer(({ url, query }) => {
      const parent = Number(url.split('/')[4])
      if (Number.isNaN(parent)) return json({ data: [{ id: 1 }, { id: 2 }], total: 2 })
      const rows = lists.get(parent) ?? []
      const from = Number(query.cursor ?? 0)
      if (parent === of && from === 2 && faults-- > 0) return wrong()
      return json({ data: rows.slice(from, from + 2), next_cursor: from + 2 < rows.length ? String(from + 2) : null })
    })
    const endpoint = { path: '/posts/{resources.posts.id}/comments', paginator }
    const resources = [
      { name: 'posts', endpoint: '/posts' },
      { name: 'comments', primaryKey: null, endpoint },
    ]
    const source = defineSource({ name: 'blog', ...pagedBy(10), resources } as never)
    const store = memoryStore()
    const options = { ports: fakePorts({ fetch: server.fetch }), writeDisposition, budget: { requests: 1 } }
    for (let status = 'more'; status === 'more' || status === 'failed'; ) {
      const result = await step(source, store, options)
      expectBalance(result.report)
      status = result.status
    }
    const data = await openDataset(source, store)
    const rows: unknown[] = []
    for await (const batch of data.table('comments' as never).scan()) rows.push(...batch.map(({ n }: JsonObject) => n))
    return rows
  }
})

type Reply = () => Response
