import type { Auth, AuthContext, SignableRequest } from '../auth/auth.ts'
import { type ErrorFields, isSynclineError, SynclineError } from '../errors.ts'
import type { Scope } from './deadline.ts'

/** Signs a request. Whatever a scheme or the user's function throws becomes a coded error that quotes none of it. */
export function sign(
  auth: Auth,
  request: SignableRequest,
  context: AuthContext,
  scope: Scope,
  where: ErrorFields,
): Promise<SignableRequest> {
  return guarded(() => auth.sign(request, context), scope, where)
}

/** Asks for a new token after a 401; true when there is one. */
export async function refresh(
  auth: Auth,
  failed: SignableRequest,
  context: AuthContext,
  scope: Scope,
  where: ErrorFields,
): Promise<boolean> {
  return (
    auth.refresh !== undefined && (await guarded(async () => auth.refresh?.(failed, context) ?? false, scope, where))
  )
}

async function guarded<T>(run: () => T | Promise<T>, scope: Scope, where: ErrorFields): Promise<T> {
  try {
    return await scope.race(run())
  } catch (error) {
    scope.signal.throwIfAborted()
    if (isSynclineError(error)) throw error.with(where)
    throw new SynclineError('auth_failed', 'client.auth or a secret of it threw an error', {
      ...where,
      hint: 'Call the function yourself to see it: its message is not repeated here, since it may hold a secret.',
    })
  }
}
