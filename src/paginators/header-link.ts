import * as v from 'valibot'
import { name } from '../config/checks.ts'
import { optionsSchema } from '../config/options.ts'
import { SynclineError } from '../errors.ts'
import type { LinkState } from './next-url.ts'
import type { Paginator } from './paginator.ts'
import type * as Parts from './parts.ts'

/** Options of `header_link`. */
export interface HeaderLinkOptions {
  type: 'header_link'
  /** The relation of the link to the next page. @default 'next' */
  linksNextKey?: string
}

export const headerLinkOptions: v.GenericSchema<HeaderLinkOptions> = optionsSchema<HeaderLinkOptions>()({
  type: v.literal('header_link'),
  linksNextKey: v.optional(name),
})

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
export function headerLink(
  { linksNextKey = 'next' }: HeaderLinkOptions,
  { followLink, LONGEST_LINK_HEADER, linkTarget, nextUrl, refuseHiddenHeader }: typeof Parts,
): Paginator<LinkState> {
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
