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
  type Version,
} from '../src/store/index.ts'
import { type HeadStore, headIn, headInKv, type KvNamespace } from './cloudflare-kv-head.ts'

export type { HeadStore, KvNamespace }

/** Who sees to it that no commit gets lost: a place for the head, or you. */
export type CloudflareKvOptions = (
  | { head: HeadStore; singleWriter?: never }
  /** There is one writer at a time, and the one before it has been gone for a minute or two. */
  | { singleWriter: true; head?: never }
) & {
  /** Other sizes of chunks and small commits than those measured to be good. */
  limits?: Partial<ChunkLimits>
  ports?: Partial<Ports>
}

/**
 * Keeps datasets in a namespace of Cloudflare's KV, below the prefix `syncline/`: chunks of 1 MiB, and a head.
 *
 * KV shows a change elsewhere after a minute or more, and has no compare-and-swap. Of two writers that keep the head in
 * KV, too, the later one wins, and rows and positions of the other are gone together: their sync begins again where it
 * was. So say that there is one writer only, or keep the head elsewhere.
 *
 * @throws `config_invalid` without either; `store_unavailable` when KV fails five times in a row.
 * @example
 * const store = cloudflareKvStore(env.DATA, { head: r2Heads(env.BUCKET) })
 * @example
 * const store = cloudflareKvStore(env.DATA, { singleWriter: true })
 */
export function cloudflareKvStore(kv: KvNamespace, options: CloudflareKvOptions): Store {
  const { head, singleWriter, limits, ports: given } = options
  if (head === undefined && singleWriter !== true) {
    throw new SynclineError('config_invalid', 'KV alone cannot tell two writers apart', {
      hint: 'Say where the head is kept (head), or that there is one writer at a time (singleWriter: true).',
    })
  }
  const ports = resolvePorts(given)
  const calls = new Calls(ports, coded)
  const places = new Map<string, Promise<Place>>()
  const place = (dataset: string) => {
    const known = places.get(dataset) ?? safeName(dataset).then((name) => createPlace(kv, name, head, limits, calls))
    places.set(dataset, known)
    return known
  }
  return {
    open: async (dataset) => chunked((await place(dataset)).chunks, { ports }),
    drop: async (dataset) => (await place(dataset)).drop(),
  }
}

/** What the datasets of one name that are open here share. */
interface Place {
  readonly chunks: ChunkStore
  drop(): Promise<void>
}

/** KV refuses more keys in one call, and more bytes. */
const BULK_KEYS = 100
const BULK_BYTES = 20 << 20
/** A chunk that is missing although it was written lately need not be visible here yet. */
const VISIBLE_MS = 300_000
const WAITS_S = [1, 2, 4, 8, 16, 32, 64]

function createPlace(
  kv: KvNamespace,
  name: string,
  heads: HeadStore | undefined,
  limits: Partial<ChunkLimits> | undefined,
  calls: Calls,
): Place {
  const { ports } = calls
  const base = `syncline/${name}`
  const head = heads === undefined ? headInKv(kv, `${base}/head`, calls) : headIn(heads, `${base}/head`, calls)
  const publishing = new Mutex()
  const leases = new Mutex()
  const watching = new Listeners()
  let publishedAt = Number.NEGATIVE_INFINITY
  let seen: Version | undefined

  async function newest(): Promise<{ value: string; version: Version } | undefined> {
    const found = await head.get()
    seen = found?.version
    return found
  }

  async function* runKeys(): AsyncGenerator<{ run: Ref; key: string }> {
    for (let cursor: string | undefined; ; ) {
      const from = cursor === undefined ? {} : { cursor }
      const page = await calls.run(() => kv.list({ prefix: `${base}/run/`, ...from }))
      for (const { name: key } of page.keys) yield { run: key.slice(base.length + 5).split('/')[0] ?? '', key }
      cursor = page.cursor
      if (page.list_complete || cursor === undefined) return
    }
  }

  async function remove(isDoomed: (run: Ref) => boolean): Promise<void> {
    const doomed: string[] = []
    for await (const { run, key } of runKeys()) if (isDoomed(run)) doomed.push(key)
    await calls.each(doomed, (key) => kv.delete(key))
  }

  async function readOnce(refs: readonly Ref[]): Promise<Map<Ref, string>> {
    const texts = new Map<Ref, string>()
    for (const batch of batches(refs)) {
      const keys = batch.map((ref) => keyOf(base, ref))
      const found = await calls.run(() => kv.get(keys, 'text'))
      for (const [i, ref] of batch.entries()) {
        const text = found.get(keys[i] as string)
        if (typeof text === 'string') texts.set(ref, text)
      }
    }
    return texts
  }

  const chunks: ChunkStore = {
    limits: {
      chunkBytes: 1 << 20,
      inlineBytes: 1 << 16,
      maxOps: 500,
      minPublishMs: 1000,
      dropAfterMs: 3_600_000,
      cas: heads !== undefined,
      ...limits,
    },
    head: async (before) => (before === undefined ? newest() : undefined),
    async read(refs) {
      const knew = seen
      const texts = await readOnce(refs)
      for (const wait of WAITS_S) {
        const late = refs.filter((ref) => !texts.has(ref) && ports.now() - writtenAt(ref) < VISIBLE_MS)
        // With a newer head, it is not needed any more.
        if (late.length === 0 || (await newest())?.version !== knew) break
        await ports.sleep(wait * 1000)
        for (const [ref, text] of await readOnce(late)) texts.set(ref, text)
      }
      return refs.map((ref) => texts.get(ref))
    },
    async writeRun(source) {
      const run = `${Math.floor(ports.now()).toString(36)}-${uniqueId()}`
      const refs: Ref[] = []
      const encoder = new TextEncoder()
      async function* encoded() {
        for await (const chunk of source) {
          const bytes = encoder.encode(chunk)
          const ref = `${run}:${refs.length}:${bytes.length}`
          refs.push(ref)
          yield { key: keyOf(base, ref), bytes }
        }
      }
      await calls.each(encoded(), ({ key, bytes }) => kv.put(key, bytes))
      return refs
    },
    publish: (value, expect) =>
      publishing.run(async () => {
        // One key takes one write a second: https://developers.cloudflare.com/kv/platform/limits/
        const wait = publishedAt + chunks.limits.minPublishMs - ports.now()
        if (wait > 0) await ports.sleep(wait)
        seen = await head.put(value, expect)
        publishedAt = ports.now()
        if (seen === undefined) {
          throw new SynclineError('conflict', 'Another writer has committed to this dataset', { retryable: true })
        }
        watching.tell()
        return seen
      }),
    async *list() {
      let last: Ref | undefined
      for await (const { run } of runKeys()) {
        if (run !== last) yield { ref: run, writtenAt: writtenAt(run) }
        last = run
      }
    },
    async remove(refs) {
      const doomed = new Set(refs)
      if (doomed.size > 0) await remove((run) => doomed.has(run))
    },
    // Within this store only: KV has nothing that could exclude others, or tell of them.
    lease: (run, { signal } = {}) => leases.run(run, signal),
    watch: (look) => watching.add(look),
  }
  return {
    chunks,
    async drop() {
      await publishing.run(() => head.delete())
      await remove(() => true)
      watching.tell()
    },
  }
}

/** KV's errors have no codes: "KV PUT failed: 429 Too Many Requests", "Too many API requests by single worker ...". */
function coded(message: string): SynclineError {
  const status = Number(/failed: (\d{3})\b/.exec(message)?.[1] ?? 0)
  const final = (status >= 400 && status < 500 && status !== 408 && status !== 429) || /^too many /i.test(message)
  return new SynclineError('store_unavailable', 'Cloudflare did not do what was asked', {
    ...(status > 0 && { status }),
    retryable: !final,
    hint: final ? 'See the limits of KV and of your plan.' : 'Try again later: what was committed is kept.',
  })
}

/** A ref is `run:index:bytes`. */
function keyOf(base: string, ref: Ref): string {
  const [run, at] = ref.split(':')
  return `${base}/run/${run}/${at}`
}

function writtenAt(ref: Ref): number {
  return Number.parseInt(ref, 36)
}

function* batches(refs: readonly Ref[]): Generator<Ref[]> {
  let batch: Ref[] = []
  let bytes = 0
  for (const ref of refs) {
    const size = Number(ref.split(':')[2])
    if (batch.length === BULK_KEYS || (batch.length > 0 && bytes + size > BULK_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(ref)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
