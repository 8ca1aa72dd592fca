import * as v from 'valibot'
import { secretSchema } from './secret.ts'

/** A URL that secrets may be sent to: https, and http on the machine itself. */
const tokenUrlSchema = v.pipe(
  v.string(),
  v.check((text) => {
    if (!URL.canParse(text)) return false
    const { protocol, hostname, username, password } = new URL(text)
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
    return (protocol === 'https:' || (protocol === 'http:' && local)) && username === '' && password === ''
  }, 'an absolute https URL without user and password'),
)

/** What every scheme with a token endpoint has. */
export const tokenEntries = {
  accessTokenUrl: tokenUrlSchema,
  clientId: secretSchema,
  accessTokenRequestData: v.optional(v.record(v.string(), v.string())),
  defaultTokenExpiration: v.optional(v.pipe(v.number(), v.minValue(0))),
}
