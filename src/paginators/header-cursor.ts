import * as v from 'valibot'
import { matching, name } from '../config/checks.ts'
import { optionsSchema } from '../config/options.ts'
import type { Paginator } from './paginator.ts'
import type * as Parts from './parts.ts'

/** Options of `header_cursor`. */
export interface HeaderCursorOptions {
  type: 'header_cursor'
  /** The header with the cursor of the next page, in any case. @default 'next' */
  cursorKey?: string
  /** The query parameter for the cursor. @default 'cursor' */
  cursorParam?: string
}

export const headerCursorOptions: v.GenericSchema<HeaderCursorOptions> = optionsSchema<HeaderCursorOptions>()({
  type: v.literal('header_cursor'),
  cursorKey: v.optional(matching(/^[\w!#$%&'*+.^`|~-]+$/, 'the name of a header')),
  cursorParam: v.optional(name),
})

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
export function headerCursor(
  options: HeaderCursorOptions,
  { placeAt, refuseHiddenHeader }: typeof Parts,
): Paginator<{ cursor?: string }> {
  const { cursorKey = 'next', cursorParam = 'cursor' } = options
  const place = placeAt(undefined, cursorParam)
  return {
    start: () => ({}),
    apply: (request, { cursor }) => (cursor === undefined ? request : place(request, cursor)),
    next(page, state) {
      const cursor = page.headers.get(cursorKey)?.trim()
      if (cursor) return { next: { cursor } }
      if (state.cursor === undefined) refuseHiddenHeader(page, cursorKey, true)
      return { end: 'complete' }
    },
  }
}
