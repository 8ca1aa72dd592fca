import { SynclineError } from '../errors.ts'
import { hash64 } from '../hash.ts'
import { isJsonObject, type JsonObject, type JsonValue, own } from '../json.ts'
import { findRecordsPath } from '../select/auto.ts'
import { firstMatch } from '../select/path.ts'
import {
  type Detected,
  detectPaginator,
  draftOf,
  firstOffsetOf,
  firstPageOf,
  isFullAsSaid,
  saysNoMore,
} from './detect.ts'
import { makePaginator } from './factories.ts'
import { isFull, refuseHiddenHeader } from './hidden-headers.ts'
import type { Next, Page, Paginator } from './paginator.ts'

/** Nothing before page 1 is read; `proof` until page 2 has given it, never for links, which are no guesses. */
type AutoState = { found?: Found }

type Found = {
  /** The options of the paginator that page 1 speaks for. */
  options: JsonObject
  /** Its state of the page to come. */
  state: JsonObject
  proof?: Proof
}

type Proof = {
  /** `base`: the page to come is page 1 again if pages count from 1, or page 2 if they count from 0. `other`: page 2. */
  of: 'base' | 'other'
  /** Where the list of records is. */
  list: string
  /** Hashes of records of page 1. */
  seen: string[]
}

/**
 * Finds out from page 1 how the API pages: by a `Link` header or a link in the body, by a cursor, by numbers of pages, or
 * by offset and limit. All but links are guesses, so page 2 must prove them: it may have no record of page 1, and the API
 * must not refuse it. Where the body does not say whether pages count from 0 or 1, `page=1` is asked for, and dropped if it
 * is page 1 again. A page that says that there is more, but not how to get it, is an error as well.
 *
 * What is asked for goes into the JSON body if the request has one, else into the query.
 *
 * ```json
 * { "items": [{ "id": 1 }, { "id": 2 }], "meta": { "page": 1, "total_pages": 12 } }
 * ```
 *
 * @throws `paginator_unproved` with a hint that says what to configure
 */
export function auto(): Paginator<AutoState> {
  return {
    start: () => ({}),
    apply: (request, { found }) => (found === undefined ? request : create(found.options).apply(request, found.state)),
    next: (page, { found }) => (found === undefined ? begin(page) : goOn(page, found)),
    refused(error, { found }) {
      if (!found?.proof || error.code !== 'http_status' || !REFUSALS.has(error.status)) return error
      return unproved(`the API answered to a guess with status ${error.status}`, found.options)
    },
  }
}

/** What APIs say to parameters that they do not know, and to pages that they do not have. */
const REFUSALS: ReadonlySet<unknown> = new Set([400, 404, 422])

function begin(page: Page): Next<AutoState> {
  const detected = detectPaginator(page)
  const options: JsonObject = isJsonObject(page.request.json) ? inBody({ ...detected }) : { ...detected }
  const { body = null } = page
  const list = findRecordsPath(body)
  const proof: Proof = { of: 'other', list, seen: sample(hashesOf(page, list)) }
  switch (detected.type) {
    case 'single_page': {
      refuseHiddenHeader(page, 'link', false)
      const draft = draftOf(page)
      if (draft) throw unproved('the page says that there is more, but not how to get it', draft)
      const mayBeOne = isBare(page, list) || isFull(page, false) || isFullAsSaid(body)
      return { end: page.count > 0 && mayBeOne && !saysNoMore(body) ? 'unproved' : 'complete' }
    }
    case 'page_number': {
      const basePage = firstPageOf(body)
      const next = advance(
        page,
        { options: { ...options, basePage: basePage ?? 1 }, state: { page: basePage ?? 1 } },
        proof,
      )
      if (basePage !== undefined || 'end' in next || next.next.found === undefined) return next
      return { next: { found: { ...next.next.found, state: { page: 1 }, proof: { ...proof, of: 'base' } } } }
    }
    case 'offset': {
      const first = firstOffsetOf(body, detected)
      // Where offsets do not begin at 0, they and the total cannot be compared, and a total of the size of a full page
      // may be of this page: then an empty page is the end.
      const believed = first === 0 && (page.count < detected.limit || create(options).total?.(page) !== page.count)
      return advance(
        page,
        { options: believed ? options : { ...options, totalPath: null }, state: { offset: first } },
        proof,
      )
    }
    case 'cursor':
    case 'header_cursor':
      return advance(page, { options, state: {} }, proof)
    default:
      return advance(page, { options, state: {} })
  }
}

/**
 * A list and nothing beside it may be one of many pages, as a full page may, and as records may that a selector found where
 * automatic selection sees one: they are taken, but prove nothing.
 */
function isBare({ body = null, count }: Page, list: string): boolean {
  if (list === '$') return Array.isArray(body) || count !== 1
  return isJsonObject(body) && Object.keys(body).length === 1
}

/** Where the paginator that was found goes from this page; `proof`: what the page there must prove. */
function advance(page: Page, { options, state }: Found, proof?: Proof): Next<AutoState> {
  const next = create(options).next(page, state)
  return 'end' in next ? next : { ...next, next: { found: { options, state: next.next, ...(proof && { proof }) } } }
}

function goOn(page: Page, found: Found): Next<AutoState> {
  const { options, proof } = found
  if (proof === undefined) return advance(page, found)
  const hashes = hashesOf(page, proof.list)
  const isNew = !hashes.some((hash) => proof.seen.includes(hash))
  if (proof.of === 'base') {
    if (sample(hashes).join() === proof.seen.join()) {
      return { next: { found: { options, state: { page: 2 }, proof: { ...proof, of: 'other' } } }, discard: true }
    }
    if (isNew && page.count > 0) return advance(page, { options: { ...options, basePage: 0 }, state: { page: 1 } })
    throw unproved('page=1 brought neither the first page nor one of other records', options)
  }
  // Cursors may lead through empty pages.
  if (page.count === 0 && /cursor$/.test(String(options.type))) return advance(page, found, proof)
  if (page.count === 0 && options.totalPath !== null)
    throw unproved('page 2 is empty, though there should be more', options)
  if (!isNew) throw unproved('page 2 has records of page 1', options)
  return advance(page, found)
}

/** The options with the same names as paths in the JSON body: `cursorParam: 'after'` becomes `cursorBodyPath: 'after'`. */
function inBody(options: JsonObject): JsonObject {
  if (options.type === 'header_cursor') return options
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name.replace(/Param$/, 'BodyPath'), value]))
}

function create(found: JsonObject): Paginator {
  return makePaginator(found as unknown as Detected)
}

/**
 * What tells the records of a page from others: their ids, or all of them where they have none. Where a selector finds
 * others than are in the list, their keys.
 */
function hashesOf({ body = null, count, key }: Page, list: string): string[] {
  const records = firstMatch(list)(body)
  if (!Array.isArray(records) || records.length !== count) return Array.from({ length: count }, (_, i) => key(i))
  return records.map((record) => hash64(JSON.stringify(identityOf(record), bigintAsText)))
}

function identityOf(record: JsonValue): JsonValue {
  if (!isJsonObject(record)) return record
  return own(record, 'id') ?? own(record, '_id') ?? own(record, 'uuid') ?? record
}

/** Bodies hold a `bigint` where JSON has an integer beyond 2^53. */
function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** The first and the last: enough to recognise a page and its neighbour, and little to store. */
function sample(hashes: string[]): string[] {
  return hashes.length <= 50 ? hashes : [...hashes.slice(0, 25), ...hashes.slice(-25)]
}

function unproved(why: string, draft: object): SynclineError {
  const example =
    Object.keys(draft).length > 0
      ? `, such as ${JSON.stringify(draft)}, with the names and numbers that the API documents`
      : ' to a paginator of your own that finds the way'
  return new SynclineError('paginator_unproved', `how the API pages could not be found out: ${why}`, {
    hint: `Set endpoint.paginator${example}; if there is only this page, 'single_page'.`,
  })
}
