import { type ErrorFields, SynclineError } from '../errors.ts'

/**
 * A connection that failed or broke. Runtimes put URLs into the messages of such errors and agree on no class, so nothing
 * is taken from them but a code such as `ECONNREFUSED`.
 */
export function networkError(error: unknown, what: string, where: ErrorFields): SynclineError {
  const code = connectionCode(error)
  return new SynclineError('network', code === undefined ? what : `${what} (${code})`, {
    ...where,
    retryable: true,
    hint: "Check client.baseUrl and the network; in a browser, the API must also allow this page's origin, and the headers that are sent (CORS).",
  })
}

function connectionCode(error: unknown): string | undefined {
  let cause = error
  for (let depth = 0; isObject(cause) && depth < 5; depth++) {
    if (typeof cause.code === 'string' && /^(?:E|UND_|ERR_)[A-Z0-9_]{2,40}$/.test(cause.code)) return cause.code
    cause = cause.cause
  }
  return undefined
}

function isObject(value: unknown): value is { code?: unknown; cause?: unknown } {
  return typeof value === 'object' && value !== null
}
