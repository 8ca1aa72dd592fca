/** What stands before a key in PKCS#8, for the two kinds whose own form leaves it out (RFC 8017, A.1; RFC 5480, 2.1.1). */
const KINDS: Readonly<Record<string, readonly number[]>> = {
  'RSA ': [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0],
  'EC ': [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
}

const INTEGER_0 = [0x02, 1, 0]
const OCTETS = 0x04
const SEQUENCE = 0x30

/**
 * The private key in a PEM text, as PKCS#8: WebCrypto takes no other form. Many programs write `BEGIN RSA PRIVATE KEY`
 * (PKCS#1) or `BEGIN EC PRIVATE KEY` (RFC 5915, here on P-256 only), which PKCS#8 wraps. What stands around the key is
 * skipped. `undefined` where there is none that can be read, such as one with a passphrase.
 */
export function pkcs8Of(pem: string): Uint8Array<ArrayBuffer> | undefined {
  const [, label = '', kind = '', body = ''] =
    /-----BEGIN ((RSA |EC |)PRIVATE KEY)-----(.+?)-----END \1-----/s.exec(pem) ?? []
  // Variables of the environment often hold the line breaks as a backslash and a letter.
  const text = body.replace(/\s|\\+[nr]/g, '')
  if (label === '' || !/^[\w+/]+=*$/.test(text)) return undefined
  const key = Array.from(atob(text), (char) => char.charCodeAt(0))
  const algorithm = KINDS[kind]
  if (algorithm === undefined) return Uint8Array.from(key)
  return Uint8Array.from(der(SEQUENCE, [...INTEGER_0, ...der(SEQUENCE, algorithm), ...der(OCTETS, key)]))
}

/** A tag, the length in its shortest form, and the content. */
function der(tag: number, content: readonly number[]): number[] {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return [tag, ...size, ...content]
}
