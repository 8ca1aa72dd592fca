import { type ErrorFields, SynclineError } from '../../errors.ts'
import { isJsonObject, type JsonObject, own } from '../../json.ts'
import type { AuthContext, FormAnswer } from '../auth.ts'

/** What is sent to a token endpoint: always a POST with a form. */
export interface TokenRequest {
  readonly url: string
  readonly form: Readonly<Record<string, string>>
  /** `Authorization` of the client, where it is not in the form. */
  readonly authorization?: string | undefined
  /** The grant in it may be used up even if no answer comes, as a refresh token is that rotates: it is not sent again. */
  readonly singleUse?: boolean
  /** Called when the refresh token or the assertion is refused for good. */
  onInvalidGrant?(error: SynclineError): void
}

export interface TokenResponse {
  readonly accessToken: string
  /** How long it is valid, in ms; `undefined` where the endpoint does not say. */
  readonly validMs: number | undefined
  /** The next refresh token, where the endpoint rotates them. */
  readonly refreshToken: string | undefined
}

/**
 * What a request must not be signed with as a bearer token: the other registered types, and one that nearly was. Any other
 * word is taken for one: vendors write `BearerToken`, `Application Access Token`, `bot`.
 */
const OTHER_TYPES = ['dpop', 'mac', 'n_a', 'pop']

/** Asks for a token (RFC 6749, 5). Nothing that the endpoint writes gets into an error but its registered error codes. */
export async function requestToken(request: TokenRequest, { now, post, signal }: AuthContext): Promise<TokenResponse> {
  const { url, form, authorization } = request
  const { origin, pathname } = new URL(url)
  const where = { method: 'POST', origin, pathTemplate: pathname }
  const answer = await post({ url, form, headers: authorization === undefined ? {} : { authorization } }, signal)
  if (answer !== undefined) return readToken(answer, request, where, now)
  throw failed('the token endpoint did not answer', {
    ...where,
    retryable: request.singleUse !== true,
    hint: 'Check accessTokenUrl. In a browser the endpoint must allow the origin of the page (CORS).',
  })
}

function readToken(
  answer: FormAnswer,
  request: TokenRequest,
  where: ErrorFields,
  now: AuthContext['now'],
): TokenResponse {
  const { status, waitMs } = answer
  const body = isJsonObject(answer.body) ? answer.body : {}
  const token = own(body, 'access_token')
  // Some endpoints write an error with a status of success.
  if (status < 200 || status > 299 || (typeof token !== 'string' && own(body, 'error') !== undefined)) {
    throw refused(status, body, request, { ...where, retryAt: waitMs && now() + waitMs })
  }
  // As for any secret in a header: a runtime would quote what it refuses.
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) {
    throw failed('the token endpoint sent no access token', { ...where, status, hint: 'Check accessTokenUrl.' })
  }
  if (OTHER_TYPES.includes(String(own(body, 'token_type')).toLowerCase())) {
    throw failed('the token endpoint sent a token that is no bearer token', {
      ...where,
      status,
      hint: 'Only bearer tokens are supported: sign the requests in a function, `auth: async (request) => …`.',
    })
  }
  const refreshToken = own(body, 'refresh_token')
  return {
    accessToken: token,
    validMs: validMs(own(body, 'expires_in')),
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
  }
}

/** Seconds as a number, or as text as some endpoints write them. A negative life is one that is over. */
function validMs(expiresIn: unknown): number | undefined {
  const text = typeof expiresIn === 'number' || typeof expiresIn === 'string' ? String(expiresIn) : ''
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined
}

/** The error codes of RFC 6749, 5.2, and RFC 8707, 2, and what to do about each. */
const CODES = new Map([
  ['invalid_client', 'Check clientId, clientSecret and clientAuthentication; for a JWT, the key.'],
  [
    'invalid_grant',
    'A refresh token is used up, revoked or expired: sign in again. For a JWT: check privateKey, keyId, subject, audience and the clock.',
  ],
  ['invalid_scope', 'Check the scope.'],
  ['invalid_target', 'Check the resource or audience in accessTokenRequestData.'],
  ['invalid_request', 'Check accessTokenRequestData.'],
  ['unauthorized_client', 'The client may not use this grant.'],
  ['unsupported_grant_type', 'The endpoint does not know this grant.'],
])

function refused(status: number, body: JsonObject, request: TokenRequest, where: ErrorFields): SynclineError {
  // As GitHub and Slack say it.
  const code = String(own(body, 'error')).replace(/^(?:bad|invalid)_refresh_token$/, 'invalid_grant')
  const known = CODES.get(code)
  const failing = status === 429 || status >= 500
  // A gateway may have lost the answer of an endpoint that did take the request; these two say that nobody did.
  const retryable = failing && (request.singleUse !== true || status === 429 || status === 503)
  const error = failed(`the token endpoint refused${known === undefined ? '' : ` (${code})`}`, {
    ...where,
    status,
    retryable,
    retryAt: retryable ? where.retryAt : undefined,
    hint:
      known ??
      (failing ? 'It is busy or failing: try again later.' : 'Check accessTokenUrl and the credentials of the client.'),
  })
  if (code === 'invalid_grant') request.onInvalidGrant?.(error)
  return error
}

function failed(what: string, fields: ErrorFields): SynclineError {
  return new SynclineError('auth_failed', what, fields)
}
