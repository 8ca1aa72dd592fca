import type { ErrorFields } from '../errors.ts'
import type { RequestSpec } from './request.ts'

/**
 * What an error may say about a request: nothing that came from a template's values, and no query. There is no redaction
 * by name or by value, since nothing that would need it is ever put into an error.
 */
export function safeFields(request: RequestSpec, resource?: string): ErrorFields {
  return {
    resource,
    method: request.method.toUpperCase(),
    origin: originOf(request.url),
    pathTemplate: safePath(request.pathTemplate),
  }
}

/** Scheme, host and port; `undefined` where there are none. */
function originOf(url: string): string | undefined {
  try {
    const { origin } = new URL(url)
    return origin === 'null' ? undefined : origin
  } catch {
    return undefined
  }
}

/** A path as the config has it, without query, fragment, and the origin if it is absolute. */
function safePath(template: string): string {
  const path = template.replace(/[?#].*$/s, '').replace(/^https?:\/*[^/]*/i, '')
  return path === '' || path.startsWith('/') ? path : `/${path}`
}
