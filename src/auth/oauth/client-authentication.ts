import { base64 } from '../../base64.ts'
import type { Secret } from '../auth.ts'
import { filledSecret, textSecret } from '../secret.ts'
import type { TokenRequest } from './token-endpoint.ts'

/** How a client proves who it is at a token endpoint. */
export interface ClientOptions {
  readonly clientId: Secret
  /** A public client has none. */
  readonly clientSecret?: Secret | undefined
  readonly clientAuthentication?: 'body' | 'basic' | undefined
}

/** The credentials of a client, in the form or in `Authorization` (RFC 6749, 2.3.1). */
export async function authenticateClient({
  clientId,
  clientSecret,
  clientAuthentication = 'body',
}: ClientOptions): Promise<Pick<TokenRequest, 'form' | 'authorization'>> {
  const id = await filledSecret(clientId, 'auth.clientId')
  const secret = clientSecret === undefined ? undefined : await textSecret(clientSecret, 'auth.clientSecret')
  if (secret === undefined) return { form: { client_id: id } }
  if (clientAuthentication === 'body') return { form: { client_id: id, client_secret: secret } }
  const pair = `${formEncode(id)}:${formEncode(secret)}`
  return { form: {}, authorization: `Basic ${base64(new TextEncoder().encode(pair))}` }
}

/** Both parts are encoded as in a form before they are joined, so that a colon in one does no harm. */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
