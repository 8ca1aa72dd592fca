import { buildRequest } from '../../config/request.ts'
import type { ResolvedSource, Resource } from '../../config/resolved.ts'
import { createHttpClient, type HttpClient } from '../../http/client.ts'
import type { JsonValue } from '../../json.ts'
import { createPaginator } from '../../paginators/create.ts'
import type { Ports } from '../../ports.ts'
import { emptyReport } from '../../report.ts'
import { openWindow } from '../incremental/incremental.ts'
import { lookupFor } from '../incremental/lookup.ts'
import { meterFor } from '../run/budget.ts'
import type { RunOptions } from '../run/options.ts'
import { type PageReader, type PagingState, readPage, startPaging } from './paging.ts'

/** One page of one endpoint. */
export interface EndpointPage {
  /** From 1. */
  readonly page: number
  readonly records: JsonValue[]
  /** Records that the API says there are in all. */
  readonly total?: number
}

/** What the requests of one client share: its rate limit and its retry budget. */
export class EndpointReader {
  readonly #ports: Ports
  #http: HttpClient | undefined

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** One request; its parsed body. `source` has the endpoint as its only resource. */
  async request(source: ResolvedSource, options: RunOptions): Promise<JsonValue | undefined> {
    const reader = await this.#open(source, options)
    const { auth, responseActions: actions, parse } = reader.endpoint
    const { body } = await reader.http.send(reader.request, { ...reader, auth, actions, parse })
    return body
  }

  async *pages(source: ResolvedSource, options: RunOptions): AsyncGenerator<EndpointPage> {
    const reader = await this.#open(source, options)
    for (let paging: PagingState | undefined = startPaging(reader), page = 1; paging !== undefined; page++) {
      const { records, next, total }: Awaited<ReturnType<typeof readPage>> = await readPage(reader, paging)
      yield { page, records: [...records], ...(total !== undefined && { total }) }
      paging = next
    }
  }

  async #open({ client, resources }: ResolvedSource, { signal, onEvent }: RunOptions): Promise<PageReader> {
    const [resource] = resources as readonly [Resource]
    this.#http ??= createHttpClient(client, this.#ports)
    const { incremental } = resource.endpoint
    const window = incremental === undefined ? {} : openWindow(incremental, undefined)
    return {
      http: this.#http,
      endpoint: resource.endpoint,
      paginator: await createPaginator(resource.endpoint.paginator),
      request: buildRequest(client, resource, lookupFor(resource, {}, window)),
      primaryKey: [],
      meter: meterFor('endpoint', emptyReport(), undefined, onEvent),
      signal,
    }
  }
}
