import { equal } from '../assert.ts'
import type { Capability, Theme, World } from '../suite.ts'

/** What the runtime itself says, without Syncline. */
async function probe({ api, platform }: World): Promise<Capability[]> {
  await api.serves({ '/moved': [{ status: 302, headers: { location: `${api.base}/there` } }] })
  const { type, status } = await fetch(`${api.base}/moved`, { redirect: 'manual' })
  const found: Record<Capability, boolean> = {
    'visible redirects': status === 302,
    'opaque redirects': type === 'opaqueredirect',
    cookies: new Request(api.base, { headers: { cookie: 'a=b' } }).headers.get('cookie') === 'a=b',
    files: 'files' in platform.stores,
    IndexedDB: 'indexedDB' in globalThis,
    Cloudflare: 'R2' in platform.stores,
  }
  return (Object.keys(found) as Capability[]).filter((name) => found[name])
}

export const platform: Theme = {
  name: 'the runtime',
  cases: [
    {
      name: 'it has what it is said to have and lacks the rest: no case is left out without a reason',
      run: async (world) => equal(await probe(world), world.has),
    },
  ],
}
