import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, openDataset } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Dataset, Store } from '../../src/store/index.ts'
import { fakeApi } from './fake-api.ts'
import { fakePorts } from './ports.ts'

/** Of a source with several resources: the API of `fakeApi`, so many rows a page, merged by id, no retries. */
export function pagedBy(limit: number) {
  return {
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
    resourceDefaults: {
      primaryKey: 'id',
      endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit } },
    },
  } as const
}

/** One resource `items`, paged by 10, merged by id, incremental on `updated_at`. */
export function itemsSource(resource: object = {}, endpoint: object = {}, client: object = {}) {
  return defineSource({
    name: 'test',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 }, ...client },
    resources: [
      {
        name: 'items',
        primaryKey: 'id',
        endpoint: {
          path: '/items',
          dataSelector: 'data',
          paginator: { type: 'offset', limit: 10 },
          incremental: { cursorPath: 'updated_at', startParam: 'since' },
          ...endpoint,
        },
        ...resource,
      },
    ],
  })
}

/** An API with these items, and an empty store. `limits`: of the store. */
export function itemsWorld(rows: JsonObject[], limits: Parameters<typeof memoryStore>[0] = {}) {
  const api = fakeApi({ '/items': rows })
  return { api, store: memoryStore(limits), ports: fakePorts({ fetch: api.fetch }) }
}

/** The stored items, in key order. */
export async function itemsIn(store: Store, source = itemsSource()): Promise<JsonObject[]> {
  const data = await openDataset(source, store)
  const rows: JsonObject[] = []
  for await (const batch of data.table('items').scan()) rows.push(...(batch as JsonObject[]))
  await data.close()
  return rows
}

/** The store with some methods of its datasets replaced. */
export function changedStore(store: Store, change: (dataset: Dataset) => Partial<Dataset>): Store {
  return {
    ...store,
    async open(name) {
      const dataset = await store.open(name)
      const changed = change(dataset)
      return new Proxy(dataset, {
        get(target, key) {
          const value: unknown = Reflect.get(key in changed ? changed : target, key)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  }
}
