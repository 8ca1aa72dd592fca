/** Runs in workerd. `workerd.ts` bundles it, and asks it for one case after the other. */
import { cloudflareKvStore, type KvNamespace } from '../../../adapters/cloudflare-kv.ts'
import { cloudflareR2Store, type R2BucketBinding, r2Heads } from '../../../adapters/cloudflare-r2.ts'
import type { Ports, Store } from '../../../src/store/index.ts'
import { type StoreHarness, storeContract } from '../../../src/testing/store-contract.ts'

interface Env {
  readonly DATA: KvNamespace
  readonly BUCKET: R2BucketBinding
}

type Open = (env: Env, ports: Partial<Ports>) => Store

const places: Record<string, { open: Open; lacks: StoreHarness['lacks'] & object }> = {
  'kv, one writer': {
    open: ({ DATA }, ports) => cloudflareKvStore(DATA, { singleWriter: true, ports }),
    lacks: ['lease', 'cas', 'watch'],
  },
  'kv, head in R2': {
    open: ({ DATA, BUCKET }, ports) => cloudflareKvStore(DATA, { head: r2Heads(BUCKET), ports }),
    lacks: ['lease', 'watch'],
  },
  r2: { open: ({ BUCKET }, ports) => cloudflareR2Store(BUCKET, { ports }), lacks: ['lease', 'watch'] },
}

const FOREIGN = ['notes', 'syncline/notes', 'syncline', 'd', 'run/d', 'syncline/d/run/x']

// biome-ignore lint/style/noDefaultExport: this is how workerd finds the handler
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const place = places[searchParams.get('place') ?? '']
    const each = storeContract[Number(searchParams.get('case'))]
    if (place === undefined || each === undefined) return new Response('No such place or case', { status: 404 })
    const foreign = searchParams.get('foreign') === 'true'
    try {
      for (const key of foreign ? FOREIGN : []) {
        await env.DATA.put(key, 'foreign')
        await env.BUCKET.put(key, 'foreign')
      }
      let ahead = 0
      const advance = (ms: number) => {
        ahead += ms
      }
      const ports = { now: () => Date.now() + ahead, sleep: async (ms: number) => advance(ms) }
      const open = () => place.open(env, ports)
      await each.run({ store: open(), other: open, advance, lacks: place.lacks })
      for (const key of foreign ? FOREIGN : []) {
        const values = [(await env.DATA.get([key], 'text')).get(key), await (await env.BUCKET.get(key))?.text()]
        if (values.some((value) => value !== 'foreign')) throw new Error(`${key} has changed`)
      }
      return new Response('ok')
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error))
    } finally {
      await clear(env)
    }
  },
}

async function clear({ DATA, BUCKET }: Env): Promise<void> {
  for (const { name } of (await DATA.list({ prefix: '' })).keys) await DATA.delete(name)
  await BUCKET.delete((await BUCKET.list({ prefix: '' })).objects.map(({ key }) => key))
}
