import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SignableRequest } from '../../../src/auth/auth.ts'
import { addedSecrets, holdsSecret, partsOf, remember } from '../../../src/http/secrets.ts'
import { encodings } from '../../support/canaries.ts'

const SECRET = 'Se+cr/et=&"key-7f3e'
const holds = (text: string, secret = SECRET) => holdsSecret(text, new Set([secret]))
const twice = (text: string) => encodeURIComponent(encodeURIComponent(text))

test('a secret is found in every form that the leak scanner knows, but hex', () => {
  const forms = encodings(SECRET).filter((form) => !/^[\da-f]+$/i.test(form))
  expect(forms.length).toBeGreaterThan(8)
  for (const form of forms) expect(holds(`https://api.example.com/?page=2&state=${form}&x`), form).toBe(true)
})

test.each([
  ['in a link within a link', `?redirect=${encodeURIComponent(`https://a.example/?k=${encodeURIComponent(SECRET)}`)}`],
  ['three links deep', `?r=${twice(`/x?r=${encodeURIComponent(`/y?k=${encodeURIComponent(SECRET)}`)}`)}`],
  ['in lower-case percent codes', `?r=${encodeURIComponent(SECRET).toLowerCase().replace('se%2bcr', 'Se%2bcr')}`],
  ['in the path', `/keys/${encodeURIComponent(SECRET)}/items`],
  ['in JSON in base64', `?cursor=${Buffer.from(JSON.stringify({ page: 2, key: SECRET })).toString('base64url')}`],
  ['in a query in base64', `?cursor=${Buffer.from(`page=2&key=${encodeURIComponent(SECRET)}`).toString('base64')}`],
  ['in percent-coded base64', `?c=${encodeURIComponent(Buffer.from(`k:${SECRET}`).toString('base64'))}`],
  ['among broken percent codes', `?c=%zz%${encodeURIComponent(SECRET)}%`],
])('a secret is found %s', (_, text) => expect(holds(text)).toBe(true))

test.each(['', '?page=2', '?key=Se+cr', 'x'.repeat(100_000), '%', '%%%', '\ud800', '?k=Se%252Bcr%252Fet'])(
  'nothing is found in %.30j',
  (text) => expect(holds(text)).toBe(false),
)

test('wherever it stands, and however often it is encoded', () => {
  const secret = fc.string({ minLength: 8, maxLength: 30, unit: 'grapheme' }).filter((text) => text.trim() === text)
  const wrap = fc.constantFrom<(text: string) => string>(
    encodeURIComponent,
    (text) => new URLSearchParams([['k', text]]).toString(),
    (text) => JSON.stringify({ k: text }),
    (text) => Buffer.from(text).toString('base64'),
    (text) => Buffer.from(text).toString('base64url'),
  )
  fc.assert(
    fc.property(secret, fc.string({ unit: 'grapheme' }), wrap, fc.boolean(), (secret, before, first, again) => {
      const once = first(before + secret)
      expect(holds(`/x?a=${again ? encodeURIComponent(once) : once}`, secret)).toBe(true)
    }),
    { seed: 8, numRuns: 1000, examples: [['a+b c%2&"', '', encodeURIComponent, true]] },
  )
})

function request(headers: Record<string, string> = {}, query = ''): SignableRequest {
  return {
    method: 'GET',
    url: new URL(`https://api.example.com/${query}`),
    headers: new Headers(headers),
    body: undefined,
  }
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test.each<[string, SignableRequest, string[]]>([
  ['a bearer token', request({ authorization: 'Bearer token-12345' }), ['token-12345']],
  ['a key without a scheme', request({ appid: 'key-12345678' }), ['key-12345678']],
  ['a key in the query', request({}, '?appid=key-1234%2B5678'), ['key-1234+5678']],
  ['a password', request({ authorization: basic('me:pässword') }), [basic('me:pässword').slice(6), 'pässword']],
  [
    'a key in place of a user',
    request({ authorization: basic('key-12345:') }),
    [basic('key-12345:').slice(6), 'key-12345'],
  ],
  ['no Base64 after Basic', request({ authorization: 'Basic ?????????' }), ['?????????']],
  ['a cookie', request({ cookie: 'sid=cookie-123==' }), ['cookie-123==']],
  ['a cookie after others', request({ cookie: 'a=1; b=2; sid=cookie-123' }), ['cookie-123']],
  ['what is too short', request({ 'x-key': '1234567' }, '?k=1'), []],
])('what signing has added: %s', (_, signed, secrets) => {
  expect(addedSecrets(signed, partsOf(request()))).toEqual(secrets)
})

test('what was there before is no secret; a function of the user adds other things too', () => {
  const before = partsOf(request({ accept: 'application/json', 'x-tenant': 'acme-corporation' }))
  const signed = request({
    accept: 'application/json',
    'x-tenant': 'acme-corporation',
    'x-key': 'key-12345',
    'x-day': '2026-01-01',
  })
  expect(addedSecrets(signed, before)).toEqual(['2026-01-01', 'key-12345'])
  expect(addedSecrets(signed, before, true)).toEqual(['key-12345'])
})

test('secrets that requests are signed with stay known, however many others there are', () => {
  const known = new Set<string>()
  for (let request = 0; request < 1000; request++) remember(known, ['the-key-of-all', `signature-${request}`])
  expect(known.size).toBe(20)
  expect(known).toContain('the-key-of-all')
  expect(known).toContain('signature-999')
  expect(known).toContain('signature-990')
})
