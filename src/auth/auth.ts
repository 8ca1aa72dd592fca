import type { JsonValue } from '../json.ts'

/** A secret, or a function that brings it when a request is signed. */
export type Secret = string | (() => string | undefined | Promise<string | undefined>)

/** What an auth scheme sees and changes: a request about to go to an origin that may have credentials. */
export interface SignableRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: string | undefined
}

/** A form for a token endpoint. */
export interface FormRequest {
  readonly url: string
  readonly form: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

export interface FormAnswer {
  readonly status: number
  /** The parsed body; `undefined` where it is neither JSON nor a form. */
  readonly body: JsonValue | undefined
  /** How long the endpoint asks to wait, in ms. */
  readonly waitMs: number | undefined
}

/** What a scheme needs to fetch a token. */
export interface AuthContext {
  readonly signal: AbortSignal | undefined
  /** Milliseconds since 1970. */
  now(): number
  /** Posts a form, once, and counts it against the caller's budget; `undefined` when no whole answer came. */
  post(request: FormRequest, signal: AbortSignal | undefined): Promise<FormAnswer | undefined>
}

/** Signs requests. Held for the life of a client, so that tokens are shared. */
export interface Auth {
  /** The same request with credentials; may be changed in place. */
  sign(request: SignableRequest, context: AuthContext): Promise<SignableRequest> | SignableRequest
  /**
   * Called on a 401 with the request as it was signed; true when there is a newer token now, so that the request is
   * worth one more try. Requests that failed with the same token share one refresh.
   */
  refresh?(failed: SignableRequest, context: AuthContext): Promise<boolean>
  /** Query parameters that carry credentials: stripped from links that servers send and from stored positions. */
  readonly queryParams?: readonly string[]
  /** A function of the user's signs. It may add more than secrets, such as a tenant. */
  readonly custom?: boolean
}
