import { linkTarget } from '../http/link-header.ts'
import type { JsonValue } from '../json.ts'
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
  isNoNext,
  LIMIT,
  moreOf,
  nextHeader,
  OFFSET,
  PAGES,
  plain,
  SIZE,
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

/**
 * What the first page tells about how the API pages: a link in the header or the body, a cursor in a header, one in the
 * body that is no number, a number of pages, any other cursor, the number of this page, an offset; the first of these
 * counts. All but the links are guesses, since a page does not say how the parameters are called or whether pages count
 * from 0.
 */
export function detectPaginator({ headers, body = null, url }: Pick<Page, 'headers' | 'body' | 'url'>): Detected {
  if (linkTarget(headers.get('link') ?? '', 'next', url)) return { type: 'header_link' }
  const envelope = envelopeOf(body)
  const { members, list } = envelope
  const link = members.find(isNextLink)
  if (link) return { type: 'json_link', nextUrlPath: link.path }
  const header = nextHeader(headers)
  if (header) return { type: 'header_cursor', ...header }
  // A number in a lone record may be anything: the `pages` of a book.
  if (list === '$') return { type: 'single_page' }
  const cursors = cursorsOf(envelope, url)
  const text = cursors.find(({ isNumber }) => !isNumber)
  if (text) return text.options
  const pages = findCount(members, PAGES)
  if (pages) return { ...NUMBERED, totalPath: pages.path }
  return cursors[0]?.options ?? numberedOf(envelope) ?? offsetOf(envelope) ?? { type: 'single_page' }
}

/** The number of the first page, where the body tells it. */
export function firstPageOf(body: JsonValue): 0 | 1 | undefined {
  const at = findCount([...membersOf(body)], CURRENT_PAGE)?.count
  return at === 0 || at === 1 ? at : undefined
}

/** The offset of the first page, as the body tells it: it is there, or no offset would have been detected. */
export function firstOffsetOf(body: JsonValue, { offsetParam }: OffsetOptions): number {
  const members = [...membersOf(body)]
  return Number(members.find(({ key, value }) => key === offsetParam && countOf(value) !== undefined)?.value)
}

/**
 * What a config may look like where the page says that it is not all there is, but not how to get the rest; empty where
 * no options would do. `undefined`: it does not say so.
 */
export function draftOf({ headers, body = null, count }: Pick<Page, 'headers' | 'body' | 'count'>): object | undefined {
  if (headersSayMore(headers, count)) return { ...NUMBERED, basePage: 1 }
  const { members, list, more, hasMore } = envelopeOf(body)
  if (list === '$') return undefined
  if (more) {
    const last = `${list}[-1].id`
    if (firstMatch(last)(body) === undefined) return { ...NUMBERED, basePage: 1, ...hasMore }
    return { type: 'cursor', cursorPath: last, cursorParam: 'starting_after', ...hasMore }
  }
  const total = totalOf(members, list, count)
  if (total !== undefined && total.count > count) {
    const names = { offsetParam: 'offset', limitParam: 'limit' }
    return { type: 'offset', limit: Math.max(count, 1), ...names, totalPath: total.path }
  }
  return members.some(isNamelessNext) ? {} : undefined
}

/** Whether the body says that there is no more. */
export function saysNoMore(body: JsonValue): boolean {
  const { members, more } = envelopeOf(body)
  return more === false || members.some(isNoNext)
}

/** Whether there are as many records as the body says that a page has. */
export function isFullAsSaid(body: JsonValue): boolean {
  const { members, length } = envelopeOf(body)
  return length > 0 && length === findCount(members, SIZE)?.count
}

const NUMBERED = { type: 'page_number', pageParam: 'page', totalPath: null } as const

/** What surrounds the records. */
interface Envelope {
  readonly members: readonly Member[]
  /** Where the records are, and how many. */
  readonly list: string
  readonly length: number
  /** Whether it says that there is more, or no more. */
  readonly more: boolean | undefined
  readonly hasMore: { hasMorePath?: string }
}

function envelopeOf(body: JsonValue): Envelope {
  const members = [...membersOf(body)]
  const list = findRecordsPath(body)
  const found = firstMatch(list)(body)
  const more = moreOf(members)
  const hasMore = more?.path === undefined ? {} : { hasMorePath: more.path }
  return { members, list, length: Array.isArray(found) ? found.length : 0, more: more?.value, hasMore }
}

function cursorsOf({ members, more, hasMore }: Envelope, url: string): { options: CursorOptions; isNumber: boolean }[] {
  const asked = new URL(url).searchParams
  return members.flatMap((member) => {
    const param = cursorParam(member, more === true)
    // What was asked for comes back in some APIs, and would lead to the same page.
    if (param === undefined || asked.get(param) === String(member.value)) return []
    const options: CursorOptions = { type: 'cursor', cursorPath: member.path, cursorParam: param, ...hasMore }
    return [{ options, isNumber: countOf(member.value) !== undefined }]
  })
}

/** The number of this page is a sign of others if the body says that there are more, or if the page is full. */
function numberedOf({ members, list, length, more, hasMore }: Envelope): PageNumberOptions | undefined {
  const page = findCount(members, CURRENT_PAGE)
  if (page === undefined || page.count > 1 || more === false) return undefined
  const size = findCount(beside(members, page), LIMIT)?.count ?? Infinity
  const total = totalOf(members, list, length)?.count ?? length
  // A total of the size of a full page may be of this page.
  return more || total > length || length >= size ? { ...NUMBERED, ...hasMore } : undefined
}

function offsetOf({ members, list, length }: Envelope): OffsetOptions | undefined {
  const total = totalOf(members, list, length)
  for (const member of members) {
    const offset = OFFSET.test(plain(member.key)) ? countOf(member.value) : undefined
    if (offset === undefined) continue
    const others = beside(members, member).filter(({ value, path }) => countOf(value) !== 0 && path !== total?.path)
    const limit = findCount(others, SIZE) ?? findCount(others, LIMIT)
    // Some say only how many there are, and give as many as they like.
    const given = total !== undefined && total.count > offset + length ? length : 0
    if (limit === undefined && given === 0) continue
    const names = { offsetParam: member.key, limitParam: limit?.key ?? 'limit' }
    return { type: 'offset', limit: limit?.count ?? given, ...names, totalPath: total?.path ?? null }
  }
  return undefined
}

function beside(members: readonly Member[], { siblings }: Member): Member[] {
  return members.filter((each) => each.siblings === siblings)
}
