/**
 * What the schemes with a token endpoint need to fetch tokens. Loaded with the first request that is signed so.
 *
 * @module
 */
export { alone } from './alone.ts'
export { authenticateClient } from './client-authentication.ts'
export { signJwt } from './jwt.ts'
export { rotation } from './rotation.ts'
export { requestToken } from './token-endpoint.ts'
export { bearerFrom } from './token-source.ts'
