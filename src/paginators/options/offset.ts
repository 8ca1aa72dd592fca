import * as v from 'valibot'
import { name, positiveInteger, wholeNumber } from '../../config/checks.ts'
import { optionsSchema } from '../../config/options.ts'
import { bodyPathEntry, endsByRule, notBoth, pathEntry, windowEntry } from './entries.ts'

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
  /**
   * Rows of the page before that each page reads again, to find those that moved because others were deleted. Fewer
   * than `limit`; more than the rows that may be deleted between two pages. At most 100. @default 0
   */
  overlap?: number
  /** Pages to ask for at the same time, where the pages say the total. At most 20. @default 1 */
  window?: number
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
    overlap: v.optional(wholeNumber),
    window: v.optional(windowEntry),
    stopAfterEmptyPage: v.optional(v.boolean()),
    hasMorePath: v.optional(pathEntry),
  }),
  v.check((o) => !o.overlap || o.overlap < Math.min(o.limit, 101), 'an overlap smaller than limit, and of at most 100'),
  notBoth<OffsetOptions>('offsetParam', 'offsetBodyPath'),
  notBoth<OffsetOptions>('limitParam', 'limitBodyPath'),
  endsByRule<OffsetOptions>('maximumOffset'),
)
