import type { JsonObject } from '../../src/json.ts'
import { type FakeServer, fakeServer, json, type Reply, type SeenRequest } from './server.ts'

export interface FakeApi extends FakeServer {
  /** The rows behind each path, in the order in which they are served. Change them as the source would. */
  readonly tables: Record<string, JsonObject[]>
  /** Asked first: a reply stands in for the real answer. Set it to inject faults. */
  fault: (request: SeenRequest, index: number) => Reply | undefined
  /** Requests since the last call of this function, as `path?offset` strings. */
  log(): string[]
}

/**
 * An API that pages by `offset` and `limit` and answers `{ data, total }`. `since` filters by `updated_at`, inclusively.
 *
 * @example
 * const api = fakeApi({ '/items': [{ id: 1 }, { id: 2 }] })
 */
export function fakeApi(tables: Record<string, JsonObject[]>): FakeApi {
  let logged = 0
  const server = fakeServer((request) => api.fault(request, server.requests.length - 1) ?? answer(request))
  const api: FakeApi = {
    ...server,
    tables,
    fault: () => undefined,
    log() {
      const fresh = server.requests.slice(logged)
      logged = server.requests.length
      return fresh.map(({ url, query }) => `${new URL(url).pathname}?${query.offset ?? ''}`)
    },
  }
  function answer({ url, query }: SeenRequest): Response {
    const rows = tables[new URL(url).pathname]
    if (rows === undefined) return json({ error: 'not found' }, { status: 404 })
    const since = typeof query.since === 'string' ? query.since : ''
    const asked = rows.filter((row) => since === '' || String(row.updated_at) >= since)
    const [offset, limit] = [Number(query.offset ?? 0), Number(query.limit ?? 100)]
    return json({ data: asked.slice(offset, offset + limit), total: asked.length })
  }
  return api
}

/** `count` rows with ids from 1, each with its own `updated_at`. */
export function manyRows(count: number, from = 1): JsonObject[] {
  return Array.from({ length: count }, (_, index) => ({
    id: from + index,
    name: `row ${from + index}`,
    updated_at: new Date(Date.UTC(2024, 0, 1) + (from + index) * 1000).toISOString(),
  }))
}
