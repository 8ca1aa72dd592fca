import {
  Calls,
  type ChunkLimits,
  type ChunkStore,
  chunked,
  Listeners,
  Mutex,
  type Ports,
  type Ref,
  resolvePorts,
  type Store,
  SynclineError,
  safeName,
  uniqueId,
} from '../src/store/index.ts'

/** The binding of a bucket: what is used of it. */
export interface R2BucketBinding {
  get(
    key: string,
    options?: { range: { offset: number; length: number } },
  ): Promise<{ etag: string; text(): Promise<string> } | null>
  put(
    key: string,
    value: string | Uint8Array,
    options?: { onlyIf: Headers | { etagMatches: string } },
  ): Promise<{ etag: string } | null>
  delete(keys: string | string[]): Promise<void>
  list(options: { prefix: string; cursor?: string }): Promise<{
    objects: { key: string }[]
    truncated: boolean
    cursor?: string
  }>
}

/** Values in R2 that are compared and swapped: what `cloudflareKvStore` takes as `head`. */
export interface R2Heads {
  get(key: string): Promise<{ value: string; version: string } | undefined>
  put(key: string, value: string, expect: string | undefined): Promise<string | undefined>
  delete(key: string): Promise<void>
}

/**
 * Heads in a bucket of Cloudflare's R2, by conditional puts.
 *
 * @example
 * const store = cloudflareKvStore(env.DATA, { head: r2Heads(env.BUCKET) })
 */
export function r2Heads(bucket: R2BucketBinding): R2Heads {
  const get = async (key: string) => {
    const object = await bucket.get(key)
    if (object === null) return undefined
    const text = await object.text()
    const line = text.indexOf('\n')
    return { id: text.slice(0, line), value: text.slice(line + 1), version: object.etag }
  }
  return {
    get,
    async put(key, value, expect) {
      // An etag is a hash of the content. With the id, equal heads are different versions.
      const id = uniqueId()
      const onlyIf = expect === undefined ? new Headers({ 'If-None-Match': '*' }) : { etagMatches: expect }
      try {
        return (await bucket.put(key, `${id}\n${value}`, { onlyIf }))?.etag
      } catch (error) {
        const found = await get(key).catch(() => undefined)
        if (found?.id === id) return found.version // it has got through
        throw error
      }
    },
    delete: (key) => bucket.delete(key),
  }
}

/**
 * Keeps datasets in a bucket of Cloudflare's R2, below the prefix `syncline/`: one object per run of chunks, and a head
 * that is put on condition. Any number of writers may write one dataset.
 *
 * @throws `store_unavailable` when R2 fails five times in a row.
 * @example
 * const store = cloudflareR2Store(env.BUCKET)
 */
export function cloudflareR2Store(
  bucket: R2BucketBinding,
  options: { limits?: Partial<ChunkLimits>; ports?: Partial<Ports> } = {},
): Store {
  const ports = resolvePorts(options.ports)
  const calls = new Calls(ports, unavailable)
  const places = new Map<string, Here>()
  const base = async (dataset: string) => `syncline/${await safeName(dataset)}`
  return {
    async open(dataset) {
      const here = places.get(dataset) ?? { leases: new Mutex(), watching: new Listeners() }
      places.set(dataset, here)
      return chunked(bucketChunks(bucket, await base(dataset), here, calls, options.limits), { ports })
    },
    async drop(dataset) {
      const prefix = await base(dataset)
      await calls.run(() => bucket.delete(`${prefix}/head`))
      const keys: string[] = []
      for await (const key of keysOf(bucket, `${prefix}/run/`, calls)) keys.push(key)
      await deleteAll(bucket, keys, calls)
      places.get(dataset)?.watching.tell()
    },
  }
}

/** What the datasets of one name that are open in this store share. */
interface Here {
  readonly leases: Mutex
  readonly watching: Listeners
}

function bucketChunks(
  bucket: R2BucketBinding,
  base: string,
  { leases, watching }: Here,
  calls: Calls,
  limits: Partial<ChunkLimits> | undefined,
): ChunkStore {
  const { now, sleep } = calls.ports
  const heads = r2Heads(bucket)
  let publishedAt = Number.NEGATIVE_INFINITY
  const chunks: ChunkStore = {
    limits: {
      chunkBytes: 1 << 18,
      inlineBytes: 1 << 16,
      maxOps: 500,
      minPublishMs: 1000,
      dropAfterMs: 60_000,
      cas: true,
      ...limits,
    },
    head: async (before) => (before === undefined ? calls.run(() => heads.get(`${base}/head`)) : undefined),
    async read(refs) {
      const texts: (string | undefined)[] = refs.map(() => undefined)
      await calls.each(refs.entries(), async ([i, ref]) => {
        const [run, offset, length] = ref.split(':')
        const range = { offset: Number(offset), length: Number(length) }
        texts[i] = await (await bucket.get(`${base}/run/${run}`, { range }))?.text()
      })
      return texts
    },
    async writeRun(source) {
      const run = `${Math.floor(now()).toString(36)}-${uniqueId()}`
      const refs: Ref[] = []
      let text = ''
      let offset = 0
      for await (const chunk of source) {
        const { length } = new TextEncoder().encode(chunk)
        refs.push(`${run}:${offset}:${length}`)
        text += chunk
        offset += length
      }
      await calls.run(() => bucket.put(`${base}/run/${run}`, text))
      return refs
    },
    async publish(value, expect) {
      // One object takes one write a second: https://developers.cloudflare.com/r2/platform/limits/
      const wait = publishedAt + chunks.limits.minPublishMs - now()
      if (wait > 0) await sleep(wait)
      const version = await calls.once(() => heads.put(`${base}/head`, value, expect))
      publishedAt = now()
      if (version === undefined) {
        throw new SynclineError('conflict', 'Another writer has committed to this dataset', { retryable: true })
      }
      watching.tell()
      return version
    },
    async *list() {
      for await (const key of keysOf(bucket, `${base}/run/`, calls)) {
        const ref = key.slice(base.length + 5)
        yield { ref, writtenAt: Number.parseInt(ref, 36) }
      }
    },
    remove: (refs) =>
      deleteAll(
        bucket,
        refs.map((ref) => `${base}/run/${ref}`),
        calls,
      ),
    // Within this store only: commits of others are conflicts, not losses.
    lease: (run, { signal } = {}) => leases.run(run, signal),
    watch: (look) => watching.add(look),
  }
  return chunks
}

async function* keysOf(bucket: R2BucketBinding, prefix: string, calls: Calls): AsyncGenerator<string> {
  for (let cursor: string | undefined; ; ) {
    const from = cursor === undefined ? {} : { cursor }
    const page = await calls.run(() => bucket.list({ prefix, ...from }))
    for (const { key } of page.objects) yield key
    cursor = page.cursor
    if (!page.truncated || cursor === undefined) return
  }
}

/** R2 deletes up to a thousand objects per call. */
async function deleteAll(bucket: R2BucketBinding, keys: readonly string[], calls: Calls): Promise<void> {
  for (let i = 0; i < keys.length; i += 1000) await calls.run(() => bucket.delete(keys.slice(i, i + 1000)))
}

function unavailable(): SynclineError {
  return new SynclineError('store_unavailable', 'Cloudflare R2 did not do what was asked', {
    retryable: true,
    hint: 'Try again later: what was committed is kept.',
  })
}
