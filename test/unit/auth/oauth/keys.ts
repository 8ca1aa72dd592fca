import { createPrivateKey } from 'node:crypto'

/** A key pair: the private key in PEM, and a check of what it signs. */
export async function keys(algorithm: RsaHashedKeyGenParams | EcKeyGenParams) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`
  const verify = (jwt: string) => {
    const [head, body, signature] = jwt.split('.')
    return crypto.subtle.verify(
      { name: algorithm.name, hash: 'SHA-256' },
      publicKey,
      Buffer.from(signature ?? '', 'base64url'),
      Buffer.from(`${head}.${body}`),
    )
  }
  return { pem, verify }
}

export const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
}
export const EC = { name: 'ECDSA', namedCurve: 'P-256' }

/** The same key in the form of a program that knows only its own kind. */
export const traditional = (pem: string, type: 'pkcs1' | 'sec1') =>
  createPrivateKey(pem).export({ type, format: 'pem' })
