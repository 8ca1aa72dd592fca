import { SynclineError } from '../../../src/errors.ts'
import type { RequestSpec } from '../../../src/http/request.ts'
import type { JsonObject, JsonValue } from '../../../src/json.ts'
import { createPaginator } from '../../../src/paginators/create.ts'
import type { PaginatorConfig } from '../../../src/paginators/index.ts'
import type { Next } from '../../../src/paginators/paginator.ts'
import { findRecordsPath } from '../../../src/select/auto.ts'
import { selectorOf } from '../../../src/select/select.ts'

/** What the server answers; `url` is the page's own where it differs from the request's. */
export interface Reply {
  body?: JsonValue
  headers?: Record<string, string>
  url?: string
  headersHidden?: true
  /** An error, in place of a page. */
  status?: number
}

export interface Drive {
  /** Every request, as `GET /items?page=2` or `POST /items {"page":2}`. */
  requests: string[]
  records: JsonValue[]
  end: 'complete' | 'capped' | 'unproved' | undefined
}

export const itemsRequest: RequestSpec = {
  method: 'GET',
  url: 'https://api.example.com/items',
  params: {},
  headers: {},
  pathTemplate: '/items',
}

/**
 * Runs a paginator against a server that is a function, as the engine would, with the state written to JSON and read
 * again before every request. Errors come through; more than `most` requests are one.
 */
export async function drive(
  config: PaginatorConfig,
  server: (request: RequestSpec, index: number, query: URLSearchParams) => Reply,
  { request = itemsRequest, selector = undefined as string | undefined, most = 30 } = {},
): Promise<Drive> {
  const paginator = await createPaginator(config)
  const result: Drive = { requests: [], records: [], end: undefined }
  const before = JSON.stringify(request)
  let records = selector === undefined ? undefined : selectorOf(selector)
  let next: Next = { next: paginator.start() }
  while ('next' in next) {
    const state = JSON.parse(JSON.stringify(next.next)) as JsonObject
    const applied = paginator.apply(request, state)
    const url = urlOf(applied)
    if (result.requests.length === most) throw new Error(`more than ${most} requests`)
    const reply = server(applied, result.requests.length, url.searchParams)
    result.requests.push(show(applied, url))
    if (reply.status !== undefined) {
      const error = new SynclineError('http_status', 'the API answered with an error', { status: reply.status })
      throw paginator.refused?.(error, state) ?? error
    }
    const { body } = reply
    if (body !== undefined) records ??= selectorOf(findRecordsPath(body))
    const found = (body !== undefined && records?.(body)) || []
    const page = { status: body === undefined ? 204 : 200, headers: new Headers(reply.headers), body, request: applied }
    const hidden = reply.headersHidden && { headersHidden: true }
    const key = (index: number) => JSON.stringify(found[index])
    next = paginator.next({ ...page, ...hidden, key, count: found.length, url: reply.url ?? url.href }, state)
    if (!('next' in next && next.discard)) result.records.push(...found.slice(next.skip ?? 0))
  }
  result.end = next.end
  if (JSON.stringify(request) !== before) throw new Error('the given request was changed')
  return result
}

/** Pages one after another; when there are no more, empty ones with what the last page says besides its records. */
export function scripted(pages: JsonObject[]): (request: RequestSpec, index: number) => Reply {
  return (_, index) => ({ body: pages[index] ?? { ...pages.at(-1), data: [] } })
}

function urlOf(request: RequestSpec): URL {
  const url = new URL(request.url)
  for (const [name, value] of Object.entries(request.params)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== null) url.searchParams.append(name, String(each))
  }
  return url
}

function show({ method, json }: RequestSpec, url: URL): string {
  const origin = url.origin === 'https://api.example.com' ? '' : url.origin
  return `${method} ${origin}${url.pathname}${url.search}${json === undefined ? '' : ` ${JSON.stringify(json)}`}`
}
