import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as memory from '../../adapters/memory.ts'
import type * as core from '../../src/index.ts'
import type { Chunk } from './bundle.ts'

type Bundle = typeof core & typeof memory

const ROWS = 1000
const LIMIT = 100

/**
 * The entries that an ordinary first sync loads, found out by doing one with the bundle of the core and the store in
 * memory: two resources, one of them below the other, a key in the query, offset paging, merge, a cursor.
 */
export async function entriesOfFirstSync(chunks: ReadonlyMap<string, Chunk>): Promise<ReadonlySet<string>> {
  const loaded = new Set<string>()
  const folder = mkdtempSync(join(tmpdir(), 'syncline-size-'))
  try {
    for (const { file, text } of chunks.values()) writeFileSync(join(folder, basename(file)), text)
    Object.assign(globalThis, { loadedChunks: loaded })
    await firstSync((await import(pathToFileURL(join(folder, 'stdin.mjs')).href)) as Bundle)
  } finally {
    Object.assign(globalThis, { loadedChunks: undefined })
    rmSync(folder, { recursive: true })
  }
  const names = new Set([...loaded].map((url) => basename(url)))
  return new Set([...chunks.values()].flatMap(({ file, entry }) => (entry && names.has(basename(file)) ? entry : [])))
}

async function firstSync({ defineSource, openDataset, sync, memoryStore }: Bundle): Promise<void> {
  const paginator = { type: 'offset', limit: LIMIT } as const
  const source = defineSource({
    name: 'crm',
    client: {
      baseUrl: 'https://api.example.com',
      auth: { type: 'api_key', name: 'api_key', apiKey: () => 'k', location: 'query' },
      retry: { retries: 3, factor: 2, statuses: [429, 500, 502, 503, 504] },
    },
    resourceDefaults: { primaryKey: 'id', writeDisposition: 'merge', endpoint: { dataSelector: 'data', paginator } },
    resources: [
      {
        name: 'transactions',
        endpoint: {
          path: '/v1/transactions',
          incremental: { cursorPath: 'updated_at', startParam: 'since', initialValue: '2024-01-01T00:00:00Z' },
        },
      },
      {
        name: 'messages',
        endpoint: '/v1/transactions/{resources.transactions.id}/messages',
        includeFromParent: ['customer_id'],
      },
    ],
  })
  const store = memoryStore()
  const { resources } = await sync(source, store, { ports: { fetch: api } })
  const data = await openDataset(source, store)
  const counts = [resources.transactions?.added, resources.messages?.added, await data.table('transactions').count()]
  if (counts.join() !== [ROWS, 2 * ROWS, ROWS].join()) throw new Error(`the first sync brought ${counts.join()} rows`)
}

/** The API of the demo, as far as this needs it. */
async function api(input: string): Promise<Response> {
  const { pathname, searchParams } = new URL(input)
  const offset = Number(searchParams.get('offset'))
  const [, parent] = /transactions\/([^/]+)\/messages/.exec(pathname) ?? []
  const total = parent === undefined ? ROWS : 2
  const data = Array.from({ length: Math.min(LIMIT, total - offset) }, (_, i) => ({
    id: `${parent ?? 't'}_${offset + i}`,
    customer_id: `c_${i % 17}`,
    transaction_date: '2024-03-01',
    updated_at: new Date(Date.UTC(2024, 2, 1) + (offset + i) * 60_000).toISOString(),
    amount: i % 7 === 0 ? null : i / 4,
  }))
  return Response.json({ data, total }, { headers: { date: new Date().toUTCString() } })
}
