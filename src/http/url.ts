import type { DataBody, ParamValue } from './request.ts'

/**
 * Joins a base URL and a path: the slashes between them become one, an empty path gives the base as it is, and an
 * absolute path replaces the base.
 *
 * @example joinUrl('https://api.example.com/v1/', '/items?a=1') // 'https://api.example.com/v1/items?a=1'
 */
export function joinUrl(base: string, path: string): string {
  if (path === '' || isAbsoluteUrl(path)) return path || base
  return `${trimEnd(base)}/${path.replace(/^\/+/, '')}`
}

function isAbsoluteUrl(path: string): boolean {
  return /^https?:/i.test(path)
}

function trimEnd(base: string): string {
  let end = base.length
  while (base[end - 1] === '/') end--
  return base.slice(0, end)
}

/** Lists repeat the name, `null` is left out, `''` is kept, booleans are `true` and `false`. */
export function encodePairs(params: Exclude<DataBody, string>): string {
  const pairs = new URLSearchParams()
  const entries: readonly (readonly [string, ParamValue])[] = isPairs(params) ? params : Object.entries(params)
  for (const [name, value] of entries) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) pairs.append(name, String(item))
    }
  }
  return pairs.toString()
}

/** Whether a form body is given as pairs. */
export function isPairs(params: Exclude<DataBody, string>): params is readonly (readonly [string, string])[] {
  return Array.isArray(params)
}

/** Adds an encoded query to a URL and drops its fragment. The query that it has stays as it is written. */
export function withQuery(url: string, query: string): string {
  const [rest] = cut(url, '#')
  if (query === '') return rest
  const joint = !rest.includes('?') ? '?' : /[?&]$/.test(rest) ? '' : '&'
  return `${rest}${joint}${query}`
}

/**
 * A URL or a relative link without the query parameters that have one of these names or values, all else as it is
 * written. Takes the credentials out of links that servers send, before they are stored or sent again.
 */
export function withoutParams(
  url: string,
  names: readonly string[] = [],
  values: ReadonlySet<string> = new Set(),
): string {
  const [rest, fragment] = cut(url, '#')
  const [path, query] = cut(rest, '?')
  if (query === '') return url
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => {
      const [name, value] = [...new URLSearchParams(pair)][0] ?? ['', '']
      return !names.includes(name) && !values.has(value)
    })
  return `${path}${kept.length === 0 ? '' : `?${kept.join('&')}`}${fragment}`
}

/** Before the separator, and from the separator on. */
function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}
