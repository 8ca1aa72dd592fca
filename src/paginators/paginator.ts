import type { SynclineError } from '../errors.ts'
import type { RequestSpec } from '../http/request.ts'
import type { JsonObject, JsonValue } from '../json.ts'

/** What a paginator sees of a page. */
export interface Page {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; `undefined` for 204 and 205. */
  readonly body: JsonValue | undefined
  /** How many records the selector found: received, before any step. */
  readonly count: number
  /** A hash of what tells the record at this index apart: its primary key, or all of it where there is none. */
  key(index: number): string
  /** The URL that answered, without credentials. */
  readonly url: string
  /** The request that brought this page. */
  readonly request: RequestSpec
  /** True where the page before was read by an earlier run: much may have changed since. */
  readonly resumed?: boolean
  /** True where only some headers can be seen: browsers hide most of those of other origins. */
  readonly headersHidden?: boolean
}

/**
 * Where to go after a page. `complete`: this was the last page. `capped`: there may be more, but the config said to stop
 * (`maximumOffset`, `maximumPage`). `unproved`: nothing shows that this was the last page, or the API contradicts itself.
 * With these two, nothing is concluded from what was not seen.
 */
export type Next<State extends JsonObject = JsonObject> = (
  | {
      readonly next: State
      /** States of pages that will probably follow, and may be asked for at once. What comes decides. */
      readonly ahead?: readonly State[]
      /** The page was asked for only to find out how the API pages: it is not put out, and no sign of a loop. */
      readonly discard?: true
    }
  | { readonly end: 'complete' | 'capped' | 'unproved' }
) & {
  /** So many records at the front were on an earlier page: they are neither stored nor put out again. */
  readonly skip?: number
  /** What is known of rows that moved between this page and the one before; absent: nobody has looked. */
  readonly drift?: Drift
}

/**
 * Whether the rows before a page moved since the page before it was read. `none`: they are where they were. `repaired`:
 * some went, and those that moved up are on this page. `added`: rows came in between, and a row that was to come may
 * be among them. `suspected`: the next page will tell. `lost`: rows may have been missed.
 */
export type Drift = 'none' | 'repaired' | 'added' | 'suspected' | 'lost'

/**
 * How to get from one page to the next: pure functions over plain JSON state, so that paging resumes from any page.
 *
 * @example Pages by a token in a header
 * const byToken: Paginator<{ token?: string }> = {
 *   start: () => ({}),
 *   apply: (request, { token }) => (token ? { ...request, headers: { ...request.headers, 'x-page': token } } : request),
 *   next: (page) => {
 *     const token = page.headers.get('x-next-page')
 *     return token ? { next: { token } } : { end: 'complete' }
 *   },
 * }
 */
export interface Paginator<State extends JsonObject = JsonObject> {
  /** The state of the first page. */
  start(): State
  /** The request for the page with this state, made from the endpoint's request. */
  apply(request: RequestSpec, state: State): RequestSpec
  next(page: Page, state: State): Next<State>
  /** What an error means that came in the place of the page with this state, such as a status. @default the error */
  refused?(error: SynclineError, state: State): SynclineError
  /** Records that the API says there are in all, for progress only. */
  total?(page: Page): number | undefined
}
