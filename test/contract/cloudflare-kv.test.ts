import { describe, expect, test } from 'vitest'
import { type CloudflareKvOptions, cloudflareKvStore, type HeadStore } from '../../adapters/cloudflare-kv.ts'
import { isSynclineError } from '../../src/errors.ts'
import type { Dataset } from '../../src/store/index.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { type FakePorts, fakePorts, seededRandom } from '../support/ports.ts'
import { checkRows, commitNext } from './support/history.ts'
import { FAULTS, type Fault, kvDouble } from './support/kv-double.ts'
import { runInWorkerd } from './support/workerd.ts'

runInWorkerd(['kv, one writer', 'kv, head in R2'])

const SMALL = { chunkBytes: 1500, inlineBytes: 2000 }

/** A namespace, and stores on it: each is an isolate of its own. */
function world(options: { seed?: number; staleMs?: number; fault?: (put: number) => Fault | undefined } = {}) {
  const ports = fakePorts({ seed: options.seed ?? 1 })
  const random = seededRandom((options.seed ?? 1) + 1000)
  const kv = kvDouble({ ...options, now: ports.now, random })
  const store = (location = 'here', limits = {}) =>
    cloudflareKvStore(kv.at(location), { singleWriter: true, limits, ports })
  return { ports, kv, store, random }
}

function memoryHeads(): HeadStore {
  const heads = new Map<string, { value: string; version: string }>()
  let count = 0
  return {
    get: async (key) => heads.get(key),
    async put(key, value, expect) {
      if (heads.get(key)?.version !== expect) return undefined
      const version = String(++count)
      heads.set(key, { value, version })
      return version
    },
    async delete(key) {
      heads.delete(key)
    },
  }
}

/** Every seventh put fails in one of the ways, so that each commit that writes much meets some. */
const often = (put: number) => (put % 7 === 0 ? FAULTS[(put / 7) % FAULTS.length] : undefined)

describe.each([
  ['one writer', ['lease', 'cas', 'watch'], () => ({ singleWriter: true })],
  ['a head elsewhere', ['lease', 'watch'], () => ({ head: memoryHeads() })],
] as [string, ('lease' | 'cas' | 'watch')[], () => CloudflareKvOptions][])(
  'cloudflareKvStore, %s, where every seventh put fails',
  (_, lacks, options) => {
    test.each(storeContract)('$name', async ({ run }) => {
      const { ports, kv } = world({ fault: often })
      let ahead = 0
      const here = { ...options(), limits: SMALL, ports: { ...ports, now: () => ports.now() + ahead } }
      const open = () => cloudflareKvStore(kv.at('here'), here)
      await run({
        store: open(),
        other: open,
        advance: (ms) => {
          ahead += ms
        },
        lacks,
      })
      for (const key of kv.keys()) expect(key).toMatch(/^syncline\/[\w-]+\/(head|run\/[\w-]+\/\d+)$/)
    })
  },
)

async function commits(dataset: Dataset, until: number, after = async () => {}): Promise<void> {
  for (;;) {
    if ((await commitNext(dataset, 'u')) >= until) return
    await after()
  }
}

const SEEDS = Array.from({ length: 8 }, (_, i) => i + 1)

test.each(SEEDS)(
  'stale views up to 120 s: a writer never goes back, readers see whole commits, seed %i',
  async (seed) => {
    const { ports, kv, store, random } = world({ seed, staleMs: 120_000 })
    const writer = await store('here', SMALL).open('d')
    const near = await store('here', SMALL).open('d')
    const far = await store('far', SMALL).open('d')
    const last = { near: 0, far: 0 }
    let count = 0
    await commits(writer, 14, async () => {
      await writer.lease(async () => {}) // collects
      expect(await checkRows(writer)).toEqual({ u: ++count })
      const [nearby, away] = [await checkRows(near), await checkRows(far)]
      expect(nearby.u ?? 0).toBeGreaterThanOrEqual(last.near)
      expect(away.u ?? 0).toBeGreaterThanOrEqual(last.far)
      Object.assign(last, { near: nearby.u ?? 0, far: away.u ?? 0 })
      await ports.sleep(random() * 30_000)
    })
    await ports.sleep(200_000)
    for (const each of [near, far, await store('new').open('d')]) expect(await checkRows(each)).toEqual({ u: 14 })
    expect(kv.tooFast()).toBe(0)
  },
)

test.each(SEEDS)(
  'writers that begin with a stale head lose progress, never rows of a position, seed %i',
  async (seed) => {
    const { ports, store, random } = world({ seed, staleMs: 120_000 })
    for (let isolate = 0; isolate < 6; isolate++) {
      const dataset = await store(`location ${isolate % 3}`, SMALL).open('d')
      await checkRows(dataset)
      for (let i = 0; i < 4; i++) await commitNext(dataset, 'u')
      await checkRows(dataset)
      await dataset.lease(async () => {})
      await ports.sleep(random() * 100_000)
    }
    await ports.sleep(7_300_000)
    const dataset = await store('last', SMALL).open('d')
    await dataset.lease(async () => {})
    expect((await checkRows(dataset)).u).toBeGreaterThanOrEqual(4)
  },
)

/** Commits, a collection and a drop: how many puts that takes, and with one of them failing, what is left. */
async function reference(fault?: (put: number) => Fault | undefined) {
  const { ports, kv, store } = world({ staleMs: 60_000, ...(fault && { fault }) })
  const dataset = await store('here', { ...SMALL, chunkBytes: 8000 }).open('d')
  await commits(dataset, 3)
  await ports.sleep(7_200_000)
  await dataset.lease(async () => {})
  await commits(dataset, 4)
  return { ports, kv, store, positions: await checkRows(dataset) }
}

test('each put of a history fails in each way: nobody notices', async () => {
  const puts = (await reference()).kv.puts()
  expect(puts).toBeGreaterThan(15)
  for (const kind of FAULTS) {
    for (let k = 1; k <= puts; k++) {
      const { ports, store, positions } = await reference((put) => (put === k ? kind : undefined))
      await ports.sleep(200_000)
      expect([positions, await checkRows(await store('far').open('d'))]).toEqual([{ u: 4 }, { u: 4 }])
    }
  }
})

test('each put and all after it fail in each way: the commit fails, and what is there is whole', async () => {
  const puts = (await reference()).kv.puts()
  for (const kind of FAULTS) {
    for (let k = 1; k <= puts; k++) {
      let broken = true
      const { ports, store } = world({ staleMs: 60_000, fault: (put) => (broken && put >= k ? kind : undefined) })
      const dataset = await store('here', SMALL).open('d')
      const error = await commits(dataset, 6).catch((thrown) => thrown)
      if (error !== undefined) expect(isSynclineError(error, 'store_unavailable')).toBe(true)
      broken = false
      await checkRows(dataset)
      await commits(dataset, 8)
      await ports.sleep(200_000)
      expect(await checkRows(await store('far').open('d'))).toEqual({ u: 8 })
    }
  }
})

test('a dropped dataset stays dropped for those with a stale view, and can be filled again', async () => {
  const { ports, store, kv } = world({ staleMs: 120_000 })
  const place = store('here', SMALL)
  const open = await place.open('d')
  await commits(open, 6)
  await place.drop('d')
  expect(await checkRows(open)).toEqual({})
  await ports.sleep(200_000)
  await place.drop('d') // what its list did not show yet
  expect(kv.keys().filter((key) => !key.endsWith('/head'))).toEqual([])
  expect(await checkRows(await store('far').open('d'))).toEqual({})
  await commits(open, 3)
  await ports.sleep(200_000)
  expect(await checkRows(await store('far').open('d'))).toEqual({ u: 3 })
})

test('a reader whose chunks were dropped looks for a newer head instead of waiting for them', async () => {
  const { ports, store } = world()
  const place = store('here', { ...SMALL, inlineBytes: 0 })
  const dataset = await place.open('d')
  await commits(dataset, 12)
  const start = ports.now()
  for await (const rows of dataset.scan('t')) if (rows.length > 0) await place.drop('d')
  expect(ports.now() - start).toBeLessThan(5000)
})

test('reads stay below 100 keys and 25 MB per call', async () => {
  const { store } = world()
  const dataset = await store().open('d')
  const put = Array.from({ length: 40 }, (_, i) => ({ key: i, value: { text: `${i}`.padEnd(900_000, 'é') } }))
  await dataset.commit({ unit: 'u', position: 1, expect: '', tables: { t: { put } } })
  const keys = put.map(({ key }) => key)
  const found = await (await store().open('d')).getMany('t', keys)
  expect(found.map((row) => row?.text === undefined)).toEqual(put.map(() => false))
  const many = await store('here', { chunkBytes: 100, inlineBytes: 0 }).open('many')
  const small = Array.from({ length: 300 }, (_, i) => ({ key: i, value: { text: 'x'.repeat(100) } }))
  await many.commit({ unit: 'u', position: 1, expect: '', tables: { t: { put: small } } })
  const smallKeys = small.map(({ key }) => key)
  expect((await many.getMany('t', smallKeys)).includes(undefined)).toBe(false)
})

test('commits are a second apart; a small one is one write', async () => {
  const { ports, kv, store } = world()
  const dataset = await store().open('d')
  const start = ports.now()
  for (const unit of ['a', 'b', 'c', 'd', 'e']) await commitNext(dataset, unit)
  expect([kv.puts(), kv.tooFast()]).toEqual([5, 0])
  expect(ports.now() - start).toBeGreaterThanOrEqual(4000)
  expect(ports.now() - start).toBeLessThan(5000)
})

test.each([
  ['KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.', 1],
  ['KV PUT failed: 429 Too Many Requests', 5],
  ['Too many API requests by single worker invocation.', 1],
  ['Network connection lost.', 5],
])('%s: so many attempts', async (message, attempts) => {
  const { ports, kv } = world()
  let calls = 0
  const put = async () => {
    calls++
    throw new Error(message)
  }
  const dataset = await cloudflareKvStore({ ...kv.at('here'), put }, { singleWriter: true, ports }).open('d')
  const error = await commitNext(dataset, 'u').catch((thrown) => thrown)
  expect([isSynclineError(error, 'store_unavailable'), calls]).toEqual([true, attempts])
  for (const { ms } of (ports as FakePorts).sleeps) expect(ms).toBeGreaterThanOrEqual(1000)
})
