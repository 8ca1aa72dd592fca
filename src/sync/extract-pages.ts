import { buildRequest } from '../config/request.ts'
import type { ResolvedSource, Resource } from '../config/resolved.ts'
import { isSynclineError } from '../errors.ts'
import { createHttpClient, type HttpClient } from '../http/client.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { createPaginator } from '../paginators/create.ts'
import { resolvePorts } from '../ports.ts'
import { emptyReport } from '../report.ts'
import { firstMatch } from '../select/path.ts'
import { openWindow } from './incremental/incremental.ts'
import { lookupFor } from './incremental/lookup.ts'
import { type PageReader, type PagingState, readPage, startPaging } from './pages/paging.ts'
import { shapePage } from './rows/shape.ts'
import { meterFor } from './run/budget.ts'
import type { ExtractOptions } from './run/options.ts'
import { rootsOf, type Scope, scopeOf } from './run/scope.ts'
import { bindingsOf, fieldsOf } from './unit/children.ts'

/** Pages of all resources in the scope of the options, children after the page of their parents. */
export async function* extractPages(source: ResolvedSource, options: ExtractOptions): AsyncGenerator<ShapedRows> {
  const scope = scopeOf(source, options)
  const http = createHttpClient(source.client, resolvePorts(options.ports))
  const context: Context = { source, scope, options, http, read: new Map() }
  for (const root of rootsOf(source, scope)) yield* pagesOf(context, root, {}, {})
}

interface ShapedRows {
  readonly resource: string
  readonly page: number
  readonly rows: JsonValue[]
}

interface Context {
  readonly source: ResolvedSource
  readonly scope: Scope
  readonly options: ExtractOptions
  readonly http: HttpClient
  /** What `limit` counts, and where automatic selection has found records, by resource. */
  readonly read: Map<string, { records: number; pages: number; selector: string | undefined }>
}

/** Errors say which resource they are about. */
async function* pagesOf(context: Context, resource: Resource, ...parent: Parent): AsyncGenerator<ShapedRows> {
  try {
    yield* readPages(context, resource, ...parent)
  } catch (error) {
    if (context.options.signal?.aborted || !isSynclineError(error)) throw error
    throw error.with({ resource: resource.name })
  }
}

/** What a row of the parent gives to each request and to each row. */
type Parent = [bindings: JsonObject, fields: JsonObject]

async function* readPages(
  context: Context,
  resource: Resource,
  ...[bindings, fields]: Parent
): AsyncGenerator<ShapedRows> {
  const { source, scope, options, http, read } = context
  const { endpoint, name, primaryKey } = resource
  const { incremental } = endpoint
  const children = source.resources.filter((child) => child.parent === name && scope.active.has(child.name))
  const window = incremental === undefined ? {} : openWindow(incremental, undefined)
  const readCursor = incremental && firstMatch(incremental.cursorPath)
  const reader: PageReader = {
    resource: name,
    http,
    endpoint,
    paginator: await createPaginator(endpoint.paginator),
    primaryKey: primaryKey.filter((field) => !Object.hasOwn(fields, field)),
    request: buildRequest(source.client, resource, lookupFor(resource, bindings, window)),
    meter: meterFor(name, emptyReport(), undefined, options.onEvent),
    signal: options.signal,
  }
  const done = read.get(name) ?? { records: 0, pages: 0, selector: undefined }
  read.set(name, done)
  for (let paging: PagingState | undefined = startPaging(reader, done.selector); paging !== undefined; ) {
    const room =
      done.pages < (options.limit?.pages ?? Infinity) ? (options.limit?.records ?? Infinity) - done.records : 0
    if (room <= 0) return
    const page = await readPage(reader, paging)
    const records = page.records.slice(0, room)
    const shaped = shapePage({ resource, window, readCursor, fromParent: fields }, records)
    const rows = shaped.rows.map(({ value }) => value)
    done.records += records.length
    done.pages++
    done.selector = page.selector ?? done.selector
    options.onEvent?.({ type: 'page', resource: name, page: done.pages, received: done.records })
    if (resource.selected) yield { resource: name, page: done.pages, rows }
    for (const row of rows.filter(isJsonObject)) {
      for (const child of children) yield* pagesOf(context, child, bindingsOf(child, row), fieldsOf(child, row))
    }
    paging = shaped.outrun ? undefined : page.next
  }
}
