import type { Auth, AuthContext, SignableRequest } from '../auth/auth.ts'
import { callUser } from '../call-user.ts'
import type { ErrorFields } from '../errors.ts'
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
export function refresh(
  auth: Auth,
  failed: SignableRequest,
  context: AuthContext,
  scope: Scope,
  where: ErrorFields,
): Promise<boolean> {
  return guarded(() => auth.refresh?.(failed, context) ?? false, scope, where)
}

async function guarded<T>(run: () => T | Promise<T>, scope: Scope, where: ErrorFields): Promise<T> {
  return callUser('client.auth or a secret of it', () => scope.race(run()), where, 'auth_failed')
}
