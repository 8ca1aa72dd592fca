/**
 * What several mechanisms are made of. Handed to them when they are made: a config is checked with their options alone,
 * so that this is loaded with the first request and not with the config.
 *
 * @module
 */
export { LONGEST_LINK_HEADER, linkTarget } from '../http/link-header.ts'
export { refuseHiddenHeader } from './hidden-headers.ts'
export { followLink, nextUrl } from './next-url.ts'
export { offset } from './offset.ts'
export { pageNumber } from './page-number.ts'
export { placeAt } from './place.ts'
export { endUnless, hasMoreReader, totalReader } from './stop.ts'
