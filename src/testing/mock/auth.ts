import { base64 } from '../../base64.ts'

/** What a mocked API asks for, in the words of `client.auth`. Requests without it are answered with 401. */
export type MockAuth =
  | { type: 'bearer'; token: string }
  /** `name` is `Authorization`, `location` is `header`, where they are not said. */
  | { type: 'api_key'; apiKey: string; name?: string; location?: 'header' | 'query' }
  | { type: 'http_basic'; username: string; password: string }
  | MockClientCredentials

/** The token endpoint is mocked as well. It takes the credentials in the form and in `Authorization: Basic`. */
export interface MockClientCredentials {
  type: 'oauth2_client_credentials'
  accessTokenUrl: string
  clientId: string
  clientSecret: string
  /** Seconds that a token is valid. @default 3600 */
  expiresIn?: number
}

export interface Gate {
  admits(request: Request): boolean
  /** The answer of the token endpoint. */
  grant(request: Request): Promise<Response>
  /** No token is valid any more. */
  reset(): void
}

/** Decides who is let in. `now`: ms since 1970. */
export function createGate(auth: MockAuth | undefined, now: () => number): Gate {
  let granted = 0
  const validUntil = new Map<string, number>()
  return {
    admits({ headers, url }) {
      const authorization = headers.get('authorization') ?? ''
      switch (auth?.type) {
        case undefined:
          return true
        case 'bearer':
          return authorization === `Bearer ${auth.token}`
        case 'http_basic':
          return authorization === basic(auth.username, auth.password)
        case 'oauth2_client_credentials':
          return (validUntil.get(authorization) ?? 0) > now()
        case 'api_key': {
          const { name = 'Authorization', location = 'header' } = auth
          return (location === 'header' ? headers.get(name) : new URL(url).searchParams.get(name)) === auth.apiKey
        }
      }
    },
    async grant(request) {
      if (auth?.type !== 'oauth2_client_credentials') return refusal('unsupported_grant_type', 400)
      const form = new URLSearchParams(await request.text())
      if (form.get('grant_type') !== 'client_credentials') return refusal('unsupported_grant_type', 400)
      if (!isClient(auth, form, request.headers.get('authorization'))) return refusal('invalid_client', 401)
      const { expiresIn = 3600 } = auth
      const token = `mock-token-${++granted}`
      validUntil.set(`Bearer ${token}`, now() + expiresIn * 1000)
      return Response.json({ access_token: token, token_type: 'Bearer', expires_in: expiresIn })
    },
    reset: () => validUntil.clear(),
  }
}

/** Parts of Basic credentials are encoded as those of a form are (RFC 6749, 2.3.1). */
function isClient(auth: MockClientCredentials, form: URLSearchParams, authorization: string | null): boolean {
  const encoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1)
  if (authorization !== null) return authorization === basic(encoded(auth.clientId), encoded(auth.clientSecret))
  return form.get('client_id') === auth.clientId && form.get('client_secret') === auth.clientSecret
}

function basic(user: string, password: string): string {
  return `Basic ${base64(new TextEncoder().encode(`${user}:${password}`))}`
}

function refusal(error: string, status: number): Response {
  return Response.json({ error }, { status })
}
