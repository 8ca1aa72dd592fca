// What deletes is loaded when it is needed, which may fail: offline, or a build whose chunks have gone.
import { afterEach, expect, test, vi } from 'vitest'
import { manyRows } from '../support/fake-api.ts'
import { itemsWorld } from '../support/items.ts'

afterEach(() => vi.resetModules())

test.each(['sweep', 'orphans'])(
  '%s cannot be loaded in a full refresh: nothing is lost, and it goes on',
  async (part) => {
    vi.doMock(`../../src/sync/deletes/${part}.ts`, () => Promise.reject(new Error('offline')))
    // The mock is for modules that are loaded from now on.
    vi.resetModules()
    const { defineSource, openDataset, step, sync } = await import('../../src/index.ts')
    const { memoryStore } = await import('../../adapters/memory.ts')
    const { api, ports } = itemsWorld(manyRows(25))
    for (const { id } of manyRows(25))
      api.tables[`/items/${id}/kids`] = [{ id: Number(id) * 10 }, { id: Number(id) * 10 + 1 }]
    const source = defineSource({
      name: 'test',
      client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
      resourceDefaults: {
        primaryKey: 'id',
        endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit: 10 } },
      },
      resources: [
        { name: 'items', endpoint: '/items' },
        { name: 'kids', endpoint: '/items/{resources.items.id}/kids' },
      ],
    })
    const store = memoryStore()
    const counts = async () => {
      const data = await openDataset(source, store)
      return [await data.table('items').count(), await data.table('kids').count()]
    }
    await sync(source, store, { ports })
    api.tables['/items'] = manyRows(20)
    for (let times = 0; times < 2; times++) {
      const failed = await step(source, store, { ports, full: true })
      expect([failed.status, failed.error?.code, failed.error?.retryable]).toEqual(['failed', 'network', true])
      expect(failed.report.resources.items?.complete).toBe(false)
    }
    const [items = 0, kids = 0] = await counts()
    expect(items >= 20 && kids >= 40).toBe(true)
    vi.doUnmock(`../../src/sync/deletes/${part}.ts`)
    api.log()
    expect((await step(source, store, { ports })).status).toBe('done')
    expect([api.log(), await counts()]).toEqual([[], [20, 40]])
  },
)
