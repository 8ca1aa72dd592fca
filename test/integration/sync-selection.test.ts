import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, extract, type JsonValue, openDataset, step, sync } from '../../src/index.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { json } from '../support/server.ts'

const auto = itemsSource({}, { dataSelector: undefined, paginator: 'single_page', incremental: undefined })

/** Runs of a resource without a selector, each of which gets one body. */
async function runs(...bodies: JsonValue[]) {
  const { api, store, ports } = itemsWorld([])
  api.fault = (_, index) => json(bodies[index])
  const outcomes: (string | undefined)[] = []
  for (const _ of bodies) {
    const { status, error } = await step(auto, store, { ports })
    outcomes.push(error?.code ?? status)
  }
  return { outcomes, ids: (await itemsIn(store)).map(({ id }) => id) }
}

describe('where automatic selection has found records is where later runs look', () => {
  const [rows, others] = [manyRows(2), manyRows(2, 50)]
  test.each<[string, JsonValue[], string[], number[]]>([
    [
      'a list with a usual name that is empty now, beside one that is not',
      [{ items: rows }, { items: [], users: others }],
      ['done', 'done'],
      [1, 2],
    ],
    [
      'a body without a list, such as an error',
      [{ orders: rows }, { error: 'down' }],
      ['done', 'selector_empty'],
      [1, 2],
    ],
    ['any other list that is empty', [{ orders: rows }, { orders: [], users: [] }], ['done', 'done'], [1, 2]],
    [
      'a list with another name, where the first one has none that is usual',
      [{ orders: rows }, { orders: [], users: others }],
      ['done', 'selector_ambiguous'],
      [1, 2],
    ],
    [
      'the right list, after the wrong one was chosen as it alone had records',
      [
        { orders: [], users: others },
        { orders: rows, users: others },
      ],
      ['done', 'selector_ambiguous'],
      [50, 51],
    ],
    [
      'both lists, in the same order',
      [
        { orders: rows, users: others },
        { orders: rows, users: others },
      ],
      ['done', 'done'],
      [1, 2],
    ],
    [
      'a usual name under which nothing was ever found',
      [
        { items: [], orders: [] },
        { items: [], orders: rows },
      ],
      ['done', 'done'],
      [1, 2],
    ],
    ['nothing in the first run', [{ orders: [] }, { orders: rows }], ['done', 'done'], [1, 2]],
  ])('%s', async (_, bodies, outcomes, ids) => {
    expect(await runs(...bodies)).toEqual({ outcomes, ids })
  })

  test('a full refresh that finds another list deletes nothing', async () => {
    const { api, store, ports } = itemsWorld([])
    api.fault = (_, index) => json(index === 0 ? { orders: rows } : { orders: [], users: others })
    await sync(auto, store, { ports })
    await expect(sync(auto, store, { ports, full: true })).rejects.toMatchObject({
      code: 'selector_ambiguous',
      resource: 'items',
      pathTemplate: '/items',
    })
    expect((await itemsIn(store)).map(({ id }) => id)).toEqual([1, 2])
  })

  test('with a selector, and the position of before, the selector decides', async () => {
    const { api, store, ports } = itemsWorld([])
    api.fault = (_, index) => json(index === 0 ? { orders: rows } : { orders: [], users: others })
    await sync(auto, store, { ports })
    const selected = itemsSource({}, { dataSelector: 'users', paginator: 'single_page', incremental: undefined })
    await sync(selected, store, { ports })
    expect((await itemsIn(store)).map(({ id }) => id)).toEqual([1, 2, 50, 51])
  })
})

describe('and where the children of other parents are', () => {
  const family = () => {
    const api = fakeApi({})
    const bodies: Record<string, JsonValue> = {
      '/posts': { posts: manyRows(3) },
      '/posts/1/notes': { items: manyRows(1, 10), users: manyRows(1, 90) },
      '/posts/2/notes': { items: [], users: manyRows(1, 90) },
      '/posts/3/notes': { items: manyRows(1, 30), users: [] },
    }
    api.fault = ({ url }) => json(bodies[new URL(url).pathname])
    const source = defineSource({
      name: 'test',
      client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
      resourceDefaults: { primaryKey: 'id', endpoint: { paginator: 'single_page' } },
      resources: [{ name: 'posts' }, { name: 'notes', endpoint: '/posts/{resources.posts.id}/notes' }],
    })
    return { source, bodies, ports: fakePorts({ fetch: api.fetch }) }
  }

  test('with a store, in one step or in many', async () => {
    for (const budget of [{}, { requests: 1 }]) {
      const { source, ports } = family()
      const store = memoryStore()
      for (let status = 'more'; status === 'more'; ) ({ status } = await step(source, store, { ports, budget }))
      const data = await openDataset(source, store)
      expect([await data.table('notes').get(10), await data.table('notes').get(30)]).not.toContain(undefined)
      expect(await data.table('notes').count()).toBe(2)
    }
  })

  test('without one', async () => {
    const { source, bodies, ports } = family()
    const read = async () => {
      const notes: JsonValue[] = []
      for await (const { resource, rows } of extract(source, { ports })) {
        if (resource === 'notes') notes.push(...(rows as { id: number }[]).map(({ id }) => id))
      }
      return notes
    }
    expect(await read()).toEqual([10, 30])
    bodies['/posts/1/notes'] = { notes: manyRows(1, 10) }
    bodies['/posts/2/notes'] = { notes: [], users: manyRows(1, 90) }
    await expect(read()).rejects.toMatchObject({ code: 'selector_ambiguous', resource: 'notes' })
  })
})
