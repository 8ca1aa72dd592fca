import * as v from 'valibot'
import { callUser } from '../call-user.ts'
import { SynclineError } from '../errors.ts'
import type { Secret } from './auth.ts'

const LINE_BREAK = 'Look for a line break or quotes around it.'

/** The schema of a secret: its messages say what it must be, never what it is. */
export const secretSchema = v.custom<Secret>(
  (value) => typeof value === 'string' || typeof value === 'function',
  'a string, or a function that returns one',
)

/**
 * The value of a secret, when a request is signed. Errors name the setting only.
 *
 * @param setting Where it is in the config, such as `auth.apiKey`.
 */
export async function resolveSecret(secret: Secret, setting: string): Promise<string> {
  const value: unknown = typeof secret === 'function' ? await callUser(setting, secret, {}, 'auth_failed') : secret
  if (typeof value === 'string') return value
  throw secretInvalid(setting, 'is not a string', 'Is the environment variable set that it comes from?')
}

/** The value of a secret of one line: what a file or a variable adds at its end is found here, and not by the server. */
export async function textSecret(secret: Secret, setting: string): Promise<string> {
  const value = await resolveSecret(secret, setting)
  if (/[^ -~\x80-\uffff]/.test(value)) throw secretInvalid(setting, 'has control characters', LINE_BREAK)
  return value
}

/** The value of a secret that is never the empty text, as a variable of the environment may be. */
export async function filledSecret(secret: Secret, setting: string): Promise<string> {
  const value = await textSecret(secret, setting)
  if (value !== '') return value
  throw secretInvalid(setting, 'is empty', 'Is the environment variable set that it comes from?')
}

/**
 * The value of a secret that goes into a header: visible ASCII with inner spaces only. Runtimes quote the value of a
 * header that they refuse, and trim others in silence.
 */
export async function headerSecret(secret: Secret, setting: string): Promise<string> {
  const value = await filledSecret(secret, setting)
  if (/^[!-~]([ -~]*[!-~])?$/.test(value)) return value
  throw secretInvalid(setting, 'has characters that a header cannot hold', LINE_BREAK)
}

export function secretInvalid(setting: string, what: string, hint: string): SynclineError {
  return new SynclineError('secret_invalid', `the secret ${setting} ${what}`, { hint })
}
