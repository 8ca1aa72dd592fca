import type { JsonValue } from '../../json.ts'
import type { Row } from './records.ts'

interface Sizes {
  /** Records on a page when the request does not say. @default 100 */
  pageSize?: number
  /** Pages have no more, whatever is asked for, as servers cap them. @default no limit */
  maxPageSize?: number
  /** The query parameter for the size of the page. @default 'limit' */
  limitParam?: string
}

/** `?offset=100&limit=50`. Records that are removed or inserted move the pages behind them. */
export interface MockOffset extends Sizes {
  type: 'offset'
  /** @default 'offset' */
  offsetParam?: string
  /** Where the number of records goes; `null`: it is not told. @default 'total' */
  totalPath?: string | null
}

/** `?page=2`. Pages move as with `offset`. */
export interface MockPageNumber extends Sizes {
  type: 'page_number'
  /** The number of the first page. @default 0 */
  basePage?: number
  /** @default 'page' */
  pageParam?: string
  /** Where the number of *pages* goes; `null`: it is not told. @default 'total' */
  totalPath?: string | null
}

/** `?cursor=c100`: behind the record that was the 100th to be inserted. What is removed moves nothing. */
export interface MockCursor extends Sizes {
  type: 'cursor'
  /** @default 'cursor' */
  cursorParam?: string
  /** Where the next cursor goes, `null` on the last page. @default 'cursors.next' */
  cursorPath?: string
}

/** The URL of the next page in the body: that of the request, with `after` as a cursor. */
export interface MockJsonLink extends Sizes {
  type: 'json_link'
  /** Where it goes, `null` on the last page. @default 'next' */
  nextUrlPath?: string
}

/** The same URL in a header: `Link: <https://api.example.com/items?after=c100>; rel="next"`. */
export interface MockHeaderLink extends Sizes {
  type: 'header_link'
  /** The relation. @default 'next' */
  linksNextKey?: string
}

/** All records at once. */
export interface MockSinglePage {
  type: 'single_page'
}

/** How a mocked API pages, in the words of the paginators that read it. */
export type MockPaging = MockOffset | MockPageNumber | MockCursor | MockJsonLink | MockHeaderLink | MockSinglePage

export interface Page {
  readonly rows: readonly Row[]
  /** What the body has besides the records, by its place in it. */
  readonly fields?: Readonly<Record<string, JsonValue>>
  readonly link?: string
}

/** The page that a request asks for; `undefined` when it asks for none that could be. */
export function pageOf(paging: MockPaging, url: URL, all: readonly Row[]): Page | undefined {
  if (paging.type === 'single_page') return { rows: all }
  const size = sizeOf(paging, url.searchParams)
  const start = startOf(paging, url.searchParams, all, size)
  if (!(size >= 1 && start >= 0)) return undefined
  const rows = all.slice(start, start + size)
  const last = start + size < all.length ? rows.at(-1) : undefined
  return { rows, ...describe(paging, url, { cursor: last && `c${last.nth}`, total: all.length, size }) }
}

function sizeOf({ pageSize = 100, maxPageSize = Infinity, limitParam = 'limit' }: Sizes, query: URLSearchParams) {
  return Math.min(wholeNumber(query.get(limitParam) ?? pageSize), maxPageSize)
}

type Paged = Exclude<MockPaging, MockSinglePage>

/** The index of the first record of the page; NaN when the request has something else than a place. */
function startOf(paging: Paged, query: URLSearchParams, all: readonly Row[], size: number): number {
  if (paging.type === 'offset') return wholeNumber(query.get(paging.offsetParam ?? 'offset') ?? 0)
  if (paging.type === 'page_number') {
    const { basePage = 0, pageParam = 'page' } = paging
    return (wholeNumber(query.get(pageParam) ?? basePage) - basePage) * size
  }
  const cursor = query.get(paging.type === 'cursor' ? (paging.cursorParam ?? 'cursor') : 'after')
  const after = wholeNumber(cursor === null ? 0 : cursor.replace(/^c/, ''))
  const index = all.findIndex(({ nth }) => nth > after)
  return Number.isNaN(after) ? after : index < 0 ? all.length : index
}

interface Place {
  /** Undefined on the last page. */
  readonly cursor: string | undefined
  readonly total: number
  readonly size: number
}

/** What a page says of the whole, or of the next page. */
function describe(paging: Paged, url: URL, { cursor, total, size }: Place): Pick<Page, 'fields' | 'link'> {
  switch (paging.type) {
    case 'offset':
      return totalAt(paging.totalPath, total)
    case 'page_number':
      return totalAt(paging.totalPath, Math.ceil(total / size))
    case 'cursor':
      return { fields: { [paging.cursorPath ?? 'cursors.next']: cursor ?? null } }
    case 'json_link':
      return { fields: { [paging.nextUrlPath ?? 'next']: cursor === undefined ? null : linkTo(url, cursor) } }
    case 'header_link':
      if (cursor === undefined) return {}
      return { link: `<${linkTo(url, cursor)}>; rel="${paging.linksNextKey ?? 'next'}"` }
  }
}

function totalAt(path: string | null = 'total', total: number): Pick<Page, 'fields'> {
  return path === null ? {} : { fields: { [path]: total } }
}

/** With all parameters of the request, as most APIs do: a key in the query is in the link, too. */
function linkTo(url: URL, cursor: string): string {
  const link = new URL(url)
  link.searchParams.set('after', cursor)
  return link.href
}

function wholeNumber(value: string | number): number {
  return /^\d+$/.test(String(value)) ? Number(value) : Number.NaN
}
