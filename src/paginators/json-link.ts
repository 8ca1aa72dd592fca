import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import { firstMatch } from '../select/path.ts'
import type { LinkState } from './next-url.ts'
import { pathEntry } from './options.ts'
import type { Paginator } from './paginator.ts'
import type * as Parts from './parts.ts'

/** Options of `json_link`. */
export interface JsonLinkOptions {
  type: 'json_link'
  /** Where a page has the URL of the next one. @default 'next' */
  nextUrlPath?: string
}

export const jsonLinkOptions: v.GenericSchema<JsonLinkOptions> = optionsSchema<JsonLinkOptions>()({
  type: v.literal('json_link'),
  nextUrlPath: v.optional(pathEntry),
})

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
export function jsonLink(
  { nextUrlPath = 'next' }: JsonLinkOptions,
  { followLink, nextUrl }: typeof Parts,
): Paginator<LinkState> {
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
