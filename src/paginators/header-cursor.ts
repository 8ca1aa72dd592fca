import { refuseHiddenHeader } from './hidden-headers.ts'
import type { HeaderCursorOptions } from './options/header-cursor.ts'
import type { Paginator } from './paginator.ts'
import { paramWriter } from './param-writer.ts'

/**
 * Each page has the cursor of the next in a header: `?cursor=b64xyz`, answered with
 *
 * ```http
 * X-Next-Cursor: b64abc
 * ```
 *
 * The first request has no cursor; no header or an empty one is the end. In browsers, an API on another origin must
 * name the header in `Access-Control-Expose-Headers`, else it cannot be seen: a full first page is then an error.
 *
 * @throws `header_not_exposed`
 */
export function headerCursor(options: HeaderCursorOptions): Paginator<{ cursor?: string }> {
  const { cursorKey = 'next', cursorParam = 'cursor' } = options
  const writeCursor = paramWriter(cursorParam)
  return {
    start: () => ({}),
    apply: (request, { cursor }) => (cursor === undefined ? request : writeCursor(request, cursor)),
    next(page, state) {
      const cursor = page.headers.get(cursorKey)?.trim()
      if (cursor) return { next: { cursor } }
      if (state.cursor === undefined) refuseHiddenHeader(page, cursorKey, true)
      return { end: 'complete' }
    },
  }
}
