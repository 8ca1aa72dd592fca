import { SynclineError } from '../../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json.ts'
import { type MockPaging, type Page, pageOf } from './paging.ts'
import type { RecordTable, Row } from './records.ts'

/** One path of a mocked API. */
export interface MockResource {
  /** In the order in which they are served. They are copied. */
  records: readonly JsonObject[]
  /** @default { type: 'single_page' } */
  paging?: MockPaging
  /** Where the records are in the body; `null`: the body is the list, without room for more. @default 'data' */
  dataPath?: string | null
  /**
   * The query parameter that asks for records whose `field` is at its value or above. Instants are compared as instants,
   * numbers as numbers, all else as text.
   */
  filter?: { param: string; field: string }
  /**
   * For each placeholder of the path, the field of the records that must be equal to it, as text: `{ id: 'item_id' }`
   * for `/items/:id/parts`. A placeholder that is not named here selects nothing: all parents have the same records.
   */
  where?: Readonly<Record<string, string>>
}

/** What a URL may hold: msw gives a list for repeated placeholders. */
export type PathParams = Readonly<Record<string, string | readonly string[] | undefined>>

export function checkResource(path: string, { paging, dataPath }: MockResource): void {
  if (dataPath !== null || (paging?.type !== 'cursor' && paging?.type !== 'json_link')) return
  throw new SynclineError('config_invalid', `a body that is a list has no room for the paging of ${paging.type}`, {
    path: `resources["${path}"].dataPath`,
    hint: 'Leave dataPath out, or page by header_link.',
  })
}

/** The page that was asked for, or 400. */
export function respond(resource: MockResource, table: RecordTable, url: URL, params: PathParams): Response {
  const page = pageOf(resource.paging ?? { type: 'single_page' }, url, select(resource, table.rows(), url, params))
  if (page === undefined) return Response.json({ error: 'There is no such page.' }, { status: 400 })
  return Response.json(bodyOf(page, resource.dataPath), page.link === undefined ? {} : { headers: { link: page.link } })
}

function select({ filter, where = {} }: MockResource, rows: readonly Row[], url: URL, params: PathParams) {
  const since = filter && url.searchParams.get(filter.param)
  return rows.filter(
    ({ record }) =>
      Object.entries(where).every(([name, field]) => String(record[field]) === params[name]) &&
      (!filter || !since || isAtLeast(record[filter.field], since)),
  )
}

function isAtLeast(value: JsonValue | undefined, since: string): boolean {
  if (value === null || value === undefined) return false
  if (typeof value === 'number') return value >= Number(since)
  const [left, right] = [instant(String(value)), instant(since)]
  return Number.isNaN(left - right) ? String(value) >= since : left >= right
}

function instant(text: string): number {
  return /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN
}

function bodyOf({ rows, fields = {} }: Page, dataPath: string | null = 'data'): JsonValue {
  const records = rows.map(({ record }) => record)
  if (dataPath === null) return records
  const body: JsonObject = {}
  for (const [path, value] of Object.entries({ [dataPath]: records, ...fields })) place(body, path.split('.'), value)
  return body
}

function place(body: JsonObject, [name = '', ...inner]: string[], value: JsonValue): void {
  if (inner.length === 0) {
    body[name] = value
    return
  }
  const found = body[name]
  const outer = isJsonObject(found) ? found : {}
  body[name] = outer
  place(outer, inner, value)
}
