import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { cloudflareR2Store, type R2BucketBinding, r2Heads } from '../../adapters/cloudflare-r2.ts'
import { isSynclineError } from '../../src/errors.ts'
import { fakePorts } from '../support/ports.ts'
import { checkRows, commitNext } from './support/history.ts'
import { runInWorkerd } from './support/workerd.ts'

runInWorkerd(['r2'])

type Fault = 'before' | 'after' | 'hang' | 'hang after'
const FAULTS: readonly Fault[] = ['before', 'after', 'hang', 'hang after']

/** A bucket: strongly consistent, an etag is a hash of the content. It lists three keys at a time. */
function bucketDouble(fault: (put: number) => Fault | undefined = () => undefined) {
  const objects = new Map<string, Uint8Array>()
  let puts = 0
  const etagOf = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
  const bucket: R2BucketBinding = {
    async get(key, options) {
      const whole = objects.get(key)
      if (whole === undefined) return null
      const { offset = 0, length = whole.length } = options?.range ?? {}
      return {
        etag: etagOf(whole),
        text: async () => new TextDecoder().decode(whole.subarray(offset, offset + length)),
      }
    },
    async put(key, value, options) {
      const kind = fault(++puts)
      if (kind === 'before') throw new Error('put: We encountered an internal error. Please try again. (10001)')
      if (kind === 'hang') return new Promise<never>(() => {})
      const { onlyIf } = options ?? {}
      const found = objects.get(key)
      if (
        onlyIf instanceof Headers ? found !== undefined : onlyIf && (!found || onlyIf.etagMatches !== etagOf(found))
      ) {
        return null
      }
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
      objects.set(key, bytes)
      if (kind === 'after') throw new Error('put: We encountered an internal error. Please try again. (10001)')
      if (kind === 'hang after') return new Promise<never>(() => {})
      return { etag: etagOf(bytes) }
    },
    async delete(keys) {
      for (const key of [keys].flat()) objects.delete(key)
    },
    async list({ prefix, cursor = '' }) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > cursor).sort()
      const page = keys.slice(0, 3)
      const more = keys.length > page.length
      return { objects: page.map((key) => ({ key })), truncated: more, ...(more && { cursor: page.at(-1) ?? '' }) }
    },
  }
  return { bucket, puts: () => puts, keys: () => [...objects.keys()] }
}

test('equal heads are different versions, so that a writer from before is refused', async () => {
  const heads = r2Heads(bucketDouble().bucket)
  const first = await heads.put('head', 'same', undefined)
  const second = await heads.put('head', 'same', first)
  expect(second).not.toBe(first)
  expect(await heads.put('head', 'late', first)).toBe(undefined)
  expect(await heads.put('head', 'late', undefined)).toBe(undefined)
  expect(await heads.get('head')).toMatchObject({ value: 'same', version: second })
})

test('a put of a head that got through although it failed is found out', async () => {
  const heads = r2Heads(bucketDouble(() => 'after').bucket)
  const version = await heads.put('head', 'value', undefined)
  expect(await heads.get('head')).toMatchObject({ value: 'value', version })
})

test('a dataset of more runs than a list shows at once is dropped whole, and what is not ours stays', async () => {
  const { bucket, keys } = bucketDouble()
  await bucket.put('syncline/run', 'foreign')
  const store = cloudflareR2Store(bucket, { ports: fakePorts(), limits: { chunkBytes: 1500, inlineBytes: 0 } })
  const [dataset, other] = [await store.open('d'), await store.open('d2')]
  for (let n = 0; n < 9; n++) for (const each of [dataset, other]) await commitNext(each, 'u')
  const before = keys().length
  expect(before).toBeGreaterThan(20)
  await store.drop('d')
  expect(await checkRows(await store.open('d2'))).toEqual({ u: 9 })
  await store.drop('d2')
  expect(keys()).toEqual(['syncline/run'])
})

/** Six commits, going on from what is there. */
async function reference(fault?: (put: number) => Fault | undefined) {
  const ports = fakePorts()
  const { bucket, puts } = bucketDouble(fault)
  const open = () => cloudflareR2Store(bucket, { ports, limits: { chunkBytes: 1500, inlineBytes: 2000 } }).open('d')
  const dataset = await open()
  const failed: unknown[] = []
  while ((await checkRows(dataset)).u !== 6) {
    await commitNext(dataset, 'u').catch((error) => failed.push(error))
  }
  expect(await checkRows(await open())).toEqual({ u: 6 })
  return { failed, puts: puts() }
}

test('each put of a history fails in each way: what is there is whole, and the next commit goes on from it', async () => {
  const { puts } = await reference()
  expect(puts).toBeGreaterThan(7)
  for (const kind of FAULTS) {
    for (let k = 1; k <= puts; k++) {
      const { failed } = await reference((put) => (put === k ? kind : undefined))
      expect(failed.length).toBeLessThanOrEqual(kind === 'after' ? 0 : 1)
      for (const error of failed) expect(isSynclineError(error, 'store_unavailable')).toBe(true)
    }
  }
})
