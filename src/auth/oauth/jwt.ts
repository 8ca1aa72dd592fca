import { base64 } from '../../base64.ts'
import { SynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import { secretInvalid } from '../secret.ts'
import { pkcs8Of } from './pem.ts'

export type JwtAlgorithm = 'RS256' | 'ES256'

/** How WebCrypto names what RFC 7518 calls RS256 and ES256. */
const ALGORITHMS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const

/** A JSON Web Token with these claims, signed (RFC 7519 in the compact form of RFC 7515). */
export async function signJwt(
  header: JsonObject & { alg: JwtAlgorithm },
  claims: JsonObject,
  pem: string,
): Promise<string> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new SynclineError('not_implemented', 'a JWT cannot be signed here: this runtime has no WebCrypto', {
      hint: 'Browsers have it on pages with https, and on localhost.',
    })
  }
  const algorithm = ALGORITHMS[header.alg]
  const key = await importKey(pem, header.alg)
  const content = `${encode(JSON.stringify({ ...header, typ: 'JWT' }))}.${encode(JSON.stringify(claims))}`
  // WebCrypto gives an ECDSA signature in the very form that a JWT wants.
  const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(content))
  return `${content}.${base64url(new Uint8Array(signature))}`
}

/** What WebCrypto throws is not repeated: it may quote the key. */
async function importKey(pem: string, alg: JwtAlgorithm): Promise<CryptoKey> {
  try {
    const der = pkcs8Of(pem)
    if (der !== undefined) return await crypto.subtle.importKey('pkcs8', der, ALGORITHMS[alg], false, ['sign'])
  } catch {}
  const how = 'It has a line BEGIN PRIVATE KEY, and no passphrase: openssl pkcs8 -topk8 -nocrypt -in key.pem makes one.'
  const kinds = "An RSA key is for the algorithm 'RS256', an EC key on P-256 for the algorithm 'ES256'."
  throw secretInvalid('auth.privateKey', `is no private key in PEM for ${alg}`, `${how} ${kinds}`)
}

function encode(text: string): string {
  return base64url(new TextEncoder().encode(text))
}

function base64url(bytes: Uint8Array): string {
  return base64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
