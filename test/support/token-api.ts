import type { JsonObject } from '../../src/json.ts'
import { type FakeServer, fakeServer, json, type Reply, type SeenRequest } from './server.ts'

/** A source that remembers when each of its rows changed, and gives out a token with the last page. */
export interface TokenApi extends FakeServer {
  /** Adds a row, or changes it. */
  put(row: JsonObject, path?: string): void
  /** Removes a row. What changes it brings does not tell. */
  remove(id: number, path?: string): void
  /** Tokens from before now are not taken any more, and answered with `refusal`. */
  expire(path?: string): void
  refusal: number
  /** Asked first: a reply stands in for the real answer. */
  fault: (request: SeenRequest) => Reply | undefined
  rows(path?: string): JsonObject[]
  /** What was asked since the last call: `path token page`. */
  log(): string[]
}

/** `?token=t3` brings what has changed since `t3`, three rows a page: `{ data, next_page }`, and `next_token` at the end. */
export function tokenApi(tables: Record<string, JsonObject[]>, path = '/items'): TokenApi {
  const sources = new Map<string, { rows: Map<number, JsonObject & { v: number }>; version: number; oldest: number }>()
  for (const [name, rows] of Object.entries(tables)) {
    const stored = rows.map((row) => [Number(row.id), { ...row, v: 1 }] as const)
    sources.set(name, { rows: new Map(stored), version: 1, oldest: 0 })
  }
  const sourceOf = (name: string) => {
    const found = sources.get(name)
    if (found === undefined) throw new Error(`no ${name}`)
    return found
  }
  let logged = 0
  const server = fakeServer((request) => api.fault(request) ?? answer(request))
  function answer({ url, query }: SeenRequest): Response {
    const source = sources.get(new URL(url).pathname)
    if (source === undefined) return json({ error: 'not found' }, { status: 404 })
    const since = Number(String(query.token ?? 't0').slice(1))
    if (query.token !== undefined && since < source.oldest) return json({ error: 'gone' }, { status: api.refusal })
    const changed = [...source.rows.values()].filter(({ v }) => v > since).sort((a, b) => Number(a.id) - Number(b.id))
    const at = Number(query.page ?? 0)
    const data = changed.slice(at, at + 3).map(({ v: _, ...row }) => row)
    if (at + 3 < changed.length) return json({ data, next_page: String(at + 3) })
    return json({ data, next_token: `t${source.version}` })
  }
  const api: TokenApi = {
    ...server,
    refusal: 410,
    fault: () => undefined,
    put(row, name = path) {
      const source = sourceOf(name)
      source.rows.set(Number(row.id), { ...row, v: ++source.version })
    },
    remove(id, name = path) {
      const source = sourceOf(name)
      source.version++
      source.rows.delete(id)
    },
    expire(name = path) {
      const source = sourceOf(name)
      source.oldest = ++source.version
    },
    rows: (name = path) => [...sourceOf(name).rows.values()].map(({ v: _, ...row }) => row),
    log() {
      const fresh = server.requests.slice(logged)
      logged = server.requests.length
      return fresh.map(({ url, query }) => `${new URL(url).pathname} ${query.token ?? '-'} ${query.page ?? 0}`)
    },
  }
  return api
}
