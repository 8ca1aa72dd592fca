import type { FormAnswer, FormRequest } from '../auth/auth.ts'
import type { JsonValue } from '../json.ts'
import type { Ports } from '../ports.ts'
import { BodyFault, decodeText, discard, parseJson, readBytes } from './body.ts'
import { openScope } from './deadline.ts'
import { privacyFields } from './privacy.ts'
import { waitHint } from './retry-after.ts'

const TIMEOUT_MS = 30_000
const MAX_BYTES = 65_536

/**
 * One POST of a form to a token endpoint, as `AuthContext` offers it to auth schemes: a short deadline and a small body.
 * A redirect is no answer to follow, since it would carry the client's secret along.
 */
export async function postForm(
  { url, form, headers }: FormRequest,
  ports: Ports,
  signal: AbortSignal | undefined,
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
    const text = bytes instanceof BodyFault ? bytes : decodeText(bytes, type)
    const { status } = response
    const waitMs = waitHint(response.headers, status === 429, ports.now())
    return { status, waitMs, body: text instanceof BodyFault ? undefined : parse(text, type) }
  } catch {
    // A `fetch` that does not heed the signal may still answer: nobody reads that.
    pending.then(discard, () => {})
    signal?.throwIfAborted()
    return undefined
  } finally {
    scope.close()
  }
}

/** JSON, as RFC 6749 wants it. Some endpoints answer with a form, whatever `Accept` says. */
function parse(text: string, type: string | null): JsonValue | undefined {
  if (/^application\/x-www-form-urlencoded\b/i.test(type ?? '')) return Object.fromEntries(new URLSearchParams(text))
  const parsed = parseJson(text, type, 'string')
  return parsed instanceof BodyFault ? undefined : parsed.value
}
