import { type ErrorFields, SynclineError } from '../errors.ts'
import type { RequestSpec } from './request.ts'
import { encodePairs, withQuery } from './url.ts'

/** A request in the form in which it is signed and sent. */
export interface Prepared {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string | undefined
  /** The body is sent as bytes: `fetch` would give text a content type that the config did not ask for. */
  readonly raw: boolean
}

/** Encodes params and body. Refuses what `fetch` cannot send. */
export function prepare(request: RequestSpec, where: ErrorFields): Prepared {
  const { json, data } = request
  const method = request.method.toUpperCase()
  if (json !== undefined && data !== undefined) {
    throw new SynclineError('body_conflict', 'json and data are both set', { ...where, hint: 'Use one of them.' })
  }
  if ((method === 'GET' || method === 'HEAD') && (json !== undefined || data !== undefined)) {
    throw new SynclineError('get_with_body', `a ${method} request cannot have a body`, {
      ...where,
      hint: 'Use params, or the method POST.',
    })
  }
  const headers = safeHeaders(request.headers, where)
  if (!headers.has('accept')) headers.set('accept', 'application/json, */*;q=0.8')
  const form = data !== undefined && typeof data !== 'string'
  const type = json !== undefined ? 'application/json' : form ? 'application/x-www-form-urlencoded' : undefined
  if (type !== undefined && !headers.has('content-type')) headers.set('content-type', type)
  return {
    method,
    url: withQuery(request.url, encodePairs(request.params)),
    headers,
    body: json !== undefined ? JSON.stringify(json) : form ? encodePairs(data) : data,
    raw: type === undefined,
  }
}

/** Runtimes quote the value of a header that they refuse: it may be a secret. */
function safeHeaders(headers: RequestSpec['headers'], where: ErrorFields): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new SynclineError('config_invalid', 'a header has a name or a value that cannot be sent', {
      ...where,
      hint: 'Names are tokens; values have no line break and no character beyond Latin-1.',
    })
  }
}

const HARMLESS = ['accept', 'accept-language', 'content-language', 'content-type']

/** What goes to an origin that gets no credentials: other headers of the config may be keys. */
export function withoutCredentials(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => HARMLESS.includes(name)))
}
