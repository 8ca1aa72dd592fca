import * as v from 'valibot'
import { name, wholeNumber } from '../../config/checks.ts'
import { optionsSchema } from '../../config/options.ts'
import { bodyPathEntry, endsByRule, notBoth, pathEntry, windowEntry } from './entries.ts'

/** Options of `page_number`. At least one of the rules that end the pages must be left. */
export interface PageNumberOptions {
  type: 'page_number'
  /** The number of the API's first page. @default 0 */
  basePage?: number
  /** The page to begin with. @default basePage */
  page?: number
  /** The query parameter for the page. @default 'page' */
  pageParam?: string
  /** Where the page goes in the JSON body, instead of into the query, such as `paging.page`. */
  pageBodyPath?: string
  /**
   * Where a page says how many PAGES there are: they end there. If you set it, a page without it is an error; `null`:
   * the API has none. @default 'total'
   */
  totalPath?: string | null
  /** The first page that is not read any more. What was left unread is not complete. */
  maximumPage?: number
  /** Pages to ask for at the same time, where the pages say the total. At most 20. @default 1 */
  window?: number
  /** Whether an empty page is the end. @default true */
  stopAfterEmptyPage?: boolean
  /** Where a page says whether there are more: false is the end, true does not overrule the other rules. */
  hasMorePath?: string
}

export const pageNumberOptions: v.GenericSchema<PageNumberOptions> = v.pipe(
  optionsSchema<PageNumberOptions>()({
    type: v.literal('page_number'),
    basePage: v.optional(wholeNumber),
    page: v.optional(wholeNumber),
    pageParam: v.optional(name),
    pageBodyPath: v.optional(bodyPathEntry),
    totalPath: v.nullish(pathEntry),
    maximumPage: v.optional(wholeNumber),
    window: v.optional(windowEntry),
    stopAfterEmptyPage: v.optional(v.boolean()),
    hasMorePath: v.optional(pathEntry),
  }),
  notBoth<PageNumberOptions>('pageParam', 'pageBodyPath'),
  endsByRule<PageNumberOptions>('maximumPage'),
)
