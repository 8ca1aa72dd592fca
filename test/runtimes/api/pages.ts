import type { JsonObject } from 'syncline'
import type { Reply, Table } from './script.ts'

/** A page of a table. `url`: the request's. */
export function pageOf({ rows, by, size = 10 }: Table, url: URL): Reply {
  const { searchParams: query } = url
  const [since, until] = [query.get('since') ?? '', query.get('until')]
  const asked = rows.filter(
    ({ updated_at = '~' }) => String(updated_at) >= since && (until === null || String(updated_at) < until),
  )
  if (by === 'none') return { json: { data: asked } }
  const limit = Number(query.get('limit') ?? size)
  const at = Number(query.get('offset') ?? query.get('cursor') ?? (Number(query.get('page') ?? 1) - 1) * limit)
  const data = asked.slice(at, at + limit)
  const next = at + limit < asked.length ? at + limit : undefined
  return by === 'header link' || by === 'header cursor'
    ? { json: data, headers: headersOf(by, url, next) }
    : { json: { data, ...hintsOf(by, url, { next, limit, total: asked.length }) } }
}

function hintsOf(
  by: Table['by'],
  url: URL,
  page: { next: number | undefined; limit: number; total: number },
): JsonObject {
  const { next, limit, total } = page
  if (by === 'offset') return { total }
  if (by === 'page') return { total: Math.ceil(total / limit) }
  if (next === undefined) return { next: null }
  return { next: by === 'link' ? nextUrl(url, next) : String(next) }
}

function headersOf(by: Table['by'], url: URL, next: number | undefined): Record<string, string> {
  if (next === undefined) return {}
  return by === 'header link' ? { link: `<${nextUrl(url, next)}>; rel="next"` } : { 'x-next': String(next) }
}

function nextUrl(url: URL, cursor: number): string {
  const next = new URL(url)
  next.searchParams.set('cursor', String(cursor))
  return next.href
}
