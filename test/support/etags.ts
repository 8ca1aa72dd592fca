import { hash64 } from '../../src/hash.ts'
import type { Ports } from '../../src/ports.ts'

/** One request that went through, as `status path?query if-none-match`. */
export interface EtagLog {
  readonly fetch: Ports['fetch']
  /** Statuses and conditions since the last call: `200`, `200 "x"`, `304 "x"`. */
  log(): string[]
}

/** What a server with validators does: an ETag of the body, and 304 where the request names it. */
export function withEtags(
  fetch: Ports['fetch'],
  validators: (etag: string) => HeadersInit = (ETag) => ({ ETag }),
): EtagLog {
  const lines: string[] = []
  return {
    async fetch(input, init) {
      const response = await fetch(input, init)
      const body = await response.text()
      const etag = `"${hash64(body)}"`
      const asked = new Headers(init?.headers)
      const condition = asked.get('if-none-match') ?? asked.get('if-modified-since') ?? undefined
      const headers = new Headers(response.headers)
      for (const [name, value] of new Headers(validators(etag))) headers.set(name, value)
      const known = headers.get('etag') ?? headers.get('last-modified')
      const same = response.ok && condition !== undefined && condition === known
      lines.push([same ? 304 : response.status, ...(condition === undefined ? [] : ['?'])].join(''))
      if (!same) return answerFrom(response, new Response(body || null, { status: response.status, headers }))
      headers.delete('content-type')
      return answerFrom(response, new Response(null, { status: 304, headers }))
    },
    log: () => lines.splice(0),
  }
}

/** `response.url` cannot be set by a constructor. */
function answerFrom({ url, redirected }: Response, answer: Response): Response {
  return Object.defineProperties(answer, { url: { value: url }, redirected: { value: redirected } })
}
