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
  /** The URL that answered, without credentials. */
  readonly url: string
  /** The request that brought this page. */
  readonly request: RequestSpec
  /** True where only some headers can be seen: browsers hide most of those of other origins. */
  readonly headersHidden?: boolean
}

/**
 * Where to go after a page. `complete`: this was the last page. `capped`: there may be more, but the config said to stop
 * (`maximumOffset`, `maximumPage`). `unproved`: nothing shows that this was the last page, or the API contradicts itself.
 * With these two, nothing is concluded from what was not seen.
 *
 * `discard`: the page was asked for only to find out how the API pages. Its records were on an earlier page, so they are
 * neither stored nor put out, and that they come again is no sign of a loop.
 */
export type Next<State extends JsonObject = JsonObject> =
  | { readonly next: State; readonly discard?: true }
  | { readonly end: 'complete' | 'capped' | 'unproved' }

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
  /** Records that the API says there are in all, for progress only. */
  total?(page: Page): number | undefined
}
