import type { AuthConfig } from '../../src/auth/index.ts'

/** One way to configure auth: for the client, or for an endpoint in place of it. */
export interface AuthKind {
  readonly name: string
  readonly client: AuthConfig
  readonly endpoint?: AuthConfig
}

const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
const PKCS8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')

/** Every kind, each with the same secret. A token endpoint that answers with the secret as access token makes it complete. */
export function authKinds(secret: string, accessTokenUrl: string): AuthKind[] {
  const oauth = { accessTokenUrl, clientId: 'me', clientSecret: secret }
  const key = `-----BEGIN PRIVATE KEY-----\n${PKCS8}\n-----END PRIVATE KEY-----`
  const bearer: AuthConfig = { token: () => secret }
  const byFunction: AuthConfig = (request) => {
    request.headers.set('x-session-token', secret)
    return request
  }
  return [
    { name: 'bearer', client: bearer },
    { name: 'header key', client: { type: 'api_key', name: 'x-api-key', apiKey: secret } },
    { name: 'query key', client: { type: 'api_key', name: 'api_key', apiKey: secret, location: 'query' } },
    { name: 'cookie', client: { type: 'api_key', name: 'sid', apiKey: secret, location: 'cookie' } },
    { name: 'basic', client: { type: 'http_basic', username: 'me', password: secret } },
    { name: 'client credentials', client: { type: 'oauth2_client_credentials', ...oauth } },
    {
      name: 'client credentials by Basic',
      client: { type: 'oauth2_client_credentials', ...oauth, clientAuthentication: 'basic' },
    },
    { name: 'refresh token', client: { type: 'oauth2_refresh_token', ...oauth, refreshToken: secret } },
    { name: 'JWT', client: { type: 'oauth_jwt', accessTokenUrl, clientId: 'me', privateKey: key, algorithm: 'ES256' } },
    { name: 'function', client: byFunction },
    {
      name: 'key of the endpoint',
      client: { token: `${secret}-of-the-client` },
      endpoint: { type: 'api_key', name: 'key', apiKey: secret, location: 'query' },
    },
  ]
}
