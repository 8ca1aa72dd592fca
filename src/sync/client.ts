import type { ClientConfig } from '../config/client.ts'
import type { EndpointConfig } from '../config/endpoint.ts'
import { buildRequest } from '../config/request.ts'
import { resolveConfig } from '../config/resolve.ts'
import { createHttpClient, type HttpClient } from '../http/client.ts'
import type { HttpResponse } from '../http/request.ts'
import type { JsonValue } from '../json.ts'
import { resolvePorts } from '../ports.ts'
import { emptyReport } from '../report.ts'
import { meterFor } from './budget.ts'
import { openWindow } from './incremental.ts'
import { lookupFor } from './lookup.ts'
import type { RunOptions } from './options.ts'
import { type PageReader, type PagingState, readPage, startPaging } from './paging.ts'

/** One page of one endpoint. */
export interface EndpointPage {
  /** From 1. */
  readonly page: number
  readonly records: JsonValue[]
  /** Records that the API says there are in all. */
  readonly total?: number
}

/** Requests to one API, with its auth, retries, limits and origin rules, and without a store. */
export interface Client {
  /** One request; its parsed body, `undefined` for 204. Throws a `SynclineError` for a status of 400 or more. */
  request(endpoint: string | EndpointConfig, options?: RunOptions): Promise<JsonValue | undefined>
  /** All pages of one endpoint, as they are read. */
  paginate(endpoint: string | EndpointConfig, options?: RunOptions): AsyncGenerator<EndpointPage>
}

/**
 * A client for one API: what `sync` uses underneath. Its requests share one rate limit and one retry budget.
 *
 * @example
 * const client = createClient({ baseUrl: 'https://api.example.com', auth: { type: 'bearer', token: () => env.TOKEN } })
 * for await (const { records } of client.paginate({ path: '/v1/calls', paginator: { type: 'offset', limit: 100 } })) {
 *   console.log(records.length)
 * }
 */
export function createClient(client: ClientConfig, options: Pick<RunOptions, 'ports'> = {}): Client {
  const ports = resolvePorts(options.ports)
  let shared: HttpClient | undefined

  function open(endpoint: string | EndpointConfig, { signal, onEvent }: RunOptions): PageReader {
    const { client: resolved, resources } = resolveConfig({
      name: 'client',
      client,
      resources: [{ name: 'endpoint', endpoint }],
    })
    const [resource] = resources
    if (resource === undefined) throw new TypeError('a config with one resource has one resource')
    shared ??= createHttpClient(resolved, ports)
    const { incremental } = resource.endpoint
    const window = incremental === undefined ? {} : openWindow(incremental, undefined)
    return {
      http: shared,
      endpoint: resource.endpoint,
      request: buildRequest(resolved, resource, lookupFor(resource, {}, window)),
      primaryKey: [],
      meter: meterFor('endpoint', emptyReport(), undefined, onEvent),
      signal,
    }
  }

  return {
    async request(endpoint, options = {}) {
      const reader = open(endpoint, options)
      const { auth, responseActions: actions } = reader.endpoint
      const response: HttpResponse = await reader.http.send(reader.request, { ...reader, auth, actions })
      return response.body
    },
    async *paginate(endpoint, options = {}) {
      const reader = open(endpoint, options)
      for (let paging: PagingState | undefined = startPaging(reader.endpoint), page = 1; paging !== undefined; page++) {
        const { records, next, total }: Awaited<ReturnType<typeof readPage>> = await readPage(reader, paging)
        yield { page, records: [...records], ...(total !== undefined && { total }) }
        paging = next
      }
    },
  }
}
