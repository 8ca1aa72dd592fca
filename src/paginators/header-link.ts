import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import { linkTarget } from '../http/link-header.ts'
import { followLink, type LinkState, nextUrl } from './next-url.ts'
import { nameEntry } from './options.ts'
import type { Paginator } from './paginator.ts'

/** Options of `header_link`. */
export interface HeaderLinkOptions {
  type: 'header_link'
  /** The relation of the link to the next page. @default 'next' */
  linksNextKey?: string
}

export const headerLinkOptions: v.GenericSchema<HeaderLinkOptions> = optionsSchema<HeaderLinkOptions>()({
  type: v.literal('header_link'),
  linksNextKey: v.optional(nameEntry),
})

/**
 * Each page names the next in its `Link` header (RFC 8288):
 *
 * ```http
 * Link: <https://api.example.com/items?page=2>; rel="next", <https://api.example.com/items?page=9>; rel="last"
 * ```
 *
 * Works as `json_link` does. In browsers, an API on another origin must send
 * `Access-Control-Expose-Headers: Link`, else the header cannot be seen.
 */
export function headerLink({ linksNextKey = 'next' }: HeaderLinkOptions): Paginator<LinkState> {
  return {
    start: () => ({}),
    apply: followLink,
    next({ headers, url }) {
      const next = nextUrl(linkTarget(headers.get('link') ?? '', linksNextKey, url), url)
      return next === undefined ? { end: 'complete' } : { next: { url: next } }
    },
  }
}
