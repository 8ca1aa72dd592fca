import type { SignableRequest } from '../auth/auth.ts'
import { base64 } from '../base64.ts'

/** Shorter values are no secrets, and may be met in a link by chance. */
const SHORTEST = 8

/** Secrets that one client remembers: enough for endpoints with an auth of their own. */
const MOST = 20

/** A function that signs may add other things too, such as a tenant: what a link says of these has to stay. */
const NAME_OF_SECRET = /auth|cookie|key|token|secret/i

/** Headers and parameters of a request, to see later what signing has added. */
export function partsOf({ headers, url }: SignableRequest): [name: string, value: string][] {
  return [...headers, ...url.searchParams]
}

/**
 * The secrets that signing has put into a request that had only the parts `before`, without the name of a scheme or of a
 * cookie in front of them. `custom`: by a function of the user's, which may have added more than secrets.
 */
export function addedSecrets(
  signed: SignableRequest,
  before: readonly (readonly string[])[],
  custom = false,
): string[] {
  const known = new Set(before.map(String))
  return partsOf(signed)
    .filter((part) => !known.has(String(part)) && (!custom || NAME_OF_SECRET.test(part[0])))
    .flatMap(([name, value]) => {
      const secret = value.replace(name === 'cookie' ? /^(?:.*; )?[^=]*=/ : /^\w+ /, '')
      return /^basic /i.test(value) ? [secret, passwordIn(secret)] : secret
    })
    .filter(({ length }) => length >= SHORTEST)
}

/** Adds secrets to those that are known. A function that signs may make new ones for each request: the oldest are forgotten. */
export function remember(known: Set<string>, secrets: readonly string[]): void {
  for (const secret of secrets) {
    known.delete(secret)
    known.add(secret)
  }
  for (const secret of [...known].slice(0, -MOST)) known.delete(secret)
}

/** The password; the user where there is none, since APIs take keys in its place. */
function passwordIn(credentials: string): string {
  try {
    const bytes = Uint8Array.from(atob(credentials), (char) => char.charCodeAt(0))
    return new TextDecoder().decode(bytes).replace(/^[^:]*:(?=.)|:$/s, '')
  } catch {
    return ''
  }
}

/** Whether a text has one of the secrets in it: as it is, in a link within a link, escaped as in JSON, or in base64. */
export function holdsSecret(text: string, secrets: ReadonlySet<string>): boolean {
  const forms = [...secrets]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .flatMap((form) => [form, ...[0, 1, 2].map((shift) => base64Within(form, shift))])
  // A link within a link is encoded once more.
  for (let layer = text, depth = 0; depth < 5; depth++) {
    const standard = layer.replaceAll('-', '+').replaceAll('_', '/')
    if (forms.some((form) => layer.includes(form) || standard.includes(form))) return true
    layer = new URLSearchParams(`=${layer.replaceAll('&', '%26')}`).get('') ?? ''
  }
  return false
}

/** Within a longer text, base64 has three forms, by where this one begins; what the neighbours decide is left out. */
function base64Within(text: string, shift: number): string {
  const bytes = new TextEncoder().encode(' '.repeat(shift) + text)
  return base64(bytes).slice(shift && 4, Math.floor(bytes.length / 3) * 4)
}
