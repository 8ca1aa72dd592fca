import { linkTarget } from '../http/link-header.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { findRecordsPath, type Member, membersOf } from '../select/auto.ts'
import { firstMatch } from '../select/path.ts'
import type { CursorOptions } from './options/cursor.ts'
import type { HeaderCursorOptions } from './options/header-cursor.ts'
import type { HeaderLinkOptions } from './options/header-link.ts'
import type { JsonLinkOptions } from './options/json-link.ts'
import type { OffsetOptions } from './options/offset.ts'
import type { PageNumberOptions } from './options/page-number.ts'
import type { SinglePageOptions } from './options/single-page.ts'
import type { Page } from './paginator.ts'
import {
  CURRENT_PAGE,
  countOf,
  cursorParam,
  findCount,
  headersSayMore,
  isNamelessNext,
  isNextLink,
  LIMIT,
  moreOf,
  nextHeader,
  OFFSET,
  PAGES,
  plain,
  totalOf,
} from './signs.ts'

export type Detected =
  | HeaderLinkOptions
  | JsonLinkOptions
  | HeaderCursorOptions
  | PageNumberOptions
  | CursorOptions
  | OffsetOptions
  | SinglePageOptions

type Response = Pick<Page, 'headers' | 'body' | 'url'>

/**
 * What the first page tells about how the API pages: a link in the header or the body, a cursor in a header, one in the
 * body that is no number, a number of pages, any other cursor, the number of this page, an offset; the first of these
 * counts. All but the links are guesses, since a page does not say how the parameters are called or whether pages count
 * from 0.
 */
export function detectPaginator({ headers, body = null, url }: Response): Detected {
  if (linkTarget(headers.get('link') ?? '', 'next', url)) return { type: 'header_link' }
  const members = [...membersOf(body)]
  const link = members.find(isNextLink)
  if (link) return { type: 'json_link', nextUrlPath: link.path }
  const header = nextHeader(headers)
  if (header) return { type: 'header_cursor', ...header }
  // A number in a lone record may be anything: the `pages` of a book.
  const list = findRecordsPath(body)
  if (list === '$') return { type: 'single_page' }
  const cursors = cursorsOf(members, url)
  const cursor = cursors.find(({ opaque }) => opaque)
  if (cursor) return cursor.options
  const pages = findCount(members, PAGES)
  if (pages) return { type: 'page_number', pageParam: 'page', totalPath: pages.path }
  const length = lengthAt(list, body)
  return (
    cursors[0]?.options ?? pageOf(members, list, length) ?? offsetOf(members, list, length) ?? { type: 'single_page' }
  )
}

/** The number of the first page, where the body tells it. */
export function firstPageOf(body: JsonValue): 0 | 1 | undefined {
  const at = findCount([...membersOf(body)], CURRENT_PAGE)?.count
  return at === 0 || at === 1 ? at : undefined
}

/** The offset of the first page, as the body tells it: it is there, or no offset would have been detected. */
export function firstOffsetOf(body: JsonValue, { offsetParam }: OffsetOptions): number {
  return Number(
    [...membersOf(body)].find(({ key, value }) => key === offsetParam && countOf(value) !== undefined)?.value,
  )
}

/**
 * What a config may look like where the page says that it is not all there is, but not how to get the rest; empty where
 * no options would do. `undefined`: it does not say so.
 */
export function draftOf({
  headers,
  body = null,
  count,
}: Pick<Page, 'headers' | 'body' | 'count'>): JsonObject | undefined {
  const numbered = { type: 'page_number', basePage: 1, pageParam: 'page', totalPath: null }
  if (headersSayMore(headers, count)) return numbered
  const list = findRecordsPath(body)
  if (list === '$') return undefined
  const members = [...membersOf(body)]
  const more = moreOf(members)
  if (more?.value) {
    const last = `${list}[-1].id`
    const hasMore = more.path === undefined ? {} : { hasMorePath: more.path }
    return firstMatch(last)(body) === undefined
      ? { ...numbered, ...hasMore }
      : { type: 'cursor', cursorPath: last, cursorParam: 'starting_after', ...hasMore }
  }
  const total = totalOf(members, list, count)
  if (total && total.count > count) {
    return {
      type: 'offset',
      limit: Math.max(count, 1),
      offsetParam: 'offset',
      limitParam: 'limit',
      totalPath: total.path,
    }
  }
  return members.some(isNamelessNext) ? {} : undefined
}

function cursorsOf(members: readonly Member[], url: string): { options: CursorOptions; opaque: boolean }[] {
  const more = moreOf(members)
  // What was asked for comes back in some APIs, and leads nowhere.
  const asked = new Set(new URL(url).searchParams.values())
  return members.flatMap((member) => {
    const param = asked.has(String(member.value)) ? undefined : cursorParam(member, more?.value === true)
    if (param === undefined) return []
    const hasMore = more?.path === undefined ? {} : { hasMorePath: more.path }
    const options: CursorOptions = { type: 'cursor', cursorPath: member.path, cursorParam: param, ...hasMore }
    return [{ options, opaque: countOf(member.value) === undefined }]
  })
}

/** The number of this page is a sign of others if it is full, or if the body says so. */
function pageOf(members: readonly Member[], list: string, length: number): PageNumberOptions | undefined {
  const page = findCount(members, CURRENT_PAGE)
  if (page === undefined || page.count > 1) return undefined
  const more = moreOf(members)
  const limit = findCount(near(members, page), LIMIT)?.count
  const isFull = limit !== undefined && length >= limit
  const total = totalOf(members, list, length)?.count
  if (
    more?.value === false ||
    !(more?.value || (total === undefined ? isFull : total > length || (isFull && total === length)))
  )
    return undefined
  return {
    type: 'page_number',
    pageParam: 'page',
    totalPath: null,
    ...(more?.path !== undefined && { hasMorePath: more.path }),
  }
}

function offsetOf(members: readonly Member[], list: string, length: number): OffsetOptions | undefined {
  const total = totalOf(members, list, length)
  for (const member of members) {
    const offset = OFFSET.test(plain(member.key)) ? countOf(member.value) : undefined
    if (offset === undefined) continue
    const beside = near(members, member).filter(({ value, path }) => countOf(value) !== 0 && path !== total?.path)
    const limit = findCount(beside, LIMIT)
    // Some say only how many there are, and give as many as they like.
    const given = total !== undefined && total.count > offset + length ? length : 0
    if (limit === undefined && given === 0) continue
    return {
      type: 'offset',
      limit: limit?.count ?? given,
      offsetParam: member.key,
      limitParam: limit?.key ?? 'limit',
      totalPath: total?.path ?? null,
    }
  }
  return undefined
}

function near(members: readonly Member[], { siblings }: Pick<Member, 'siblings'>): Member[] {
  return members.filter((each) => each.siblings === siblings)
}

function lengthAt(list: string, body: JsonValue): number {
  const found = firstMatch(list)(body)
  return Array.isArray(found) ? found.length : 0
}
