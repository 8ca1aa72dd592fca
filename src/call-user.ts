import type { ErrorCode } from './error-codes.ts'
import { type ErrorFields, isSynclineError, SynclineError } from './errors.ts'

/**
 * Calls a function of the config. What it throws may quote a record or a secret: only that it threw is passed on.
 *
 * @param what The function, or the option that holds it.
 */
export function callUser<T>(
  what: string,
  run: () => T,
  fields: ErrorFields = {},
  code: ErrorCode = 'processing_failed',
): T {
  const fail = (error: unknown): never => {
    if (isSynclineError(error)) throw error.with(fields)
    throw new SynclineError(code, `${what} threw an error`, {
      ...fields,
      hint: 'Call the function by itself to see what: that may hold secrets or data, and is not repeated here.',
    })
  }
  try {
    const result = run()
    return result instanceof Promise ? (result.catch(fail) as T) : result
  } catch (error) {
    return fail(error)
  }
}
