import type { PageNumberOptions } from './options/page-number.ts'
import type { Paginator } from './paginator.ts'
import { paramWriter } from './param-writer.ts'
import { endUnless, hasMoreReader, totalReader } from './stop.ts'

/**
 * Numbered pages: `?page=2`, answered with
 *
 * ```json
 * { "items": [{ "id": 21 }, { "id": 22 }], "total_pages": 12 }
 * ```
 *
 * The size of a page is the API's business; ask for another one through `params`. A total that is smaller than the
 * number of a page with records is not believed: an empty page is then the end.
 */
export function pageNumber(options: PageNumberOptions): Paginator<{ page: number }> {
  const { basePage = 0, totalPath, hasMorePath, stopAfterEmptyPage = true, maximumPage, window = 1 } = options
  const writePage = paramWriter(options.pageParam ?? 'page', options.pageBodyPath)
  const onlyTotal = !stopAfterEmptyPage && hasMorePath === undefined && maximumPage === undefined
  const totalOf = totalReader(totalPath === undefined ? 'total' : totalPath, totalPath !== undefined || onlyTotal)
  const hasMore = hasMoreReader(hasMorePath)

  return {
    start: () => ({ page: options.page ?? basePage }),
    apply: (request, state) => writePage(request, state.page),
    next(page, state) {
      const { count } = page
      if (count === 0 && stopAfterEmptyPage) return endUnless(hasMore(page, true))
      const next = state.page + 1
      const total = totalOf(page)
      const more = hasMore(page)
      const end = total === undefined ? undefined : total + basePage
      if (more === false || (end !== undefined && (next === end || (next > end && count === 0)))) return endUnless(more)
      if (maximumPage !== undefined && next >= maximumPage) return { end: 'capped' }
      const pages = Math.min(window, Math.min(end ?? 0, maximumPage ?? Infinity) - next)
      if (pages < 2) return { next: { page: next } }
      return { next: { page: next }, ahead: Array.from({ length: pages - 1 }, (_, i) => ({ page: next + 1 + i })) }
    },
  }
}
