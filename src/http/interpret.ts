import { callUser } from '../call-user.ts'
import type { ParseFunction } from '../config/parse.ts'
import type { ActionResult, ResponseAction } from '../config/resolved.ts'
import { type ErrorFields, SynclineError } from '../errors.ts'
import { isJson } from '../json.ts'
import { loaded } from '../loaded.ts'
import {
  type BodyFault,
  decodeText,
  discard,
  htmlFault,
  isFault,
  type ParsedBody,
  parseJson,
  readBytes,
} from './body.ts'
import type { Scope } from './deadline.ts'
import type { Answer, Transport } from './exchange.ts'
import { parseHttpDate } from './http-date.ts'
import type { Received } from './parse-text.ts'
import type { HttpResponse } from './request.ts'
import type { Failure } from './retry.ts'
import { isRateLimited, waitHint } from './retry-after.ts'

/** What a response means: a page, or why it is none. */
export type Outcome = { readonly page: HttpResponse } | Failure

/** How a response is read. */
export interface Reading {
  readonly method: string
  readonly actions: readonly ResponseAction[]
  /** In place of JSON. */
  readonly parse: ParseFunction | undefined
  /** The request had a condition, so that a 304 is an answer. */
  readonly conditional?: boolean
  readonly scope: Scope
  readonly where: ErrorFields
  count(bytes: number): void
}

const NO_BODY = [204, 205]

/** Reads a response to its end and decides what it means: response actions first, then the status, then the body. */
export async function interpret(transport: Transport, answer: Answer, reading: Reading): Promise<Outcome> {
  const { client, ports, secrets } = transport
  const { response } = answer
  const { status, headers } = response
  const where = { ...reading.where, status }
  const hasBody = !NO_BODY.includes(status) && reading.method !== 'HEAD'
  const acting =
    reading.actions.length > 0 ? await reading.scope.race(loaded(import('./response-actions.ts'))) : undefined
  const wanted = hasBody && (response.ok || acting?.actionsNeedText(reading.actions, status))
  if (!wanted) discard(response)
  const bytes = wanted
    ? await readBytes(response, reading.scope, client.maxBodyBytes, reading.count, where)
    : new Uint8Array()
  if (isFault(bytes)) return badBody(bytes, where)

  const type = headers.get('content-type')
  const text = decodeText(bytes, type)
  const json = (part: string) => parseJson(part, type, client.bigint)
  const decide = () => {
    if (acting === undefined) return undefined
    const info = { status, headers, text: isFault(text) ? acting.decodeLeniently(bytes) : text }
    return reading.scope.race(acting.decideAction(reading.actions, info, json))
  }
  const decided = await callUser('a function of endpoint.responseActions', decide, where, 'response_rejected')
  const verdict = decided?.result
  const page = emptyPage(answer, bytes.length, secrets, ports.now())
  if (verdict === 'ignore') return { page: { ...page, ignored: true } }
  if (verdict === undefined && status === 304 && reading.conditional) return { page: { ...page, notModified: true } }
  if (verdict !== undefined || !response.ok) {
    return badResponse(verdict, headers, client.retry.statuses, ports.now(), where)
  }
  if (!hasBody) return { page }
  const received = { response, bytes: bytes.length, scope: reading.scope, json, isJson }
  const parsed = isFault(text) ? text : await parseBody(text, reading.parse, received, decided?.read)
  if (isFault(parsed)) return badBody(parsed, where)
  return { page: { ...page, body: parsed.value, ...(parsed.unsafe && { unsafe: true }) } }
}

/** A page as long as there is nothing in it. */
function emptyPage(
  { response, url, redirected }: Answer,
  bytes: number,
  secrets: ReadonlySet<string>,
  now: number,
): HttpResponse {
  const { status, headers, type } = response
  const date = parseHttpDate(headers.get('date') ?? '', now)
  return {
    status,
    headers,
    url,
    body: undefined,
    bytes,
    ignored: false,
    secrets,
    ...(date !== undefined && { date }),
    ...(type === 'cors' && { headersHidden: true }),
    ...(redirected && { redirected }),
  }
}

async function parseBody(
  text: string,
  parse: ParseFunction | undefined,
  received: Received,
  read: ParsedBody | BodyFault | undefined,
): Promise<ParsedBody | BodyFault> {
  const { response, scope, json } = received
  if (parse === undefined) return read ?? json(text)
  const html = htmlFault(text, response.headers.get('content-type'))
  if (html !== undefined) return html
  const { parseText } = await scope.race(loaded(import('./parse-text.ts')))
  return parseText(parse, text, received)
}

function badBody({ code, what, hint, cut = false }: BodyFault, where: ErrorFields): Failure {
  return { error: new SynclineError(code, what, { ...where, hint, retryable: cut }), again: cut ? 'backoff' : 'no' }
}

function badResponse(
  verdict: ActionResult,
  headers: Headers,
  statuses: readonly number[],
  now: number,
  where: ErrorFields & { status: number },
): Failure {
  const limited = verdict === 'rate_limited' || (verdict === undefined && isRateLimited(where.status, headers, now))
  // A 403 may mean what a 429 means.
  const passing = verdict === undefined ? statuses.includes(limited ? 429 : where.status) : verdict !== 'fail'
  const hint = limited || passing ? waitHint(headers, limited, now) : undefined
  const fields = { ...where, retryable: limited || passing, retryAt: hint && now + hint }
  return { error: errorOf(verdict, limited, fields), again: !passing ? 'no' : limited ? 'rate_limit' : 'backoff', hint }
}

function errorOf(verdict: ActionResult, limited: boolean, fields: ErrorFields & { status: number }): SynclineError {
  if (limited) {
    return new SynclineError('rate_limited', 'the API limits how often it is asked', {
      ...fields,
      hint: 'Call again later, after retryAt if the error has one, and set client.rateLimit to what the API allows.',
    })
  }
  if (verdict === 'fail' || (verdict !== undefined && fields.status < 400)) {
    return new SynclineError('response_rejected', `endpoint.responseActions said ${verdict}`, {
      ...fields,
      hint: 'Look at the response, and at the action of endpoint.responseActions that it met.',
    })
  }
  return new SynclineError('http_status', 'the API answered with an error', { ...fields, hint: advice(fields) })
}

function advice({ status, pathTemplate = '' }: ErrorFields & { status: number }): string {
  if (status === 401) return 'Check client.auth: the credentials are missing, wrong or expired.'
  if (status === 403) return 'The API does not allow this: check the scopes and rights of the credentials.'
  if (status === 404) {
    const known = 'Check client.baseUrl and endpoint.path.'
    if (!pathTemplate.includes('{')) return known
    return `${known} If what a placeholder names may be gone, set responseActions: [{ statusCode: 404, action: 'ignore' }].`
  }
  if (status >= 500) return 'The API is failing: try again later.'
  return 'Check the method, the params and the body of the endpoint.'
}
