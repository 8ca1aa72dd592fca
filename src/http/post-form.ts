import type { FormAnswer, FormRequest } from '../auth/auth.ts'
import type { Ports } from '../ports.ts'
import type * as Body from './body.ts'
import type { openScope } from './deadline.ts'
import type { privacyFields } from './privacy.ts'
import type { waitHint } from './retry-after.ts'

const TIMEOUT_MS = 30_000
const MAX_BYTES = 65_536

/** Functions of the client, handed in for the reason that `Received` in `parse-text.ts` gives. */
type Parts = Pick<typeof Body, 'decodeText' | 'discard' | 'isFault' | 'parseJson' | 'readBytes'> & {
  readonly openScope: typeof openScope
  readonly privacyFields: typeof privacyFields
  readonly waitHint: typeof waitHint
}

/**
 * One POST of a form to a token endpoint, as `AuthContext` offers it to auth schemes: a short deadline and a small body.
 * A redirect is no answer to follow, since it would carry the client's secret along.
 */
export async function postForm(
  { url, form, headers }: FormRequest,
  ports: Ports,
  signal: AbortSignal | undefined,
  { decodeText, discard, isFault, parseJson, readBytes, openScope, privacyFields, waitHint }: Parts,
): Promise<FormAnswer | undefined> {
  const limit = { name: 'attempt' as const, ms: TIMEOUT_MS, from: ports.now() }
  const scope = openScope(ports, signal, [limit], TIMEOUT_MS)
  const pending = ports.fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
    redirect: 'manual',
    signal: scope.signal,
    ...privacyFields(),
  })
  try {
    const response = await scope.race(pending)
    const bytes = await readBytes(response, scope, MAX_BYTES, () => {}, {})
    const type = response.headers.get('content-type')
    const text = isFault(bytes) ? bytes : decodeText(bytes, type)
    const { status } = response
    const waitMs = waitHint(response.headers, status === 429, ports.now())
    if (isFault(text)) return { status, waitMs, body: undefined }
    // RFC 6749 wants JSON. Some endpoints answer with a form, whatever `Accept` says.
    if (isForm(type)) return { status, waitMs, body: Object.fromEntries(new URLSearchParams(text)) }
    const parsed = parseJson(text, type, 'string')
    return { status, waitMs, body: isFault(parsed) ? undefined : parsed.value }
  } catch {
    // A `fetch` that does not heed the signal may still answer: nobody reads that.
    pending.then(discard, () => {})
    signal?.throwIfAborted()
    return undefined
  } finally {
    scope.close()
  }
}

function isForm(type: string | null): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(type ?? '')
}
