/**
 * What sends requests and writes. An app that shows its local copy first does not need it for that: the public entries
 * load it with their first call, as one piece.
 *
 * @module
 */
import * as parts from './pass/parts.ts'

export { checkRoots } from './check-roots.ts'
export { extractPages } from './extract-pages.ts'
export { EndpointReader } from './pages/endpoint-pages.ts'
export { runStep } from './run-step.ts'
export { parts }
