import { HttpResponse, http, type RequestHandler } from 'msw'
import type { Database } from './database.ts'
import type { Faults } from './faults.ts'
import { iso, TABLES, type TableName } from './tables.ts'

/** One request, without its key. */
export interface LogEntry {
  path: string
  offset: number
  limit: number
  updatedSince: string | undefined
  status: number
  rows: number
}

export interface Backend {
  database: Database
  faults: Faults
  log: LogEntry[]
  apiKey: string
  latencyMs: number
  driftEvery: number | undefined
}

const DEFAULT_LIMIT = 100
const LARGEST_LIMIT = 1_000

/**
 * `GET /v1/{table}?offset&limit&updated_since` answers `{ data, total, offset, limit }`, `GET /v1/{table}/{id}` one
 * record, `GET /v1/customers/{id}/messages` a list of one customer's. All want `api_key` in the query.
 */
export function createHandlers(backend: Backend): RequestHandler[] {
  const { database } = backend
  return [
    http.get('*/v1/customers/:id/messages', ({ request, params }) =>
      answer(backend, request, (query) => list(backend, 'messages', query, String(params.id))),
    ),
    http.get('*/v1/:table/:id', ({ request, params }) =>
      answer(backend, request, () => {
        const row = isTable(params.table) ? database.find(params.table, String(params.id)) : undefined
        return row === undefined ? refuse(404, 'not_found') : { response: HttpResponse.json(row), rows: 1 }
      }),
    ),
    http.get('*/v1/:table', ({ request, params }) =>
      answer(backend, request, (query) =>
        isTable(params.table) ? list(backend, params.table, query) : refuse(404, 'not_found'),
      ),
    ),
  ]
}

interface Answer {
  response: Response
  rows: number
}

/** What every route does: wait, fail where it is due, check the key, and keep a record. */
async function answer(backend: Backend, request: Request, run: (query: URLSearchParams) => Answer): Promise<Response> {
  const { pathname, searchParams: query } = new URL(request.url)
  const key = query.get('api_key')
  query.delete('api_key')
  const offset = Number(query.get('offset') ?? 0)
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT)
  if (backend.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, backend.latencyMs))
  const fault = backend.faults.take({ path: pathname, identity: `${pathname}?${query}`, offset })
  const { response, rows } =
    fault !== undefined
      ? { response: fault, rows: 0 }
      : key === backend.apiKey
        ? run(query)
        : refuse(401, 'api_key_missing_or_wrong')
  const updatedSince = query.get('updated_since') ?? undefined
  backend.log.push({ path: pathname, offset, limit, updatedSince, status: response.status, rows })
  return response
}

function list(backend: Backend, table: TableName, query: URLSearchParams, customer?: string): Answer {
  const offset = wholeNumber(query.get('offset') ?? '0')
  const limit = wholeNumber(query.get('limit') ?? String(DEFAULT_LIMIT))
  const since = Date.parse(query.get('updated_since') ?? iso(0))
  if (offset === undefined || limit === undefined || limit === 0) return refuse(400, 'offset_or_limit_invalid')
  if (Number.isNaN(since)) return refuse(400, 'updated_since_invalid')
  const updatedSince = since > 0 ? iso(since) : undefined
  const capped = Math.min(limit, LARGEST_LIMIT)
  const { data, total } = backend.database.list(table, { offset, limit: capped, updatedSince, customer })
  if (offset > 0) drift(backend, table)
  return { response: HttpResponse.json({ data, total, offset, limit: capped }), rows: data.length }
}

/** The first row of a list that is being read goes: what follows moves up by one under the reader. */
function drift({ driftEvery, log, database }: Backend, table: TableName): void {
  if (driftEvery === undefined || (log.length + 1) % driftEvery !== 0) return
  const first = database.list(table, { offset: 0, limit: 1 }).data[0]
  if (first !== undefined) database.remove(table, first.id)
}

function refuse(status: number, error: string): Answer {
  return { response: HttpResponse.json({ error }, { status }), rows: 0 }
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function isTable(name: unknown): name is TableName {
  return TABLES.some((table) => table === name)
}
