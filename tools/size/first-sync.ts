import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as filesystem from '../../adapters/filesystem.ts'
import type * as memory from '../../adapters/memory.ts'
import type * as core from '../../src/index.ts'
import type { Store } from '../../src/store/index.ts'
import { entries } from '../entries.ts'
import { bundle } from './bundle.ts'

/** What a bundle of the core and one adapter exports: of the adapters, that one only. */
type Bundle = typeof core & typeof memory & typeof filesystem

const MEMORY: string = entries['./adapters/memory']

/** The adapters whose platform is Node. */
const stores: ReadonlyMap<string, (bundle: Bundle, folder: string) => Store> = new Map([
  [MEMORY, ({ memoryStore }) => memoryStore()],
  [entries['./adapters/filesystem'], ({ filesystemStore }, folder) => filesystemStore(join(folder, 'data'))],
])

const ROWS = 1000
const LIMIT = 100

/**
 * The entries that an ordinary first sync loads, found out by doing one with the bundle of the core and the adapter: two
 * resources, one of them below the other, a key in the query, offset paging, merge, a cursor. Without an adapter the
 * store is in memory. So it is for adapters whose platform is not here, and all that such a one may load on demand is
 * taken for loaded.
 */
export async function entriesOfFirstSync(adapter = MEMORY): Promise<(entry: string) => boolean> {
  const used = await entriesUsed(stores.has(adapter) ? adapter : MEMORY)
  return (entry) => used.has(entry) || (!stores.has(adapter) && entry.startsWith('adapters/'))
}

async function entriesUsed(adapter: string): Promise<ReadonlySet<string>> {
  const chunks = [...(await bundle([entries['.'], adapter])).values()]
  const loaded = new Set<string>()
  const folder = mkdtempSync(join(tmpdir(), 'syncline-size-'))
  try {
    for (const { file, text } of chunks) writeFileSync(join(folder, basename(file)), text)
    Object.assign(globalThis, { loadedChunks: loaded })
    const module = (await import(pathToFileURL(join(folder, 'stdin.mjs')).href)) as Bundle
    const store = stores.get(adapter)?.(module, folder)
    if (store === undefined) throw new Error(`${adapter} cannot be used here`)
    await firstSync(module, store)
  } finally {
    Object.assign(globalThis, { loadedChunks: undefined })
    rmSync(folder, { recursive: true })
  }
  const names = new Set([...loaded].map((url) => basename(url)))
  return new Set(chunks.flatMap(({ file, entry }) => (entry && names.has(basename(file)) ? entry : [])))
}

async function firstSync({ defineSource, openDataset, sync }: Bundle, store: Store): Promise<void> {
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
