import type { Ports } from '../ports.ts'

/** A secret, or a function that brings it when a request is signed. */
export type Secret = string | (() => string | Promise<string>)

/** What an auth scheme sees and changes: a request about to go to an origin that may have credentials. */
export interface SignableRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: string | undefined
}

/** What a scheme needs to fetch a token. */
export interface AuthContext {
  readonly ports: Ports
  readonly signal: AbortSignal | undefined
  /** Counts a request of the scheme's own (a token refresh) against the caller's budget. */
  takeRequest(): void
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
}
