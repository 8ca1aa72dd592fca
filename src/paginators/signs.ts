import { isJsonObject, type JsonObject, type JsonValue, own } from '../json.ts'
import type { Member } from '../select/auto.ts'

// The words by which APIs say how they page. Keys and headers are compared in lower case, without other signs than
// letters and digits: `@odata.nextLink` is odatanextlink.
const CURSOR_WORDS = '(?:page|cursor|token|offset|start|key|id|marker|after|continuation|mark)*'
const NEXT = /^(?:odata)?next/
const NEXT_CURSOR = new RegExp(`^next${CURSOR_WORDS}$`)
const NEXT_HEADER = new RegExp(`^x?(?:ms)?(?:next${CURSOR_WORDS}|continuation(?:token)?)$`)
const OTHER_CURSOR =
  /^(?:(?:after|end)?cursor|after|continuation(?:token)?|paginationtoken|scrollid|bookmark|lastevaluatedkey)$/
/** The key of the last record on the page. A cursor only if there is more. */
const LAST_KEY = /^last(?:id|key)$/
/** In an object such as `next: { after: 'x' }`. */
const WITHIN_NEXT = /^(?:page|cursor|token|pagetoken|offset|start|skip|marker|after|startingafter)$/
const URL_LIKE = /^(?:https?:\/\/|[/?]|[\w./-]+\?[^=]+=)/i
const MORE =
  /^(?:(?:has|is)?(?:more|next)(?:pages?|records|results|items|rows|data|itemsincollection)?|(?:is)?truncated|exceededtransferlimit)$/
/** Here, false says that there are more. */
const LAST = /^(?:(?:is)?last(?:page)?|endofstream)$/
const TOTAL =
  /^(?:total(?:count|items|results|records|rows|hits|size|elements|docs|entries|objects|matches)?|records?total|numfound|nbhits|odatacount)$/
const TOTAL_HEADER = /^x?(?:wp)?total(?:count|items|results|records)?$/
const PAGES_HEADER = /^x?(?:wp)?totalpages$/

export const PAGES = /^(?:(?:total|num|nb|numberof|max)pages?|pages|pagecount|lastpage)$/
export const CURRENT_PAGE = /^(?:(?:current)?page(?:number|index|no|num)?|number)$/
export const OFFSET = /^(?:offset|skip|start(?:at|index|position|row)?)$/
/** How many records a page has at most. */
export const SIZE =
  /^(?:limit|take|(?:max|page|per)(?:results|size|page|items)|(?:items|results|hits|records|rows)perpage)$/
/** The same, in words that may mean how many this page has. */
export const LIMIT = new RegExp(`${SIZE.source}|^(?:count|size|rows)$`)

export function plain(key: string): string {
  return key.toLowerCase().replace(/[^a-z\d]/g, '')
}

/** The whole number that a value is, or whose digits it is. */
export function countOf(value: JsonValue | undefined): number | undefined {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}

/** The first count whose key is one of these. */
export function findCount(members: readonly Member[], names: RegExp): (Member & { count: number }) | undefined {
  for (const member of members) {
    const count = names.test(plain(member.key)) ? countOf(member.value) : undefined
    if (count !== undefined) return { ...member, count }
  }
  return undefined
}

export function isNextLink({ key, value, within }: Member): boolean {
  const name = plain(key)
  const named = NEXT.test(name) || (NEXT.test(plain(within)) && /^(?:href|url|uri|link)$/.test(name))
  return named && !/cursor|token/.test(name) && typeof value === 'string' && URL_LIKE.test(value)
}

/** A place for the next page, and nothing in it. */
export function isNoNext({ key, value, within }: Member): boolean {
  const named = NEXT.test(plain(key)) || NEXT.test(plain(within)) || OTHER_CURSOR.test(plain(key))
  return named && (value === null || value === '')
}

/** The parameter by which a cursor probably goes back; `undefined` if the member is none. */
export function cursorParam({ key, value, within, siblings }: Member, more: boolean): string | undefined {
  // Not only text and numbers: an integer beyond 2^53 comes as a `bigint`.
  if (!value || value === true || typeof value === 'object') return undefined
  const name = plain(key)
  const isNumber = countOf(value) !== undefined
  if (NEXT_CURSOR.test(name)) return (isNumber && /start$/.test(name) && startAmong(siblings)) || paramOf(key)
  if (NEXT.test(plain(within)) && WITHIN_NEXT.test(name)) return key
  if (name === 'aftercursor' || name === 'endcursor' || (more && LAST_KEY.test(name))) return 'after'
  return OTHER_CURSOR.test(name) || (name === 'offset' && !isOwnOffset(value, siblings)) ? key : undefined
}

/** An `offset` is that of the page itself if it is 0 or stands beside a limit; else it leads to the next. */
function isOwnOffset(value: JsonValue, siblings: JsonObject): boolean {
  const limited = Object.keys(siblings).some((key) => LIMIT.test(plain(key)))
  return countOf(value) === 0 || (limited && countOf(value) !== undefined)
}

/** `start`, where it stands beside `nextPageStart`. */
function startAmong(siblings: JsonObject): string | undefined {
  return Object.keys(siblings).find((key) => OFFSET.test(plain(key)) && countOf(siblings[key]) === 0)
}

/** `next_page_token` comes back as `page_token`, `next` and `next_cursor` as `cursor`, `NextToken` as it is. */
function paramOf(key: string): string {
  const rest = key.replace(/^next[_-]?/i, '')
  if (rest === '') return 'cursor'
  if (/^token$/i.test(rest)) return key
  return key.startsWith('next') ? rest.charAt(0).toLowerCase() + rest.slice(1) : rest
}

/** A header with the cursor or the number of the next page, and the parameter by which it probably goes back. */
export function nextHeader(headers: Headers): { cursorKey: string; cursorParam: string } | undefined {
  const cursorKey = [...headers.keys()].find((name) => NEXT_HEADER.test(plain(name)) && headers.get(name)?.trim())
  if (cursorKey === undefined) return undefined
  return { cursorKey, cursorParam: paramOf(cursorKey.replace(/^x-(?:ms-)?/, '').replaceAll('-', '_')) }
}

/** A word on whether there is more; `path` only where `hasMorePath` could read it there. */
export function moreOf(members: readonly Member[]): { value: boolean; path?: string } | undefined {
  for (const { key, value, path } of members) {
    const name = plain(key)
    if (LAST.test(name) && typeof value === 'boolean') return { value: !value }
    if (!MORE.test(name)) continue
    const word = String(value).toLowerCase()
    if (/^(?:true|false)$/.test(word)) return { value: word === 'true', path }
    if (value === 0 || value === 1) return { value: value === 1 }
  }
  return undefined
}

/** How many records there are: the largest count beside those of the page or, if there is none, anywhere. */
export function totalOf(
  members: readonly Member[],
  list: string,
  length: number,
): { count: number; path: string } | undefined {
  const around = members.find(({ path }) => path === list)?.siblings
  const totals = members.flatMap(({ key, value, path, siblings }) => {
    const inner = isJsonObject(value) ? own(value, 'value') : undefined
    const count = countOf(inner ?? value)
    if (count === undefined) return []
    const isBeside = siblings === around
    // A `count` may be of this page.
    const isTotal = TOTAL.test(plain(key)) || (isBeside && count > length && plain(key) === 'count')
    return isTotal ? [{ count, isBeside, path: inner === undefined ? path : `${path}.value` }] : []
  })
  const beside = totals.filter(({ isBeside }) => isBeside)
  return (beside.length > 0 ? beside : totals).sort((a, b) => b.count - a.count)[0]
}

/** Whether headers count more records than these, or more pages than one. */
export function headersSayMore(headers: Headers, length: number): boolean {
  const total = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]
  const says = (text: string | undefined, than: number) => (countOf(text?.trim()) ?? 0) > than
  return (
    says(total, length) ||
    [...headers].some(
      ([name, text]) =>
        (TOTAL_HEADER.test(plain(name)) && says(text, length)) || (PAGES_HEADER.test(plain(name)) && says(text, 1)),
    )
  )
}

/** A next page in a form that no option can name: an object as the cursor, a link in a list of links. */
export function isNamelessNext({ key, value }: Member): boolean {
  const name = plain(key)
  if (Array.isArray(value)) {
    return value.some((each) => isJsonObject(each) && [own(each, 'rel'), own(each, 'relation')].includes('next'))
  }
  const named = NEXT_CURSOR.test(name) || OTHER_CURSOR.test(name)
  return named && isJsonObject(value) && Object.values(value).some(Boolean)
}
