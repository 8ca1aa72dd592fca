import { firstMatch } from '../select/path.ts'
import { followLink, type LinkState, nextUrl } from './next-url.ts'
import type { JsonLinkOptions } from './options/json-link.ts'
import type { Paginator } from './paginator.ts'

/**
 * Each page has the URL of the next in its body:
 *
 * ```json
 * { "data": [{ "id": 1 }], "next": "/items?page=2" }
 * ```
 *
 * A relative URL is resolved against the page's own. It replaces URL and params of the request; method, headers and
 * body stay. No link, `null` and `""` are the end. A link to another origin is an error unless `client.allowedOrigins`
 * has it.
 */
export function jsonLink({ nextUrlPath = 'next' }: JsonLinkOptions): Paginator<LinkState> {
  const find = firstMatch(nextUrlPath)
  return {
    start: () => ({}),
    apply: followLink,
    next(page) {
      const url = nextUrl(find(page.body), page.url)
      return url === undefined ? { end: 'complete' } : { next: { url } }
    },
  }
}
