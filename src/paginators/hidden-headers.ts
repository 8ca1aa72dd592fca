import { SynclineError } from '../errors.ts'
import type { Page } from './paginator.ts'

const SIZE_PARAM = /^(?:.*(?:limit|size|per_?page)|max_?(?:results|items)|\$?top|count|first|rows|take)$/i
/** What APIs give where no size is asked for. */
const USUAL_SIZES = [10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 75, 100, 200, 250, 300, 500, 1000]

/**
 * Refuses to take a page for the last one because a header is missing, when a browser may have hidden it: a full first
 * page of another origin. A page is full if it has as many records as were asked for; if no number was asked for and
 * `guess` is set, if it has as many as pages usually have.
 *
 * @throws `header_not_exposed`
 */
export function refuseHiddenHeader(page: Page, header: string, guess: boolean): void {
  if (!page.headersHidden || page.headers.has(header) || !isFull(page, guess)) return
  throw new SynclineError(
    'header_not_exposed',
    `a full page came without the header ${header}, which the browser may hide`,
    {
      hint: `The API must send 'Access-Control-Expose-Headers: ${header}'. If this page is all there is, use the paginator single_page.`,
    },
  )
}

/** Whether a page has as many records as were asked for or, with `guess`, as pages usually have. */
export function isFull({ count, request }: Page, guess: boolean): boolean {
  const asked = [...new URL(request.url).searchParams, ...Object.entries(request.params)]
  const size = asked.find(([name]) => SIZE_PARAM.test(name))?.[1]
  return size === undefined ? guess && USUAL_SIZES.includes(count) : count > 0 && count >= Number(size)
}
