import type { ResolvedClient } from '../config/resolved.ts'
import { type ErrorFields, SynclineError } from '../errors.ts'

/** What a request to an origin may carry. */
export type Access = 'credentials' | 'anonymous'

/** Where a client may send requests. Fixed when the client is made: nothing that a server sends changes it. */
export interface OriginRules {
  readonly base: URL
  readonly allowed: ReadonlyMap<string, Access>
}

export function originRules(client: Pick<ResolvedClient, 'baseUrl' | 'allowedOrigins'>): OriginRules {
  const base = parseUrl(client.baseUrl, {})
  const extra = client.allowedOrigins.map(
    ({ origin, credentials }) => [parseUrl(origin, {}).origin, credentials ? 'credentials' : 'anonymous'] as const,
  )
  return { base, allowed: new Map<string, Access>([...extra, [base.origin, 'credentials']]) }
}

/**
 * The one place that decides where a request may go and whether credentials go along. The base URL's origin gets them,
 * an entry of `allowedOrigins` as it says, and an origin that the endpoint's own path names gets none. All else is
 * refused: an API with https is never asked over http, and no scheme but these two is ever used.
 *
 * @param named The origin of an absolute `endpoint.path`.
 */
export function accessTo(url: URL, rules: OriginRules, named: string | undefined, where: ErrorFields): Access {
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && rules.base.protocol === 'http:')
  const access = rules.allowed.get(url.origin) ?? (url.origin === named ? 'anonymous' : undefined)
  if (secure && access !== undefined) return access
  // Other schemes have no origin: only their name is said.
  const target = url.origin === 'null' ? `a ${url.protocol} URL` : url.origin
  throw new SynclineError('foreign_origin', `a request to ${target} was refused`, {
    ...where,
    hint: secure
      ? 'Only the origin of client.baseUrl is asked. If you trust this one, add it to client.allowedOrigins.'
      : 'Only https is used, and http where client.baseUrl has it.',
  })
}

/** An absolute URL without user and password: a server could otherwise choose the credentials that are sent. */
export function parseUrl(text: string, where: ErrorFields, base?: URL): URL {
  let url: URL | undefined
  try {
    url = new URL(text, base)
  } catch {}
  if (url !== undefined && url.username === '' && url.password === '') return url
  throw new SynclineError('invalid_url', url ? 'a URL has a user or a password in it' : 'not a valid absolute URL', {
    ...where,
    hint: url ? 'Put credentials into client.auth.' : 'Check client.baseUrl, endpoint.path and the links of the API.',
  })
}

/** The origin of a path that is absolute in the config itself. A placeholder in its host makes it no origin. */
export function namedOrigin(pathTemplate: string): string | undefined {
  const host = /^https?:\/\/[^/?#\\]+/i.exec(pathTemplate)?.[0]
  if (host === undefined || host.includes('{')) return undefined
  try {
    return new URL(host).origin
  } catch {
    return undefined
  }
}
