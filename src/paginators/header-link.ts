import { SynclineError } from '../errors.ts'
import { LONGEST_LINK_HEADER, linkTarget } from '../http/link-header.ts'
import { refuseHiddenHeader } from './hidden-headers.ts'
import { followLink, type LinkState, nextUrl } from './next-url.ts'
import type { HeaderLinkOptions } from './options/header-link.ts'
import type { Paginator } from './paginator.ts'

/**
 * Each page names the next in its `Link` header (RFC 8288):
 *
 * ```http
 * Link: <https://api.example.com/items?page=2>; rel="next", <https://api.example.com/items?page=9>; rel="last"
 * ```
 *
 * Works as `json_link` does. In browsers, an API on another origin must send
 * `Access-Control-Expose-Headers: Link`, else the header cannot be seen: a full first page is then an error.
 *
 * @throws `header_not_exposed`
 */
export function headerLink({ linksNextKey = 'next' }: HeaderLinkOptions): Paginator<LinkState> {
  return {
    start: () => ({}),
    apply: followLink,
    next(page, state) {
      const header = page.headers.get('link') ?? ''
      const url = nextUrl(linkTarget(header, linksNextKey, page.url), page.url)
      if (url !== undefined) return { next: { url } }
      if (state.url === undefined) refuseHiddenHeader(page, 'Link', true)
      if (header.length > LONGEST_LINK_HEADER) {
        throw new SynclineError('body_too_large', 'the Link header is longer than the 16 KiB that are read', {
          hint: 'Ask the API for its other way of paging, and configure that.',
        })
      }
      return { end: 'complete' }
    },
  }
}
