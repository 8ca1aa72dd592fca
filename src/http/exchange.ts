import type { Auth, AuthContext, SignableRequest } from '../auth/auth.ts'
import type { ResolvedClient } from '../config/resolved.ts'
import { type ErrorFields, SynclineError } from '../errors.ts'
import { loaded } from '../loaded.ts'
import type { Ports } from '../ports.ts'
import { discard } from './body.ts'
import type { Scope } from './deadline.ts'
import { networkError } from './network-error.ts'
import { type Access, accessTo, type OriginRules, parseUrl } from './origin.ts'
import { type Prepared, withoutCredentials } from './prepare.ts'
import type { Hop } from './redirect.ts'
import { addedSecrets, holdsSecret, partsOf, remember } from './secrets.ts'
import { sign } from './sign.ts'
import { withoutParams } from './url.ts'

/** What all requests of a client share. */
export interface Transport {
  readonly client: ResolvedClient
  readonly ports: Ports
  readonly origins: OriginRules
  /** The secrets that requests were signed with. What is stored, or sent to another origin, must not hold any of them. */
  readonly secrets: Set<string>
  /** One request as it is: no retry, no timeout, no parsing. */
  fetch(url: string, init: RequestInit): Promise<Response>
}

/** One attempt of a request. */
export interface Attempt {
  readonly request: Prepared
  readonly auth: Auth | undefined
  readonly context: AuthContext
  readonly scope: Scope
  readonly where: ErrorFields
  /** The origin of an absolute path in the config. */
  readonly named: string | undefined
  /** Called before each hop: waits for the rate limit and counts the request. */
  admit(): Promise<void>
}

export interface Answer {
  readonly response: Response
  /** The URL that answered, without credentials. */
  readonly url: string
  readonly redirected: boolean
  /** The request as it was signed; `undefined` when no credentials went along. */
  readonly signed: SignableRequest | undefined
}

/** Signs a request, sends it, and follows its redirects to the response that counts. */
export async function exchange(transport: Transport, attempt: Attempt): Promise<Answer> {
  const { request, where } = attempt
  const seen = new Set<string>()
  let hop: Hop = { method: request.method, url: parseUrl(request.url, where), keepBody: true }
  for (let hops = 0; ; hops++) {
    const { url, outgoing, signed } = await prepareHop(transport, attempt, hop, hops)
    seen.add(url)
    // After signing, which may ask for a token: that request must not find the budget used up by this one.
    await attempt.admit()
    const response = await send(transport, attempt, outgoing)
    try {
      const next = await nextOf(response, hop, hops, seen, attempt)
      if (next === undefined) {
        const final = finalUrl(response, url, transport, attempt)
        return { response, url: final, redirected: hops > 0 || response.redirected, signed }
      }
      hop = { ...next, keepBody: next.keepBody && hop.keepBody }
      discard(response)
    } catch (error) {
      discard(response)
      throw error
    }
  }
}

/** The hop that a response asks for. Few do: what follows redirects is loaded then. */
async function nextOf(response: Response, hop: Hop, hops: number, seen: Set<string>, { scope, where }: Attempt) {
  if (response.type !== 'opaqueredirect' && !response.headers.has('location')) return undefined
  const { nextHop } = await scope.race(loaded(import('./redirect.ts')))
  return nextHop(response, hop, hops, seen, where, parseUrl)
}

/** Decides what the hop may carry, and signs it if that includes credentials. */
async function prepareHop(transport: Transport, attempt: Attempt, { method, url, keepBody }: Hop, hops: number) {
  const { request, auth, named, where } = attempt
  const { secrets, origins } = transport
  const access = accessTo(url, origins, named, where)
  const clean = withoutSecrets(url, access, transport, attempt)
  const headers = access === 'credentials' ? new Headers(request.headers) : withoutCredentials(request.headers)
  if (!keepBody) headers.delete('content-type')
  // A condition is about the URL that gave the validator.
  if (hops > 0) for (const name of ['if-none-match', 'if-modified-since']) headers.delete(name)
  const outgoing: SignableRequest = { method, url: new URL(clean), headers, body: keepBody ? request.body : undefined }
  if (access === 'anonymous' && (holdsSecret(clean, secrets) || (outgoing.body && url.origin !== named))) {
    throw withheld(url, where)
  }
  if (auth === undefined || access === 'anonymous') return { url: clean, outgoing, signed: undefined }
  const before = partsOf(outgoing)
  const signed = await sign(auth, outgoing, attempt.context, attempt.scope, where)
  if (accessTo(signed.url, origins, undefined, where) === 'credentials') {
    remember(secrets, addedSecrets(signed, before, auth.custom))
    return { url: clean, outgoing: signed, signed }
  }
  throw withheld(signed.url, where)
}

function withheld({ origin }: URL, where: ErrorFields): SynclineError {
  return new SynclineError('foreign_origin', `a request to ${origin} would carry a secret or a body`, {
    ...where,
    hint: 'Only entries of client.allowedOrigins with credentials: true get these.',
  })
}

async function send(
  transport: Transport,
  { request, scope, where }: Attempt,
  outgoing: SignableRequest,
): Promise<Response> {
  const { method, url, headers, body } = outgoing
  const pending = transport.fetch(url.href, {
    method,
    headers,
    signal: scope.signal,
    redirect: transport.client.redirect,
    ...(body === undefined ? {} : { body: request.raw ? new TextEncoder().encode(body) : body }),
  })
  try {
    const response = await scope.race(pending)
    if (response.type === 'error') throw response
    return response
  } catch (error) {
    // A `fetch` that does not heed the signal may still answer: nobody reads that.
    pending.then(discard, () => {})
    scope.signal.throwIfAborted()
    throw networkError(error, 'no response came', where)
  }
}

/** With redirects followed by the runtime, where it ended is only known afterwards. */
function finalUrl(response: Response, url: string, transport: Transport, attempt: Attempt): string {
  if (!response.redirected || response.url === '') return url
  const final = parseUrl(response.url, attempt.where)
  const access = accessTo(final, transport.origins, attempt.named, attempt.where)
  final.hash = ''
  return withoutSecrets(final, access, transport, attempt)
}

/** A key that a server has put into its link neither replaces nor repeats ours, nor goes where ours may not. */
function withoutSecrets({ href }: URL, access: Access, { client, secrets }: Transport, { auth }: Attempt): string {
  const own = withoutParams(href, auth?.queryParams)
  return access === 'credentials' ? own : withoutParams(own, client.auth?.queryParams, secrets)
}
