import type { Auth, AuthContext, SignableRequest } from '../auth/auth.ts'
import type { ResolvedClient } from '../config/resolved.ts'
import { type ErrorFields, SynclineError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { discard } from './body.ts'
import type { Scope } from './deadline.ts'
import { networkError } from './network-error.ts'
import { type Access, accessTo, type OriginRules, parseUrl } from './origin.ts'
import { type Prepared, withoutCredentials } from './prepare.ts'
import { type Hop, nextHop } from './redirect.ts'
import { sign } from './sign.ts'
import { withoutParams } from './url.ts'

/** What all requests of a client share. */
export interface Transport {
  readonly client: ResolvedClient
  readonly ports: Ports
  readonly origins: OriginRules
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
  /** What signing has put into it. */
  readonly secrets: readonly string[]
}

/** Signs a request, sends it, and follows its redirects to the response that counts. */
export async function exchange(transport: Transport, attempt: Attempt): Promise<Answer> {
  const { request, where } = attempt
  const seen = new Set<string>()
  let hop: Hop = { method: request.method, url: parseUrl(request.url, where), keepBody: true }
  for (let hops = 0; ; hops++) {
    const { url, outgoing, signed, secrets } = await prepareHop(transport, attempt, hop, hops)
    seen.add(url)
    const response = await send(transport, attempt, outgoing)
    try {
      const next = nextHop(response, hop, hops, seen, where)
      if (next === undefined) {
        const final = finalUrl(response, url, transport, attempt)
        return { response, url: final, redirected: hops > 0 || response.redirected, signed, secrets }
      }
      hop = { ...next, keepBody: next.keepBody && hop.keepBody }
      discard(response)
    } catch (error) {
      discard(response)
      throw error
    }
  }
}

/** Decides what the hop may carry, and signs it if that includes credentials. */
async function prepareHop(transport: Transport, attempt: Attempt, { method, url, keepBody }: Hop, hops: number) {
  const { request, auth, where } = attempt
  const access = accessTo(url, transport.origins, attempt.named, where)
  await attempt.admit()
  const clean = withoutSecrets(url, access, transport, attempt)
  const headers = access === 'credentials' ? new Headers(request.headers) : withoutCredentials(request.headers)
  if (!keepBody) headers.delete('content-type')
  // A condition is about the URL that gave the validator.
  if (hops > 0) for (const name of ['if-none-match', 'if-modified-since']) headers.delete(name)
  const outgoing: SignableRequest = { method, url: new URL(clean), headers, body: keepBody ? request.body : undefined }
  if (auth === undefined || access === 'anonymous') return { url: clean, outgoing, signed: undefined, secrets: [] }
  const known = new Set([...new Headers(outgoing.headers).values(), ...outgoing.url.searchParams.values()])
  const signed = await sign(auth, outgoing, attempt.context, attempt.scope, where)
  if (accessTo(signed.url, transport.origins, undefined, where) === 'credentials') {
    return { url: clean, outgoing: signed, signed, secrets: addedTo(signed, known) }
  }
  throw new SynclineError('foreign_origin', 'client.auth moved the request to an origin without credentials', {
    ...where,
    hint: 'Let client.auth leave the origin as it is, or allow that one credentials in client.allowedOrigins.',
  })
}

/** Shorter values are no secrets, and may be met in a link by chance. */
const SHORTEST_SECRET = 8

/** A function that signs may add other things too, such as a tenant: what a link says of these has to stay. */
const NAME_OF_SECRET = /auth|key|token|secret/i

/** The secrets that are not among the values `known`, without the name of a scheme before them. */
function addedTo({ headers, url }: SignableRequest, known: ReadonlySet<string>): string[] {
  return [...headers, ...url.searchParams]
    .filter(([name, value]) => NAME_OF_SECRET.test(name) && !known.has(value))
    .map(([, value]) => value.replace(/^\w+ /, ''))
    .filter(({ length }) => length >= SHORTEST_SECRET)
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
    if (response.type !== 'error') return response
  } catch (error) {
    // A `fetch` that does not heed the signal may still answer: nobody reads that.
    pending.then(discard, () => {})
    scope.signal.throwIfAborted()
    throw networkError(error, 'no response came', where)
  }
  throw networkError(undefined, 'no response came', where)
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
function withoutSecrets({ href }: URL, access: Access, { client }: Transport, { auth }: Attempt): string {
  const others = access === 'anonymous' ? client.auth?.queryParams : undefined
  return withoutParams(href, [...(auth?.queryParams ?? []), ...(others ?? [])])
}
