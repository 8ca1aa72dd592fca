import { afterAll, describe, expect, test } from 'vitest'
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

interface World {
  readonly seed?: number
  readonly staleMs?: number
  /** Of all puts, those of heads elsewhere among them. */
  readonly fault?: (put: number) => Fault | undefined
  /** Heads are not in KV, but in a place that compares and swaps. */
  readonly elsewhere?: boolean
}

/** A namespace, and stores on it: each is an isolate of its own. */
function world({ seed = 1, staleMs = 0, fault, elsewhere = false }: World = {}) {
  const ports = fakePorts({ seed })
  const random = seededRandom(seed + 1000)
  let puts = 0
  const next = () => fault?.(++puts)
  const kv = kvDouble({ staleMs, now: ports.now, random, fault: next })
  const heads = memoryHeads()
  const failing: HeadStore = { ...heads, put: (...args) => failingly(next(), () => heads.put(...args)) }
  const where = elsewhere ? { head: failing } : { singleWriter: true as const }
  const store = (location = 'here', limits = {}) => cloudflareKvStore(kv.at(location), { ...where, limits, ports })
  return { ports, kv, store, random }
}

async function failingly<R>(kind: Fault | undefined, put: () => Promise<R>): Promise<R> {
  if (kind === 'hang') return new Promise(() => {})
  if (kind === 'before' || kind === '429') throw new Error('PUT failed: 429 Too Many Requests')
  const result = await put()
  if (kind === 'hang after') return new Promise(() => {})
  if (kind === 'after') throw new Error('PUT failed: 503 Service Unavailable')
  return result
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

describe('cloudflareKvStore with a head elsewhere, read in two places whose views are stale for up to 60 s', () => {
  test.each(storeContract)('$name', async ({ run }) => {
    const ports = fakePorts()
    let ahead = 0
    const now = () => ports.now() + ahead
    const kv = kvDouble({ staleMs: 60_000, now, random: seededRandom(1) })
    const here = { head: memoryHeads(), limits: SMALL, ports: { ...ports, now } }
    let places = 0
    await run({
      store: cloudflareKvStore(kv.at('here'), here),
      other: () => cloudflareKvStore(kv.at(`far ${++places}`), here),
      advance: (ms) => {
        ahead += ms
      },
      lacks: ['lease', 'watch'],
    })
  })
})

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

let failing = 0
afterAll(() => {
  process.stdout.write(`KV, puts that fail: ${failing} histories under stale reads, 0 violations\n`)
})

describe.each([
  ['no stale reads', 0, false],
  ['stale reads up to 60 s', 60_000, false],
  ['stale reads up to 120 s', 120_000, false],
  ['no stale reads, heads elsewhere', 0, true],
  ['stale reads up to 60 s, heads elsewhere', 60_000, true],
  ['stale reads up to 120 s, heads elsewhere', 120_000, true],
])('%s', (_, staleMs, elsewhere) => {
  /** Commits and a collection, going on after each error; how many there were. Which puts fail is told by `fault`. */
  async function play(fault: (put: number) => Fault | undefined) {
    let puts = 0
    let errors = 0
    let over = false
    const stop = () => {
      over = true
    }
    const { ports, store } = world({ staleMs, elsewhere, fault: () => (over ? undefined : fault(++puts)) })
    const persistently = async (until: number) => {
      for (;;) {
        try {
          return await commits(dataset, until)
        } catch (error) {
          expect(isSynclineError(error, 'store_unavailable') || isSynclineError(error, 'conflict')).toBe(true)
          errors++
          if (errors === 2) stop()
          await checkRows(dataset)
        }
      }
    }
    const dataset = await store('here', { ...SMALL, chunkBytes: 8000 }).open('d')
    await persistently(3)
    await ports.sleep(7_200_000)
    await dataset.lease(async () => {})
    await persistently(4)
    // A commit that failed may have got through all the same.
    const { u = 0 } = await checkRows(dataset)
    expect([4, 5, 6].slice(0, errors + 1)).toContain(u)
    await ports.sleep(200_000)
    expect(await checkRows(await store('far').open('d'))).toEqual({ u })
    return { puts, errors }
  }

  test('each put of a history fails in each way, once: nobody notices, but for heads elsewhere', async () => {
    const { puts } = await play(() => undefined)
    expect(puts).toBeGreaterThan(15)
    let noticed = 0
    for (const kind of FAULTS) {
      for (let k = 1; k <= puts; k++, failing++) {
        const { errors } = await play((put) => (put === k ? kind : undefined))
        if (!elsewhere) expect(errors).toBe(0)
        noticed += errors
      }
    }
    if (elsewhere) expect(noticed).toBeGreaterThan(5)
  })

  test('each put and all after it fail in each way, until a commit has failed twice', async () => {
    const { puts } = await play(() => undefined)
    for (const kind of FAULTS) {
      for (let k = 1; k <= puts; k++, failing++) await play((put) => (put >= k ? kind : undefined))
    }
  })
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

test('who says neither where the head is nor that there is one writer is refused, by the compiler and without one', () => {
  const { kv } = world()
  const refused = expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('singleWriter') })
  // @ts-expect-error: one of the two must be said
  expect(() => cloudflareKvStore(kv.at('here'), {})).toThrow(refused)
  // @ts-expect-error: false says nothing
  expect(() => cloudflareKvStore(kv.at('here'), { singleWriter: false })).toThrow(refused)
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
