import { type ErrorFields, SynclineError } from '../errors.ts'
import type { parseUrl } from './origin.ts'

const STATUSES = [301, 302, 303, 307, 308]
const MOST = 5

/** Where the next hop of a request goes. */
export interface Hop {
  readonly method: string
  readonly url: URL
  readonly keepBody: boolean
}

/**
 * The hop that a response asks for; `undefined` when it is no redirect. Runtimes send custom headers and bodies along to
 * foreign hosts, so redirects are followed here: at most five, none twice, and a POST with its body only within its
 * origin. Whether the target may be asked at all is decided by `accessTo`, as for any request.
 *
 * @param hops How many redirects this request has followed.
 * @param seen The URLs that it has asked, without credentials.
 */
export function nextHop(
  response: Response,
  { method, url }: Omit<Hop, 'keepBody'>,
  hops: number,
  seen: ReadonlySet<string>,
  where: ErrorFields,
  parse: typeof parseUrl,
): Hop | undefined {
  const { status } = response
  if (response.type === 'opaqueredirect') {
    throw new SynclineError('redirect_opaque', 'the API redirects, and this runtime does not say where', {
      ...where,
      hint: "Configure the URL that it redirects to, or set client.redirect: 'follow' if you trust the API.",
    })
  }
  const location = response.headers.get('location')
  if (!STATUSES.includes(status) || location === null) return undefined
  const refuse = (why: string) =>
    new SynclineError('redirect_refused', why, { ...where, status, hint: 'Configure the URL that it redirects to.' })
  const target = parse(location, { ...where, status }, url)
  target.hash = ''
  const read = method === 'GET' || method === 'HEAD'
  if (seen.has(target.href)) throw refuse('the API redirects in a circle')
  if (hops >= MOST) throw refuse(`the API redirects more than ${MOST} times`)
  if (read || status === 303) return { method: method === 'HEAD' ? 'HEAD' : 'GET', url: target, keepBody: false }
  if (status < 307) throw refuse(`a redirect with status ${status} would turn ${method} into GET`)
  if (target.origin !== url.origin) throw refuse(`a redirect would send the body of a ${method} to another origin`)
  return { method, url: target, keepBody: true }
}
