import type { CursorValue, Endpoint } from '../../config/resolved.ts'
import { isSynclineError, SynclineError } from '../../errors.ts'
import { hash64 } from '../../hash.ts'
import type { HttpClient } from '../../http/client.ts'
import type { HttpResponse, RequestMeter, RequestSpec } from '../../http/request.ts'
import { safeFields } from '../../http/safe-fields.ts'
import { holdsSecret } from '../../http/secrets.ts'
import { withoutParams } from '../../http/url.ts'
import type { JsonObject, JsonValue } from '../../json.ts'
import type { Drift, Paginator } from '../../paginators/paginator.ts'
import { Lookahead, requestKey } from './lookahead.ts'
import { type Cycle, digestOf, identityOf, NO_CYCLE, requireProgress, watchCycle } from './progress.ts'
import { selectRecords } from './select-records.ts'

/** Where in the pages of one endpoint we are: plain JSON, so that paging goes on after a restart. */
export interface PagingState {
  /** The paginator's own state of the page to read next. */
  state: JsonObject
  /** Pages read so far. */
  page: number
  /** Records received on them. */
  received: number
  /** The path that automatic selection found on the first page with records, fixed from then on: see `startPaging`. */
  selector?: string
  cycle: Cycle
  /** What the last page held, to notice a server that ignores the paging parameters. */
  digest?: string
}

/** One page as received. */
export interface PageRead {
  readonly records: readonly JsonValue[]
  /** State of the next page; undefined after the last one. */
  readonly next: PagingState | undefined
  /** After the last page: why it is the last. Only `complete` proves that there is no more. */
  readonly end: 'complete' | 'capped' | 'unproved' | 'ignored' | undefined
  /** States of pages that will probably follow the next one, and may be asked for before their turn. */
  readonly ahead: readonly JsonObject[]
  /** Records that the API says there are in all. */
  readonly total: number | undefined
  /** Decoded bytes of the body. */
  readonly bytes: number
  /** What is known of rows that moved between two pages; undefined: nobody has looked. */
  readonly drift: Drift | undefined
  /** Records received so far, those of this page included. */
  readonly received: number
  /** Where automatic selection has found records on this page. */
  readonly selector?: string | undefined
  /** The server's time, in ms since 1970, where it could be read. */
  readonly date: number | undefined
  /** Some records hold numbers that JSON cannot: `numberFault` tells which. */
  readonly unsafe: boolean
  /** The sync token that the response had. */
  readonly token?: CursorValue | undefined
  /** A 304: the only page, with the same records as the last time, which are not here. */
  readonly notModified?: boolean
}

/** What reading pages needs besides the state. */
export interface PageReader {
  /** For errors. */
  readonly resource?: string
  readonly http: HttpClient
  readonly endpoint: Endpoint
  readonly paginator: Paginator
  readonly request: RequestSpec
  /** Fields that tell records apart; empty where there is no key. */
  readonly primaryKey: readonly string[]
  /** The page that an earlier run was to read. */
  readonly resumedAt?: number | undefined
  readonly meter: RequestMeter
  readonly signal: AbortSignal | undefined
  /** Finds the sync token of a response. */
  readonly readToken?: (response: HttpResponse) => CursorValue | undefined
  /** What was asked for before its turn. */
  readonly lookahead?: Lookahead
}

/** The reader, with pages asked for before their turn. Close its `lookahead`. */
export function lookingAhead(reader: PageReader): AheadReader {
  return { ...reader, lookahead: new Lookahead((request, signal) => send(reader, request, signal), reader.signal) }
}

interface AheadReader extends PageReader {
  readonly lookahead: Lookahead
}

/** Whether the page was asked for before its turn. */
export function isUnderWay({ lookahead, paginator, request }: AheadReader, { state }: PagingState): boolean {
  return lookahead.has(paginator.apply(request, state))
}

/** Asks for the pages that follow, unless the next one would go in a circle. */
export function askAhead(
  { lookahead, paginator, request }: AheadReader,
  { state, cycle }: PagingState,
  ahead: PageRead['ahead'],
): void {
  const first = paginator.apply(request, state)
  const others = ahead.map((each) => paginator.apply(request, each))
  if (requestKey(first) !== cycle.seen) lookahead.ask([first, ...others])
}

/** @param selector Where automatic selection has found records of this resource before: of another parent, in another pass. */
export function startPaging({ paginator }: PageReader, selector?: string): PagingState {
  const start = { state: paginator.start(), page: 0, received: 0, cycle: NO_CYCLE }
  return selector === undefined ? start : { ...start, selector }
}

/**
 * Reads the page that `paging` points at. Nothing is changed: the same call reads the same page again. Errors say which
 * request they are about.
 */
export async function readPage(reader: PageReader, paging: PagingState): Promise<PageRead> {
  let { request } = reader
  try {
    request = reader.paginator.apply(request, paging.state)
    return await read(reader, paging, request)
  } catch (error) {
    if (reader.signal?.aborted || !isSynclineError(error)) throw error
    const meant = reader.paginator.refused?.(error, paging.state) ?? error
    throw meant.with(safeFields(request, reader.resource))
  }
}

function send(reader: PageReader, request: RequestSpec, signal = reader.signal): Promise<HttpResponse> {
  const { endpoint, http, meter, resource } = reader
  const { auth, responseActions: actions, parse } = endpoint
  return http.send(request, { auth, actions, parse, meter, signal, ...(resource !== undefined && { resource }) })
}

async function read(reader: PageReader, paging: PagingState, request: RequestSpec): Promise<PageRead> {
  const { endpoint, paginator } = reader
  const cycle = watchCycle(paging.cycle, request)
  const response = (await reader.lookahead?.take(request)) ?? (await send(reader, request))
  const { secrets, ...answer } = response
  const { body, bytes, date, unsafe = false } = response
  const known = { date, unsafe, bytes, ahead: [], token: reader.readToken?.(response) }
  const nothing = { records: [], received: paging.received, total: undefined, drift: undefined, next: undefined }
  if (response.ignored) return { ...known, ...nothing, end: 'ignored' }
  if (response.notModified) return { ...known, ...nothing, end: 'complete', notModified: true }
  const { records, selector } = selectRecords(endpoint, paging, body)
  const key = (index: number) => hash64(identityOf(records[index], reader.primaryKey))
  const resumed = paging.page === reader.resumedAt
  const page = { ...answer, body, count: records.length, key, request, resumed }
  const next = paginator.next(page, paging.state)
  const { skip = 0, drift } = next
  const discard = 'next' in next && next.discard === true
  const digest = discard ? paging.digest : digestOf(records, reader.primaryKey)
  if (!discard) requireProgress(paging, digest)
  const total = paginator.total?.(page)
  const fresh = discard ? [] : skip > 0 ? records.slice(skip) : records
  const received = paging.received + fresh.length
  const taken = {
    ...known,
    records: fresh,
    received,
    total,
    drift,
    selector: records.length > 0 ? selector : undefined,
  }
  if ('end' in next) return { ...taken, next: undefined, end: next.end }
  if (reader.lookahead?.isWaiting || next.ahead) {
    await reader.lookahead?.note(fresh.map((_, index) => key(skip + index)))
  }
  const state = withoutCredentials(next.next, endpoint.auth?.queryParams, secrets)
  const moved = drift !== undefined && drift !== 'none'
  // Where rows have moved, a page that comes again is no circle: paginators bound their steps back.
  const following: PagingState = { state, page: paging.page + 1, received, cycle: moved ? NO_CYCLE : cycle }
  if (selector !== undefined) following.selector = selector
  if (digest !== undefined && !moved) following.digest = digest
  return { ...taken, ahead: next.ahead ?? [], next: following, end: undefined }
}

/**
 * Servers repeat our query in next links, credentials included: those never get into a stored position. A parameter of a
 * link that is one is taken out, since signing adds it again. What has a secret elsewhere may be needed as it is: it cannot
 * be stored, so the page that it leads to is not read.
 */
export function withoutCredentials(
  state: JsonObject,
  names: readonly string[] | undefined,
  values: ReadonlySet<string>,
): JsonObject {
  const clean = (key: string, value: unknown) => {
    if (typeof value !== 'string') return value
    const kept = key === 'cursor' ? value : withoutParams(value, names, values)
    if (!holdsSecret(kept, values)) return kept
    throw new SynclineError('invalid_url', 'the next link or cursor has a secret in it', {
      hint: 'It would be stored: page in another way than by this link, or by a paginator of your own.',
    })
  }
  return JSON.parse(JSON.stringify(state, clean))
}
