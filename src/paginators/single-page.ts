import type { SinglePageOptions } from './options/single-page.ts'
import type { Paginator } from './paginator.ts'

/** One request brings everything; links and totals in the response are not looked at. */
export function singlePage(_options: SinglePageOptions): Paginator<Record<never, never>> {
  return {
    start: () => ({}),
    apply: (request) => request,
    next: () => ({ end: 'complete' }),
  }
}
