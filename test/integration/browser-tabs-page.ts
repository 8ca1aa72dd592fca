/** Runs in tabs of a real browser: `browser-tabs.test.ts` bundles it, and calls `tab` from outside. */
import { indexedDbStore } from '../../adapters/indexeddb.ts'
import { defineSource, isSynclineError, openDataset, type StepOptions, sync } from '../../src/index.ts'

const store = indexedDbStore({ name: 'tabs' })

const sourceOf = (name: string, client: object) =>
  defineSource({
    name,
    client: { baseUrl: location.origin, ...client },
    resources: [
      {
        name: 'items',
        primaryKey: 'id',
        endpoint: { path: `/${name}`, dataSelector: 'data', paginator: { type: 'offset', limit: 10 } },
      },
    ],
  })

const tab = {
  /** Page by page, each committed. What came of it. */
  async sync(name: string, client: object = {}): Promise<object> {
    const options: StepOptions<'items'> = { budget: { requests: 1 } }
    try {
      const { resources } = await sync(sourceOf(name, client), store, options)
      const { status, added = 0, unchanged = 0 } = resources.items ?? {}
      return { status, added, unchanged }
    } catch (error) {
      if (!isSynclineError(error)) throw error
      const { code, retryable, hint } = error
      return { code, retryable, hint }
    }
  },

  async ids(name: string): Promise<unknown[]> {
    const ids: unknown[] = []
    for await (const rows of (await openDataset(sourceOf(name, {}), store)).table('items').scan()) {
      ids.push(...rows.map(({ id }) => id))
    }
    return ids
  },
}

Object.assign(globalThis, { tab })
