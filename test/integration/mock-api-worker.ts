/** Runs in workerd: syncs what its fetch brings, two requests a call, and goes on in the next call. */
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, step } from '../../src/index.ts'

const source = defineSource({
  name: 'mocked',
  client: {
    baseUrl: 'https://api.example.com',
    auth: { type: 'bearer', token: 'hush-hush-1' },
    retry: { retries: 1, factor: 0.001 },
  },
  resources: [{ name: 'items', primaryKey: 'id', endpoint: { dataSelector: 'data', paginator: 'cursor' } }],
})
const store = memoryStore()

const worker = {
  async fetch(): Promise<Response> {
    const { status, error, report } = await step(source, store, { budget: { requests: 2 } })
    return Response.json({ status, code: error?.code, added: report.resources.items?.added })
  },
}

// biome-ignore lint/style/noDefaultExport: workerd takes the default export
export default worker
