import { SynclineError } from '../errors.ts'
import { jsonType } from '../json.ts'
import { firstMatch } from '../select/path.ts'
import type { CursorOptions } from './options/cursor.ts'
import type { Paginator } from './paginator.ts'
import { paramWriter } from './param-writer.ts'
import { endUnless, hasMoreReader } from './stop.ts'

/**
 * Each page names the next: `?cursor=b64xyz`, answered with
 *
 * ```json
 * { "data": [{ "id": 1 }], "cursors": { "next": "b64abc" } }
 * ```
 *
 * The first request has no cursor. No cursor, `null`, `""`, `0` and `false` are the end.
 */
export function cursor(options: CursorOptions): Paginator<{ cursor?: string | number }> {
  const { cursorPath = 'cursors.next', stopAfterEmptyPage = false } = options
  const find = firstMatch(cursorPath)
  const writeCursor = paramWriter(options.cursorParam ?? 'cursor', options.cursorBodyPath)
  const hasMore = hasMoreReader(options.hasMorePath)

  return {
    start: () => ({}),
    apply: (request, state) => (state.cursor === undefined ? request : writeCursor(request, state.cursor)),
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
