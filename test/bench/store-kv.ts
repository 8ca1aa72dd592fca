import { Miniflare } from 'miniflare'
import { cloudflareKvStore, type KvNamespace } from '../../adapters/cloudflare-kv.ts'
import { atMost, type Figure, timed } from './measure.ts'
import { changed, commit, load } from './records.ts'

const MERGES = 60

interface Calls {
  writes: number
  /** Keys that were read: KV bills each. */
  reads: number
  gets: number
  deletes: number
  lists: number
}

/** The simulator that Cloudflare develops with, and what was asked of it. The waits between two heads are left out. */
export async function runKv(): Promise<Figure[]> {
  const miniflare = new Miniflare({
    modules: true,
    script: 'export default { fetch: () => new Response() }',
    compatibilityDate: '2026-04-01',
    kvNamespaces: ['DATA'],
    cf: false,
  })
  try {
    const calls: Calls = { writes: 0, reads: 0, gets: 0, deletes: 0, lists: 0 }
    const kv = counted((await miniflare.getKVNamespace('DATA')) as unknown as KvNamespace, calls)
    let ahead = 0
    const ports = {
      now: () => Date.now() + ahead,
      sleep: async (wait: number) => {
        ahead += wait
      },
    }
    const dataset = await cloudflareKvStore(kv, { singleWriter: true, ports }).open('bench')
    const cost = async (run: () => Promise<unknown>) => {
      const before = { ...calls }
      const taken = await timed(run)
      const spent = Object.entries(calls).map(([name, count]) => [name, count - before[name as keyof Calls]])
      return { ...(Object.fromEntries(spent) as unknown as Calls), seconds: taken / 1000 }
    }
    const loaded = await cost(() => load(dataset, 100_000))
    const merged = await cost(async () => {
      for (let version = 1; version <= MERGES; version++) await commit(dataset, changed(1000, 100_000, version))
    })
    await commit(dataset, changed(1, 100_000, 100)) // the first small one takes over what the others left
    const small = await cost(() => commit(dataset, changed(2, 100_000, 101)))
    const scanned = await cost(async () => {
      for await (const _ of dataset.scan('rows'));
    })
    const perMerge = (count: number) => (count / MERGES).toFixed(1)
    return [
      atMost(
        'load of 100,000 records, writes',
        loaded.writes,
        300,
        `${loaded.writes} (${loaded.seconds.toFixed(1)} s)`,
      ),
      atMost(
        `merge of 1,000, writes, mean of ${MERGES}`,
        merged.writes / MERGES,
        5,
        `${perMerge(merged.writes)} (and ${perMerge(merged.reads)} keys read)`,
      ),
      atMost('small commit, writes', small.writes, 1, `${small.writes} (and ${small.reads} keys read)`),
      { what: 'reading all rows', figure: `${scanned.reads} keys in ${scanned.gets} calls` },
    ]
  } finally {
    await miniflare.dispose()
  }
}

function counted(kv: KvNamespace, calls: Calls): KvNamespace {
  return {
    get(keys, type) {
      calls.gets++
      calls.reads += keys.length
      return kv.get(keys, type)
    },
    put(...args) {
      calls.writes++
      return kv.put(...args)
    },
    delete(key) {
      calls.deletes++
      return kv.delete(key)
    },
    list(options) {
      calls.lists++
      return kv.list(options)
    },
  }
}
