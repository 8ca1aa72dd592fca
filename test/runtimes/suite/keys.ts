const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** A fresh key, in PEM, and what tells whether a JWT was signed with it. */
export async function es256(): Promise<{ pem: string; verify(jwt: string): Promise<boolean> }> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(EC, true, ['sign', 'verify'])
  const der = new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))
  const pem = `-----BEGIN PRIVATE KEY-----\n${btoa(String.fromCharCode(...der))}\n-----END PRIVATE KEY-----`
  return {
    pem,
    async verify(jwt) {
      const [head = '', body = '', signature = ''] = jwt.split('.')
      const signed = new TextEncoder().encode(`${head}.${body}`)
      return crypto.subtle.verify({ ...EC, hash: 'SHA-256' }, publicKey, decode(signature), signed)
    },
  }
}

function decode(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}
