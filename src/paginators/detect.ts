import { linkTarget } from '../http/link-header.ts'
import type { JsonValue } from '../json.ts'
import { findRecordsPath, type Member, membersOf } from '../select/auto.ts'
import type { CursorOptions } from './options/cursor.ts'
import type { HeaderLinkOptions } from './options/header-link.ts'
import type { JsonLinkOptions } from './options/json-link.ts'
import type { OffsetOptions } from './options/offset.ts'
import type { PageNumberOptions } from './options/page-number.ts'
import type { SinglePageOptions } from './options/single-page.ts'
import type { Page } from './paginator.ts'

export type Detected =
  | HeaderLinkOptions
  | JsonLinkOptions
  | PageNumberOptions
  | CursorOptions
  | OffsetOptions
  | SinglePageOptions

/**
 * What the first page tells about how the API pages: a link in the header, a link in the body, a number of pages, a
 * cursor, an offset with a limit; the first of these counts. All but the links are guesses, since a page does not say
 * how the parameters are called or whether pages count from 0.
 */
export function detectPaginator({ headers, body = null, url }: Pick<Page, 'headers' | 'body' | 'url'>): Detected {
  if (linkTarget(headers.get('link') ?? '', 'next', url)) return { type: 'header_link' }
  const members = [...membersOf(body)]
  const link = members.find(isNextLink)
  if (link) return { type: 'json_link', nextUrlPath: link.path }
  // A number in a lone record may be anything: the `pages` of a book.
  if (findRecordsPath(body) === '$') return { type: 'single_page' }
  const pages = members.find(({ key, value }) => TOTAL_PAGES.test(key) && isCount(value))
  if (pages) return { type: 'page_number', totalPath: pages.path }
  const cursor = members.find(isCursor)
  return cursor ? cursorOf(cursor, members) : (offsetOf(members) ?? { type: 'single_page' })
}

/** The number of the first page, where the body tells it. */
export function firstPageOf(body: JsonValue): 0 | 1 | undefined {
  const at = [...membersOf(body)].find(({ key, value }) => CURRENT_PAGE.test(key) && isCount(value))?.value
  return at === 0 || at === 1 ? at : undefined
}

/** The offset of the first page, as the body tells it: it is there, or no offset would have been detected. */
export function firstOffsetOf(body: JsonValue, { offsetParam = 'offset' }: OffsetOptions): number {
  return Number([...membersOf(body)].find(({ key, value }) => key === offsetParam && isCount(value))?.value)
}

/** Whether the page says that it is not all there is: a total beyond its records, or that there are more. */
export function saysMore({ body = null, count }: Pick<Page, 'body' | 'count'>): boolean {
  if (findRecordsPath(body) === '$') return false
  return [...membersOf(body)].some(
    ({ key, value }) => (HAS_MORE.test(key) && value === true) || (TOTAL.test(key) && isCount(value) && value > count),
  )
}

const NEXT = /^(?:@?odata\.|@)?next/i
const CURSOR = /^next(?:[_-]?(?:page|cursor|token|offset|start|key|id|marker|after|continuation))*$/i
const TOTAL_PAGES = /^(?:(?:total|num)_?pages|pages|page_?count|last_?page)$/i
const CURRENT_PAGE = /^(?:(?:current_?)?page|page_?(?:number|index|no)|number)$/i
const OFFSET = /^(?:offset|skip|start(?:_?(?:at|index))?)$/i
const LIMIT = /^(?:limit|take|count|size|rows|(?:max_?|page_?|per_?)(?:results|size|page|items))$/i
const TOTAL = /^total(?:_?(?:count|items|results|records|rows|hits|size|elements))?$/i
const HAS_MORE = /^has_?more$/i

function isCount(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isNextLink({ key, value, within }: Member): boolean {
  const named = NEXT.test(key) || (NEXT.test(within) && /^(?:href|url|uri|link)$/i.test(key))
  return named && !/cursor|token/i.test(key) && typeof value === 'string' && /^(?:https?:\/\/|[/?])/i.test(value)
}

function isCursor({ key, value }: Member): boolean {
  // Not only text and numbers: an integer beyond 2^53 comes as a `bigint`.
  return CURSOR.test(key) && Boolean(value) && value !== true && typeof value !== 'object'
}

/** `next_page_token` comes back as `page_token`, `next` and `next_cursor` as `cursor`. */
function cursorOf({ key, path }: Member, members: Member[]): CursorOptions {
  const rest = key.replace(/^next[_-]?/i, '')
  const param = key.startsWith('next') ? rest.charAt(0).toLowerCase() + rest.slice(1) : rest
  const more = members.find((each) => HAS_MORE.test(each.key) && typeof each.value === 'boolean')
  return {
    type: 'cursor',
    cursorPath: path,
    ...(param !== '' && param !== 'cursor' && { cursorParam: param }),
    ...(more && { hasMorePath: more.path }),
  }
}

function offsetOf(members: Member[]): OffsetOptions | undefined {
  for (const { key, value, siblings } of members) {
    if (!OFFSET.test(key) || !isCount(value)) continue
    const near = members.filter((each) => each.siblings === siblings)
    const limit = near.find((each) => LIMIT.test(each.key) && isCount(each.value) && each.value > 0)
    if (limit === undefined) continue
    const total = [...near, ...members].find((each) => TOTAL.test(each.key) && isCount(each.value))
    return {
      type: 'offset',
      limit: Number(limit.value),
      ...(key !== 'offset' && { offsetParam: key }),
      ...(limit.key !== 'limit' && { limitParam: limit.key }),
      totalPath: total?.path ?? null,
    }
  }
  return undefined
}
