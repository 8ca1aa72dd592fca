import { type StoreHarness, storeContract } from 'syncline/testing'
import { ok } from '../assert.ts'
import type { Capability, StoreName, Theme } from '../suite.ts'

/** What a place needs, and what it does not have itself. */
const PLACES: Record<StoreName, { needs: Capability[]; lacks: StoreHarness['lacks'] }> = {
  memory: { needs: [], lacks: undefined },
  files: { needs: ['files'], lacks: undefined },
  IndexedDB: { needs: ['IndexedDB'], lacks: undefined },
  'KV, one writer': { needs: ['Cloudflare'], lacks: ['lease', 'cas', 'watch'] },
  'KV, head in R2': { needs: ['Cloudflare'], lacks: ['lease', 'watch'] },
  R2: { needs: ['Cloudflare'], lacks: ['lease', 'watch'] },
}

/** The whole contract of stores, on each store in each runtime that has the place. */
export const stores: Theme[] = (Object.keys(PLACES) as StoreName[]).map((store) => {
  const { needs, lacks } = PLACES[store]
  const cases = storeContract.map(({ name, run }) => ({
    name,
    needs,
    async run({ platform, name: place }: Parameters<Theme['cases'][number]['run']>[0]) {
      let ahead = 0
      const advance = (ms: number) => {
        ahead += ms
      }
      const real = store === 'files' || store === 'IndexedDB' // They wait for others, who need real time.
      const ports = {
        now: () => Date.now() + ahead,
        ...(!real && { sleep: async (ms: number) => advance(ms) }),
      }
      const open = platform.stores[store]
      ok(open !== undefined, 'The runtime says that it has this store, and has not')
      const other = () => open(place, ports)
      const shared = other()
      await run({ store: shared, other: store === 'memory' ? () => shared : other, advance, ...(lacks && { lacks }) })
    },
  }))
  return { name: `store: ${store}`, cases }
})
