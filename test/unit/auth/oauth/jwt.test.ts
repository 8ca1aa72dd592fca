import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { signJwt } from '../../../../src/auth/oauth/jwt.ts'
import { pkcs8Of } from '../../../../src/auth/oauth/pem.ts'
import { EC, keys, RSA, traditional } from './keys.ts'

const PEMS: [string, (pem: string, traditional: string) => string | Buffer][] = [
  ['CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
  ['no line break at the end', (pem) => pem.trimEnd()],
  ['one line', (pem) => pem.replaceAll('\n', ' ')],
  ['escaped line breaks', (pem) => pem.replaceAll('\n', '\\n')],
  ['escaped line breaks of Windows', (pem) => pem.replaceAll('\n', '\\r\\n')],
  ['line breaks that were escaped twice', (pem) => pem.replaceAll('\n', '\\\\n')],
  ['quotes, indents and text around it', (pem) => `Bag Attributes\n  "${pem.replaceAll('\n', '\n  ')}"\n`],
  ['a certificate before it', (pem) => `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${pem}`],
  ['the traditional form', (_, old) => old],
  ['the traditional form, escaped', (_, old) => String(old).replaceAll('\n', '\\n')],
  [
    'parameters before it',
    (_, old) => `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${old}`,
  ],
]

const KEYS = [
  ['RS256', await keys(RSA), 'pkcs1'],
  ['RS256', await keys({ ...RSA, modulusLength: 4096 }), 'pkcs1'],
  ['ES256', await keys(EC), 'sec1'],
] as const

test.each(PEMS)('a private key in PEM: %s', async (_, write) => {
  for (const [algorithm, { pem, verify }, old] of KEYS) {
    const privateKey = String(write(pem, String(traditional(pem, old))))
    const jwt = await signJwt({ alg: algorithm }, { sub: 'me' }, privateKey)
    expect(await verify(jwt), algorithm).toBe(true)
    // RFC 7518, 3.4: the two numbers one after the other, 32 bytes each, and no ASN.1.
    if (algorithm === 'ES256') expect(Buffer.from(jwt.split('.')[2] ?? '', 'base64url').length).toBe(64)
  }
})

test('a key of the traditional form is wrapped as DER wants it: browsers take no longer form of a length', async () => {
  const rsa = await keys(RSA)
  const wrapped = pkcs8Of(String(traditional(rsa.pem, 'pkcs1')))
  expect(Buffer.from(wrapped ?? [])).toEqual(createPrivateKey(rsa.pem).export({ type: 'pkcs8', format: 'der' }))
  const ec = pkcs8Of(String(traditional((await keys(EC)).pem, 'sec1'))) ?? new Uint8Array()
  // The whole, its version, the algorithm, the key.
  expect([...ec.slice(0, 8)]).toEqual([0x30, 0x81, ec.length - 3, 0x02, 1, 0, 0x30, 0x13])
  expect([...ec.slice(27, 29)]).toEqual([0x04, ec.length - 29])
})
