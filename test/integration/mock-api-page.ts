/** Runs in a page of a real browser: `mock-api-browser.test.ts` bundles it, and calls `run` from outside. */
import { setupWorker } from 'msw/browser'
import { indexedDbStore } from '../../adapters/indexeddb.ts'
import { defineSource, isSynclineError, openDataset, sync } from '../../src/index.ts'
import { mockApi } from '../../src/testing/index.ts'

const auth = { type: 'bearer', token: 'hush-hush-1' } as const

const source = defineSource({
  name: 'mocked',
  client: { baseUrl: 'https://api.example.com', auth, retry: { retries: 1, factor: 0.001 } },
  resources: [{ name: 'items', primaryKey: 'id', endpoint: { dataSelector: 'data', paginator: 'header_link' } }],
})

/** Syncs what is behind a mocked API into IndexedDB, with a fault on the way that ends the first run. */
async function run() {
  const records = Array.from({ length: 25 }, (_, index) => ({ id: index + 1 }))
  const api = await mockApi({
    baseUrl: 'https://api.example.com',
    auth,
    resources: { '/items': { records, paging: { type: 'header_link', pageSize: 10 } } },
  })
  const worker = setupWorker(...api.handlers)
  await worker.start({ quiet: true, onUnhandledRequest: 'error' })
  api.fail({ type: 'truncated', at: 1 })
  api.fail({ type: 'network', at: 2, times: 2 })
  const store = indexedDbStore({ name: 'mocked' })
  const code = await sync(source, store).then(
    () => 'none',
    (error: unknown) => (isSynclineError(error) ? error.code : String(error)),
  )
  const { resources } = await sync(source, store)
  const data = await openDataset(source, store)
  const stored = await data.table('items').count()
  await data.close()
  worker.stop()
  return { code, stored, complete: resources.items.complete, requests: api.requests }
}

Object.assign(globalThis, { run })
