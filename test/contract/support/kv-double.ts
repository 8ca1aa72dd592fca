import type { KvNamespace } from '../../../adapters/cloudflare-kv.ts'

/** What happens to a put: nothing, an error before or after it takes effect, a refusal, no answer before or after. */
export type Fault = 'before' | 'after' | '429' | 'hang' | 'hang after'
export const FAULTS: readonly Fault[] = ['before', 'after', '429', 'hang', 'hang after']

interface Written {
  readonly value: string | null
  readonly at: number
  /** When each location shows it. */
  readonly shown: Map<string, number>
}

export interface KvCalls {
  gets: number
  keysRead: number
  puts: number
  deletes: number
  lists: number
}

export interface KvDouble {
  /** The namespace as it is seen from one place of the world. */
  at(location: string): KvNamespace
  /** Puts so far. */
  puts(): number
  /** What was called since the last time: KV bills each key that is read. */
  take(): KvCalls
  /** Puts of one key within a second. */
  tooFast(): number
  keys(): string[]
}

/**
 * KV as it may behave at its worst: each location shows a change after up to `staleMs` of its own, in any order, the
 * one that wrote it too, and remembers for a minute that a key was absent. A key takes one write a second.
 */
export function kvDouble(options: {
  now(): number
  random(): number
  staleMs?: number
  fault?(put: number): Fault | undefined
}): KvDouble {
  const { now, random, staleMs = 0, fault } = options
  const history = new Map<string, Written[]>()
  const absentUntil = new Map<string, number>()
  let puts = 0
  let tooFast = 0
  const none = (): KvCalls => ({ gets: 0, keysRead: 0, puts: 0, deletes: 0, lists: 0 })
  let calls = none()

  const write = (key: string, value: string | null) => {
    history.set(key, [...(history.get(key) ?? []), { value, at: now(), shown: new Map() }])
  }
  const read = (location: string, key: string): string | null => {
    if ((absentUntil.get(`${location} ${key}`) ?? 0) > now()) return null
    const visible = (history.get(key) ?? []).filter(({ at, shown }) => {
      const from = shown.get(location) ?? at + random() * staleMs
      shown.set(location, from)
      return from <= now()
    })
    const value = visible.at(-1)?.value ?? null
    if (value === null && staleMs > 0) absentUntil.set(`${location} ${key}`, now() + 60_000)
    return value
  }
  return {
    at: (location) => ({
      async get(keys) {
        calls.gets++
        calls.keysRead += keys.length
        if (keys.length > 100) throw new Error('KV GET_BULK failed: 400 You can request a maximum of 100 keys')
        const found = new Map(keys.map((key) => [key, read(location, key)]))
        let bytes = 0
        for (const value of found.values()) bytes += bytesOf(value ?? '')
        if (bytes > 25 << 20) throw new Error('KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB')
        return found
      },
      async put(key, value) {
        if (bytesOf(key) > 512) throw new Error('KV PUT failed: 414 UTF-8 encoded length exceeds key limit')
        if (value.length > 25 << 20) throw new Error('KV PUT failed: 413 Value length exceeds limit of 26214400')
        puts++
        calls.puts++
        const kind = fault?.(puts)
        if (kind === '429') throw new Error('KV PUT failed: 429 Too Many Requests')
        if (kind === 'before') throw new Error('KV PUT failed: 500 Internal Server Error')
        if (kind === 'hang') return new Promise<void>(() => {})
        if (now() - (history.get(key)?.at(-1)?.at ?? 0) < 1000) {
          tooFast++
          throw new Error('KV PUT failed: 429 Too Many Requests')
        }
        write(key, typeof value === 'string' ? value : new TextDecoder().decode(value))
        if (kind === 'after') throw new Error('KV PUT failed: 503 Service Unavailable')
        if (kind === 'hang after') return new Promise<void>(() => {})
      },
      async delete(key) {
        calls.deletes++
        write(key, null)
      },
      async list({ prefix, cursor }) {
        calls.lists++
        const keys = [...history.keys()].filter((key) => key.startsWith(prefix) && read(location, key) !== null).sort()
        const rest = keys.filter((key) => cursor === undefined || key > cursor)
        const page = rest.slice(0, 1000)
        const last = page.at(-1)
        const more = rest.length > 1000 && last !== undefined
        return { keys: page.map((name) => ({ name })), list_complete: !more, ...(more && { cursor: last }) }
      },
    }),
    puts: () => puts,
    take() {
      const taken = calls
      calls = none()
      return taken
    },
    tooFast: () => tooFast,
    keys: () => [...history.keys()].filter((key) => (history.get(key)?.at(-1)?.value ?? null) !== null),
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text).length
