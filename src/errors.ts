import type { ErrorCode } from './error-codes.ts'
import type { SyncReport } from './report.ts'

export type { ErrorCode }

/** What an error may carry: nothing that could hold a secret, a URL query or a record's value. */
export interface ErrorFields {
  /** What to do next, in one sentence. */
  hint?: string | undefined
  /** Where in the config, such as `resources[1].endpoint.paginator.limit`. */
  path?: string | undefined
  /** The resource that was being synced. */
  resource?: string | undefined
  /** The HTTP method. */
  method?: string | undefined
  /** Scheme, host and port of the request. */
  origin?: string | undefined
  /** The path as the config has it, placeholders unfilled. */
  pathTemplate?: string | undefined
  /** The HTTP status of the response. */
  status?: number | undefined
  /** Which attempt failed, from 1. */
  attempt?: number | undefined
  /** Whether the same call may succeed later. */
  retryable?: boolean | undefined
  /** Not before this time, in milliseconds since 1970. */
  retryAt?: number | undefined
  /** With `needs_confirmation`: the token to pass as `confirm`. */
  confirm?: string | undefined
  /** What had been done until then; on errors that `sync` throws. */
  report?: SyncReport | undefined
}

/**
 * The only error class. It has no `cause`: foreign errors carry URLs and bodies, so what is safe of them is copied.
 *
 * @example
 * try {
 *   await sync(source, store)
 * } catch (error) {
 *   if (isSynclineError(error, 'http_status') && error.status === 401) signIn()
 *   else throw error
 * }
 */
export class SynclineError extends Error implements ErrorFields {
  override readonly name = 'SynclineError'
  readonly code: ErrorCode
  declare readonly hint?: string
  declare readonly path?: string
  declare readonly resource?: string
  declare readonly method?: string
  declare readonly origin?: string
  declare readonly pathTemplate?: string
  declare readonly status?: number
  declare readonly attempt?: number
  declare readonly retryable?: boolean
  declare readonly retryAt?: number
  declare readonly confirm?: string
  declare readonly report?: SyncReport

  /** What happened, without the context and the hint that `message` adds. */
  readonly what: string

  constructor(code: ErrorCode, what: string, fields: ErrorFields = {}) {
    super(compose(what, fields))
    this.code = code
    this.what = what
    for (const [key, value] of Object.entries(fields)) {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true })
    }
  }

  /** The same error with more said about where it happened. What it says already stays. */
  with(fields: ErrorFields): SynclineError {
    const { name, code, what, ...known } = this
    // Not by its name: bundlers rename a class that names itself, and stacks would show that.
    return new (this.constructor as typeof SynclineError)(code, what, { ...fields, ...known })
  }
}

/** True for a `SynclineError`, of this code if one is named. Works across copies of the package and realms. */
export function isSynclineError(error: unknown, code?: ErrorCode): error is SynclineError {
  if (!(error instanceof Error) || error.name !== 'SynclineError' || !('code' in error)) return false
  return code === undefined || error.code === code
}

/** “crm: what happened (GET https://api.example.com/v1/items, status 503, attempt 4). What to do.” */
function compose(what: string, { resource, path, method, origin, pathTemplate, status, attempt, hint }: ErrorFields) {
  const request = origin === undefined ? undefined : `${method ?? 'GET'} ${origin}${pathTemplate ?? ''}`
  const where = [path, request, status && `status ${status}`, attempt && `attempt ${attempt}`]
    .filter(Boolean)
    .join(', ')
  const head = resource === undefined ? what : `${resource}: ${what}`
  return `${head}${where && ` (${where})`}.${hint === undefined ? '' : ` ${hint}`}`
}
