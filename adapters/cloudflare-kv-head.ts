import { type Calls, uniqueId, type Version } from '../src/store/index.ts'

/** The binding of a KV namespace: what is used of it. */
export interface KvNamespace {
  get(keys: string[], type: 'text'): Promise<Map<string, string | null>>
  put(key: string, value: string | Uint8Array, options?: { expirationTtl?: number }): Promise<void>
  delete(key: string): Promise<void>
  list(options: { prefix: string; cursor?: string }): Promise<{
    keys: { name: string }[]
    list_complete: boolean
    cursor?: string
  }>
}

/**
 * A place for small values that is read as it was written last, and compares and swaps: R2 (`r2Heads`), D1, a Durable
 * Object. It makes commits safe that KV alone cannot make safe.
 */
export interface HeadStore {
  get(key: string): Promise<{ value: string; version: string } | undefined>
  /**
   * Stores the value if the newest version still is `expect` (`undefined`: there is none), and returns the new version;
   * else returns `undefined` and changes nothing. A version never comes again, not even for an equal value.
   */
  put(key: string, value: string, expect: string | undefined): Promise<string | undefined>
  delete(key: string): Promise<void>
}

/** The head, wherever it is. */
export interface Head {
  get(): Promise<{ value: string; version: Version } | undefined>
  put(value: string, expect: Version | undefined): Promise<Version | undefined>
  delete(): Promise<void>
}

export function headIn(heads: HeadStore, key: string, calls: Calls): Head {
  return {
    get: () => calls.run(() => heads.get(key)),
    // Not repeated: whether it got through can then not be told from another writer's commit.
    put: (value, expect) => calls.once(() => heads.put(key, value, expect)),
    delete: () => calls.run(() => heads.delete(key)),
  }
}

/** How long KV may show what was there before, with a good margin. */
const DROPPED_S = 86_400

/**
 * A version begins with its time. So what is older than what was seen already is known for a stale view, and a head that
 * was dropped is one, too, for as long as anyone may see an older one.
 */
export function headInKv(kv: KvNamespace, key: string, calls: Calls): Head {
  let last: { value: string | undefined; version: Version } | undefined
  const timeOf = (version: Version | undefined) => Number.parseInt(version ?? '0', 10)

  async function newest(): Promise<typeof last> {
    const text = (await calls.run(() => kv.get([key], 'text'))).get(key)
    if (typeof text === 'string') {
      const line = text.indexOf('\n')
      const [version = '', dropped] = text.slice(0, line).split(' ')
      if (timeOf(version) >= timeOf(last?.version)) {
        last = { version, value: dropped === undefined ? text.slice(line + 1) : undefined }
      }
    }
    return last
  }

  async function put(value: string | undefined): Promise<Version> {
    const version = `${Math.max(Math.floor(calls.ports.now()), timeOf(last?.version) + 1)}-${uniqueId()}`
    const text = `${version}${value === undefined ? ' dropped' : ''}\n${value ?? ''}`
    // Whether a put that failed has got through, reading would not tell: it is done again, with the same content.
    await calls.run(() => kv.put(key, text, value === undefined ? { expirationTtl: DROPPED_S } : {}))
    last = { value, version }
    return version
  }

  const current = async () => {
    const found = await newest()
    return found?.value === undefined ? undefined : { value: found.value, version: found.version }
  }
  return {
    get: current,
    put: async (value, expect) => ((await current())?.version === expect ? put(value) : undefined),
    delete: async () => {
      if ((await current()) !== undefined) await put(undefined)
    },
  }
}
