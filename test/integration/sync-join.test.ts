import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, type SyncOptions, sync } from '../../src/index.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { json } from '../support/server.ts'

const sourceOf = () => defineSource({ name: 'two', ...pagedBy(10), resources: ['a', 'b'] })
type Options = SyncOptions<'a' | 'b'>

function world() {
  const api = fakeApi({ '/a': manyRows(15), '/b': manyRows(5) })
  return { api, source: sourceOf(), store: memoryStore(), ports: fakePorts({ fetch: api.fetch }) }
}

/** Requests of one run over both resources. */
const ONE_RUN = 3

describe('a second sync while the first is under way', () => {
  test.each<[string, Options, Options]>([
    ['nothing is asked for', {}, {}],
    ['the default is written out', {}, { full: false }],
    ['what is not asked for is left open', { full: true }, { full: true, resources: undefined } as never],
    ['the same resources, in another order', { resources: ['a', 'b'] }, { resources: ['b', 'a'] }],
    ['another number side by side', {}, { concurrency: 1 }],
  ])('joins it: %s', async (_, first, second) => {
    const { api, source, store, ports } = world()
    let told = 0
    const one = sync(source, store, { ports, ...first })
    const two = sync(source, store, { ports, ...second, onEvent: () => told++, signal: AbortSignal.abort() })
    expect(two).toBe(one)
    expect((await two).resources).toMatchObject({ a: { added: 15 }, b: { added: 5 } })
    expect([api.requests.length, told]).toEqual([ONE_RUN, 0])
    // What comes after the end is a run of its own.
    expect((await sync(source, store, { ports })).run).toBe(2)
  })

  test.each<[string, Options]>([
    ['full', { full: true }],
    ['resources', { resources: ['a'] }],
    ['limit', { limit: { records: 2 } }],
    ['writeDisposition', { writeDisposition: 'replace' }],
    ['schemaContract', { schemaContract: 'freeze' }],
    ['confirm', { confirm: 'token' }],
  ])('waits for it, and then runs, if it asks for something else: %s', async (_, second) => {
    const { api, source, store, ports } = world()
    const order: string[] = []
    const one = sync(source, store, { ports, onEvent: ({ type }) => order.push(`first ${type}`) })
    const two = sync(source, store, { ports, ...second, onEvent: ({ type }) => order.push(`second ${type}`) })
    expect((await two).run).toBeGreaterThan((await one).run)
    expect(order.findIndex((each) => each.startsWith('second'))).toBe(order.indexOf('first end') + 1)
    expect(api.requests.length).toBeGreaterThan(ONE_RUN)
  })

  test('of another dataset, store or source has nothing to do with it', async () => {
    const { api, source, store, ports } = world()
    const first = sync(source, store, { ports })
    const others = [
      sync(source, store, { ports, dataset: 'other' }),
      sync(source, memoryStore(), { ports }),
      sync(sourceOf(), store, { ports }),
    ]
    for (const other of others) expect(other).not.toBe(first)
    const [dataset, place, config] = await Promise.all(others)
    expect([dataset?.resources.a.added, place?.resources.a.added]).toEqual([15, 15])
    // One dataset is worked on by one at a time.
    expect(config?.resources.a).toMatchObject({ added: 0, unchanged: 15 })
    expect(api.requests).toHaveLength(4 * ONE_RUN)
  })

  test('shares its failure, and the next one runs', async () => {
    const { api, source, store, ports } = world()
    api.fault = ({ url }) => (url.endsWith('/b') ? json({}, { status: 400 }) : undefined)
    const one = sync(source, store, { ports })
    const two = sync(source, store, { ports })
    await expect(one).rejects.toMatchObject({ status: 400, resource: 'b' })
    await expect(two).rejects.toMatchObject({ status: 400, resource: 'b' })
    api.fault = () => undefined
    expect((await sync(source, store, { ports })).resources.b).toMatchObject({ added: 5, complete: true })
  })
})
