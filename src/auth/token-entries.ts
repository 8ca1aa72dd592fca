import * as v from 'valibot'
import { amount, check, record } from '../config/checks.ts'
import { secretSchema } from './secret.ts'

/** What every scheme with a token endpoint has. */
export const tokenEntries = {
  accessTokenUrl: check<string>('a string: an absolute https URL without user and password', isTokenUrl),
  clientId: secretSchema,
  accessTokenRequestData: v.optional(record(v.string())),
  defaultTokenExpiration: v.optional(amount),
}

/** A URL that secrets may be sent to: https, and http on the machine itself. */
function isTokenUrl(input: unknown): boolean {
  if (typeof input !== 'string' || !URL.canParse(input)) return false
  const { protocol, hostname, username, password } = new URL(input)
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return (protocol === 'https:' || (protocol === 'http:' && local)) && username === '' && password === ''
}
