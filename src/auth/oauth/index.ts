/**
 * Fetching tokens, for the schemes that have a token endpoint. Loaded with the first request that needs one.
 *
 * @module
 */

export { authenticateClient } from './client-authentication.ts'
export { signJwt } from './jwt.ts'
export { withLock } from './lock.ts'
export { rotation } from './rotation.ts'
export { requestToken } from './token-endpoint.ts'
export { bearerFrom } from './token-source.ts'
