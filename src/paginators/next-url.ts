import { SynclineError } from '../errors.ts'
import type { RequestSpec } from '../http/request.ts'
import { type JsonValue, jsonType } from '../json.ts'

/** What paginators that follow links keep: the absolute URL of the page; nothing for the first. */
export type LinkState = { url?: string }

/** The request for a link: its URL has all the parameters, so those of the endpoint are not added again. */
export function followLink(request: RequestSpec, { url }: LinkState): RequestSpec {
  return url === undefined ? request : { ...request, url, params: {} }
}

/**
 * The absolute URL of a link that a page at `base` gives; `undefined` where there is none: nothing, `null`, `""`, `0`
 * or `false`. Whether the origin may be asked is for the HTTP client to decide, for every request.
 *
 * @throws `invalid_url`
 */
export function nextUrl(link: JsonValue | undefined, base: string): string | undefined {
  if (!link || (typeof link === 'string' && link.trim() === '')) return undefined
  if (typeof link !== 'string') {
    throw new SynclineError('invalid_url', `the next link is of type ${jsonType(link)}, not text`, {
      hint: 'Set nextUrlPath to where the URL itself is.',
    })
  }
  const url = parse(link, base)
  if (url === undefined) {
    throw new SynclineError('invalid_url', 'the next link is no URL', {
      hint: 'Check that the paginator looks at the right place of the response.',
    })
  }
  // Refused here already: what is returned is stored.
  if (url.username !== '' || url.password !== '') {
    throw new SynclineError('invalid_url', 'the next link has a user or a password in it', {
      hint: 'Put credentials into client.auth, and page in another way than by this link.',
    })
  }
  url.hash = ''
  return url.href
}

function parse(link: string, base: string): URL | undefined {
  try {
    return new URL(link, base)
  } catch {
    return undefined
  }
}
