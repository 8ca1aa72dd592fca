/** One link of a `Link` header. Names of parameters are in lower case, the first of equal ones counts. */
export interface Link {
  /** As the server sent it: may be relative, may be empty. */
  readonly target: string
  readonly params: ReadonlyMap<string, string>
}

/** The longest header that is read, in characters: what Node takes for all headers together. */
export const LONGEST_LINK_HEADER = 16_384

/**
 * Reads a `Link` header (RFC 8288, appendix B) in one pass. What is no link is skipped up to the next comma; what is
 * beyond 16 KiB is not read. Never throws.
 *
 * @example
 * parseLinkHeader('<https://api.example.com/items?page=2>; rel="next"')
 */
export function parseLinkHeader(header: string): Link[] {
  const text = header.slice(0, LONGEST_LINK_HEADER)
  const links: Link[] = []
  let at = 0

  const skip = (signs: string) => {
    while (at < text.length && signs.includes(text.charAt(at))) at++
  }
  const takeUntil = (signs: string) => {
    const start = at
    while (at < text.length && !signs.includes(text.charAt(at))) at++
    return text.slice(start, at)
  }
  const takeQuoted = () => {
    let value = ''
    for (at++; at < text.length && text.charAt(at) !== '"'; at++) {
      if (text.charAt(at) === '\\' && at + 1 < text.length) at++
      value += text.charAt(at)
    }
    at++
    return value
  }
  const takeParams = () => {
    const params = new Map<string, string>()
    for (skip(SPACE); text.charAt(at) === ';'; skip(SPACE)) {
      at++
      skip(SPACE)
      const name = takeUntil(' \t=;,').toLowerCase()
      skip(SPACE)
      let value = ''
      if (text.charAt(at) === '=') {
        at++
        skip(SPACE)
        value = text.charAt(at) === '"' ? takeQuoted() : takeUntil(';,').trimEnd()
      }
      if (name && !params.has(name)) params.set(name, value)
    }
    return params
  }

  for (skip(GAP); at < text.length; skip(GAP)) {
    if (text.charAt(at) === '<') {
      at++
      const target = takeUntil('>')
      if (at >= text.length) break
      at++
      links.push({ target: target.trim(), params: takeParams() })
    }
    // Either at a comma now, or at something that no link may have.
    takeUntil(',')
  }
  return links
}

const SPACE = ' \t'
const GAP = ' \t,'

/**
 * The target of the first link with this relation, as the server sent it. Links about another resource than the page
 * itself (`anchor`) do not count, nor do those that say `results="false"`: such servers give a link to the next page
 * without an end, each to an empty page.
 */
export function linkTarget(header: string, relation: string, pageUrl: string): string | undefined {
  const wanted = relation.toLowerCase()
  return parseLinkHeader(header).find(
    ({ params }) =>
      (params.get('rel') ?? '')
        .toLowerCase()
        .split(/[ \t]+/)
        .includes(wanted) &&
      params.get('results') !== 'false' &&
      isAbout(params, pageUrl),
  )?.target
}

function isAbout(params: ReadonlyMap<string, string>, pageUrl: string): boolean {
  const anchor = params.get('anchor')
  if (anchor === undefined) return true
  try {
    return new URL(anchor, pageUrl).href === new URL(pageUrl).href
  } catch {
    return false
  }
}
