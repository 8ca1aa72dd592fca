import { createFetch } from 'ofetch'
import type { Auth, AuthContext } from '../auth/auth.ts'
import type { ParseFunction } from '../config/parse.ts'
import type { ResolvedClient, ResponseAction } from '../config/resolved.ts'
import { type ErrorFields, isSynclineError, SynclineError } from '../errors.ts'
import { loaded } from '../loaded.ts'
import type { Ports } from '../ports.ts'
import { decodeText, discard, isFault, parseJson, readBytes } from './body.ts'
import { type Limit, left, openScope, type Scope, timeoutError } from './deadline.ts'
import { exchange, type Transport } from './exchange.ts'
import { interpret, type Outcome } from './interpret.ts'
import { namedOrigin, originRules } from './origin.ts'
import { type Prepared, prepare } from './prepare.ts'
import { privacyFields } from './privacy.ts'
import { createLimiter, type Limiter } from './rate-limit.ts'
import type { HttpResponse, RequestMeter, RequestSpec } from './request.ts'
import { type Failure, type RetryBudget, retryBudget, retryWait } from './retry.ts'
import { waitHint } from './retry-after.ts'
import { safeFields } from './safe-fields.ts'
import { refresh } from './sign.ts'

/** What a request needs besides itself. */
export interface SendOptions {
  /** Whose credentials go along where they may; `undefined`: nobody's. */
  readonly auth: Auth | undefined
  readonly actions: readonly ResponseAction[]
  /** Reads bodies that are not JSON. */
  readonly parse?: ParseFunction | undefined
  readonly meter: RequestMeter
  readonly signal?: AbortSignal | undefined
  /** The request has a condition, so that a 304 is an answer and no error. */
  readonly conditional?: boolean
  /** The resource that is read, for errors. */
  readonly resource?: string
}

/** Sends requests. Held for the life of a run: its requests share one rate limit and one retry budget. */
export interface HttpClient {
  /**
   * One request, repeated as `client.retry` says, to a response that counts. Throws a `SynclineError` for anything else,
   * and `signal.reason` as soon as the signal aborts.
   */
  send(request: RequestSpec, options: SendOptions): Promise<HttpResponse>
}

export function createHttpClient(client: ResolvedClient, ports: Ports): HttpClient {
  const shared: Shared = {
    transport: { client, ports, origins: originRules(client), secrets: new Set(), fetch: createTransport(ports) },
    limiter: createLimiter(client.rateLimit, ports, client),
    budget: retryBudget(),
  }
  return { send: (request, options) => send(shared, request, options) }
}

interface Shared {
  readonly transport: Transport
  readonly limiter: Limiter
  readonly budget: RetryBudget
}

/**
 * ofetch does one attempt and nothing else: its retries ignore `Retry-After` and aborts, its timeout ends with the
 * headers, its parser takes what is no JSON, and its errors quote the URL.
 */
function createTransport(ports: Ports): Transport['fetch'] {
  const { raw } = createFetch({ fetch: (url, init) => ports.fetch(String(url), init) })
  const privacy = privacyFields()
  return (url, init) =>
    raw(url, { ...init, ...privacy, retry: false, ignoreResponseError: true, responseType: 'stream' })
}

/** The state of one `send`. */
interface Sending {
  readonly request: Prepared
  readonly options: SendOptions
  readonly where: ErrorFields
  readonly named: string | undefined
  readonly total: Limit
  /** Attempts so far. */
  attempts: number
  /** Until when the request has waited for a retry. */
  waitedUntil: number
  /** A 401 has been answered with a new token. */
  refreshed: boolean
}

async function send(shared: Shared, spec: RequestSpec, options: SendOptions): Promise<HttpResponse> {
  options.signal?.throwIfAborted()
  const { client, ports } = shared.transport
  const where = safeFields(spec, options.resource)
  const sending: Sending = {
    request: prepare(spec, where),
    options,
    where,
    named: namedOrigin(spec.pathTemplate),
    total: { name: 'total', ms: client.timeout.total * 1000, from: ports.now() },
    attempts: 0,
    waitedUntil: 0,
    refreshed: false,
  }
  for (let retries = 0; ; retries++) {
    const outcome = await attempt(shared, sending)
    if ('page' in outcome) {
      shared.budget.succeeded(retries)
      return outcome.page
    }
    await waitForRetry(shared, sending, outcome, retries)
  }
}

/** One attempt under its deadlines, in its place among the requests of the client. */
async function attempt({ transport, limiter }: Shared, sending: Sending): Promise<Outcome> {
  const { client, ports } = transport
  const { meter, signal } = sending.options
  const leave = await limited(limiter.enter(meter, signal), sending)
  try {
    // What the rate limit costs is not the request's fault.
    sending.total.from += await limited(limiter.turn(meter, signal, sending.waitedUntil), sending)
    const limits: Limit[] = [{ name: 'attempt', ms: client.timeout.attempt * 1000, from: ports.now() }, sending.total]
    const scope = openScope(ports, signal, limits, client.timeout.idle * 1000)
    try {
      return await ask(transport, limiter, sending, scope)
    } catch (error) {
      signal?.throwIfAborted()
      return thrown(error, scope, sending, ports.now())
    } finally {
      scope.close()
    }
  } finally {
    leave()
  }
}

/** Asks once, and once more when a 401 brings a new token. */
async function ask(transport: Transport, limiter: Limiter, sending: Sending, scope: Scope): Promise<Outcome> {
  const { request, options, named } = sending
  const { auth, actions, parse, meter, conditional = false } = options
  const { ports } = transport
  const context: AuthContext = {
    signal: scope.signal,
    now: () => ports.now(),
    async post(form, signal) {
      const { postForm } = await loaded(import('./post-form.ts'))
      meter.takeRequest()
      return postForm(form, ports, signal, parts)
    },
  }
  let hops = 0
  for (;;) {
    const where = { ...sending.where, attempt: ++sending.attempts }
    const admit = async () => {
      if (hops++ > 0) await limited(limiter.turn(meter, scope.signal), sending)
      meter.takeRequest()
    }
    const answer = await exchange(transport, { request, auth, context, scope, where, named, admit })
    const count = (bytes: number) => meter.addBytes(bytes)
    const reading = { method: request.method, actions, parse, conditional, scope, where, count }
    const outcome = await interpret(transport, answer, reading)
    const expired = 'error' in outcome && outcome.error.status === 401 && outcome.again !== 'rate_limit'
    if (!expired || sending.refreshed || auth === undefined || answer.signed === undefined) return outcome
    sending.refreshed = true
    if (!(await refresh(auth, answer.signed, context, scope, where))) return outcome
    meter.onRetry({ attempt: sending.attempts, waitMs: 0, reason: 'http_status', status: 401 })
  }
}

/** For `postForm`. */
const parts = { decodeText, discard, isFault, parseJson, readBytes, openScope, privacyFields, waitHint }

async function limited<T>(turn: Promise<T>, { where }: Sending): Promise<T> {
  try {
    return await turn
  } catch (error) {
    throw isSynclineError(error) ? error.with(where) : error
  }
}

/** What an attempt threw: a deadline or a lost connection may pass, all else is final. */
function thrown(error: unknown, scope: Scope, { where, attempts }: Sending, now: number): Failure {
  const expired = scope.expired()
  if (expired !== undefined) {
    const timeout = timeoutError(expired).with({ ...where, attempt: attempts })
    return { error: timeout, again: expired.name === 'total' ? 'no' : 'backoff' }
  }
  if (isSynclineError(error, 'network') || (isSynclineError(error, 'auth_failed') && error.retryable)) {
    return { error, again: 'backoff', hint: error.retryAt && error.retryAt - now }
  }
  throw error
}

/** Waits before the next attempt, or throws why there is none. */
async function waitForRetry(shared: Shared, sending: Sending, failure: Failure, retries: number): Promise<void> {
  const { client, ports } = shared.transport
  const { meter, signal } = sending.options
  const { error, again, hint = 0 } = failure
  const wait = retryWait(failure, sending.request.method, retries, client.retry, ports.random())
  const now = ports.now()
  // Others have to wait even where this request gives up.
  if (again === 'rate_limit') shared.limiter.pause(wait ?? Math.min(hint, client.retry.maxDelay * 1000))
  if (wait === undefined || wait >= left(sending.total, now) || !shared.budget.take()) throw error
  const { attempts: attempt, where } = sending
  const status = error.status === undefined ? {} : { status: error.status }
  if (!meter.mayWait(wait)) {
    throw new SynclineError('budget_exceeded', 'the wait before the next attempt is longer than the budget allows', {
      ...where,
      ...status,
      attempt,
      retryable: true,
      retryAt: now + Math.max(wait, hint),
      hint: 'Call step again after retryAt.',
    })
  }
  await ports.sleep(wait, signal)
  signal?.throwIfAborted()
  sending.waitedUntil = now + wait
  meter.onRetry({ attempt, waitMs: wait, reason: error.code, ...status })
}
