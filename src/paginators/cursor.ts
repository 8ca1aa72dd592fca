import * as v from 'valibot'
import { name } from '../config/checks.ts'
import { optionsSchema } from '../config/options.ts'
import { SynclineError } from '../errors.ts'
import { jsonType } from '../json.ts'
import { firstMatch } from '../select/path.ts'
import { bodyPathEntry, pathEntry } from './options.ts'
import type { Paginator } from './paginator.ts'
import type * as Parts from './parts.ts'

/** Options of `cursor`. */
export interface CursorOptions {
  type: 'cursor'
  /** Where a page has the cursor of the next one. @default 'cursors.next' */
  cursorPath?: string
  /** The query parameter for the cursor. @default 'cursor' */
  cursorParam?: string
  /** Where the cursor goes in the JSON body, instead of into the query, such as `page.token`. */
  cursorBodyPath?: string
  /** Whether an empty page is the end, even if it has a cursor. @default false */
  stopAfterEmptyPage?: boolean
  /** Where a page says whether there are more: false is the end, even if there is a cursor. */
  hasMorePath?: string
}

export const cursorOptions: v.GenericSchema<CursorOptions> = v.pipe(
  optionsSchema<CursorOptions>()({
    type: v.literal('cursor'),
    cursorPath: v.optional(pathEntry),
    cursorParam: v.optional(name),
    cursorBodyPath: v.optional(bodyPathEntry),
    stopAfterEmptyPage: v.optional(v.boolean()),
    hasMorePath: v.optional(pathEntry),
  }),
  v.check((o) => !(o.cursorParam && o.cursorBodyPath), 'cursorParam or cursorBodyPath, not both'),
)

/**
 * Each page names the next: `?cursor=b64xyz`, answered with
 *
 * ```json
 * { "data": [{ "id": 1 }], "cursors": { "next": "b64abc" } }
 * ```
 *
 * The first request has no cursor. No cursor, `null`, `""`, `0` and `false` are the end.
 */
export function cursor(
  options: CursorOptions,
  { endUnless, hasMoreReader, placeAt }: typeof Parts,
): Paginator<{ cursor?: string | number }> {
  const { cursorPath = 'cursors.next', stopAfterEmptyPage = false } = options
  const find = firstMatch(cursorPath)
  const place = placeAt(options.cursorBodyPath, options.cursorParam ?? 'cursor')
  const hasMore = hasMoreReader(options.hasMorePath)

  return {
    start: () => ({}),
    apply: (request, state) => (state.cursor === undefined ? request : place(request, state.cursor)),
    next(page) {
      if (page.count === 0 && stopAfterEmptyPage) return endUnless(hasMore(page, true))
      const more = hasMore(page)
      const found = find(page.body)
      if (more === false || !found) return endUnless(more)
      if (typeof found !== 'object') return { next: { cursor: isPlain(found) ? found : String(found) } }
      throw new SynclineError('config_invalid', `the cursor at ${cursorPath} is an ${jsonType(found)}`, {
        hint: 'Let cursorPath lead to the text or number that the API wants back.',
      })
    },
  }
}

/** What keeps its type in the body. An integer beyond 2^53 comes as a `bigint`, which no state can hold. */
function isPlain(found: unknown): found is string | number {
  return typeof found === 'string' || Number.isFinite(found)
}
