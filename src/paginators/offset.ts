import * as v from 'valibot'
import { name, positiveInteger, wholeNumber } from '../config/checks.ts'
import { optionsSchema } from '../config/options.ts'
import { bodyPathEntry, pathEntry } from './options.ts'
import type { Paginator } from './paginator.ts'
import type * as Parts from './parts.ts'

/** Options of `offset`. At least one of the rules that end the pages must be left. */
export interface OffsetOptions {
  type: 'offset'
  /** Records to ask for per page. */
  limit: number
  /** Where to begin. @default 0 */
  offset?: number
  /** The query parameter for the offset. @default 'offset' */
  offsetParam?: string
  /** The query parameter for the limit. @default 'limit' */
  limitParam?: string
  /** Where the offset goes in the JSON body, instead of into the query, such as `page.from`. */
  offsetBodyPath?: string
  /** Where the limit goes in the JSON body, instead of into the query, such as `page.size`. */
  limitBodyPath?: string
  /**
   * Where a page says how many records there are in all: the pages end there. If you set it, a page without it is an
   * error; `null`: the API has none. @default 'total'
   */
  totalPath?: string | null
  /** Where to stop at the latest: no page begins at this offset or beyond. What was left unread is not complete. */
  maximumOffset?: number
  /** Whether an empty page is the end. @default true */
  stopAfterEmptyPage?: boolean
  /** Where a page says whether there are more: false is the end, true does not overrule the other rules. */
  hasMorePath?: string
}

export const offsetOptions: v.GenericSchema<OffsetOptions> = v.pipe(
  optionsSchema<OffsetOptions>()({
    type: v.literal('offset'),
    limit: positiveInteger,
    offset: v.optional(wholeNumber),
    offsetParam: v.optional(name),
    limitParam: v.optional(name),
    offsetBodyPath: v.optional(bodyPathEntry),
    limitBodyPath: v.optional(bodyPathEntry),
    totalPath: v.nullish(pathEntry),
    maximumOffset: v.optional(wholeNumber),
    stopAfterEmptyPage: v.optional(v.boolean()),
    hasMorePath: v.optional(pathEntry),
  }),
  v.check((o) => !(o.offsetParam && o.offsetBodyPath), 'offsetParam or offsetBodyPath, not both'),
  v.check((o) => !(o.limitParam && o.limitBodyPath), 'limitParam or limitBodyPath, not both'),
  v.check(
    (o) => o.totalPath !== null || o.stopAfterEmptyPage !== false || !!o.hasMorePath || o.maximumOffset !== undefined,
    'a rule that ends the pages: totalPath, stopAfterEmptyPage, hasMorePath or maximumOffset',
  ),
)

/**
 * Pages by the number of records to skip: `?offset=100&limit=50`, answered with
 *
 * ```json
 * { "data": [{ "id": 101 }, { "id": 102 }], "total": 2048 }
 * ```
 *
 * The offset advances by the records received, since servers may give fewer than were asked for; so a short page is not
 * the end. A total that is smaller than what came in is not believed: an empty page is then the end. Nor is one, at a path
 * that the config does not name, which is the size of a full first page.
 */
export function offset(
  options: OffsetOptions,
  { endUnless, hasMoreReader, placeAt, totalReader }: typeof Parts,
): Paginator<{ offset: number }> {
  const { limit, totalPath, hasMorePath, stopAfterEmptyPage = true, maximumOffset } = options
  const placeOffset = placeAt(options.offsetBodyPath, options.offsetParam ?? 'offset')
  const placeLimit = placeAt(options.limitBodyPath, options.limitParam ?? 'limit')
  const onlyTotal = !stopAfterEmptyPage && hasMorePath === undefined && maximumOffset === undefined
  const totalOf = totalReader(totalPath === undefined ? 'total' : totalPath, totalPath !== undefined || onlyTotal)
  const hasMore = hasMoreReader(hasMorePath)
  // Nobody has said that this is the total. If it is the number of rows on a full page, it may be no more than that.
  const guessed = totalPath === undefined && !onlyTotal

  return {
    start: () => ({ offset: options.offset ?? 0 }),
    apply: (request, state) => placeLimit(placeOffset(request, state.offset), limit),
    next(page, state) {
      const { count } = page
      if (count === 0 && stopAfterEmptyPage) return endUnless(hasMore(page, true))
      // Never by more than the limit: a selector may make several records of one, and skipping would lose some.
      const next = state.offset + (count === 0 ? limit : Math.min(count, limit))
      const total = totalOf(page)
      const more = hasMore(page)
      const doubtful = guessed && more === undefined && total === count && count >= limit
      const reached = total !== undefined && (next === total ? !doubtful : next > total && count === 0)
      if (more === false || reached) return endUnless(more)
      if (maximumOffset !== undefined && next >= maximumOffset) return { end: 'capped' }
      return { next: { offset: next } }
    },
    total: (page) => (page.count === 0 ? undefined : totalOf(page)),
  }
}
