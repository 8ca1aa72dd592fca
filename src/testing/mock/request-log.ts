import type { MockAuth } from './auth.ts'

/** A request as it arrived. */
export interface MockRequest {
  readonly method: string
  /** Of the URL, without its query: `/items/7/parts`. */
  readonly path: string
  /** Decoded; a repeated name is a list. A key for the API shows as `…`. */
  readonly query: Readonly<Record<string, string | readonly string[]>>
  /** Undefined as long as it is not answered, and when the network failed. */
  readonly status?: number
}

type Seen = MockRequest & { status?: number }

export interface RequestLog {
  readonly requests: readonly MockRequest[]
  add(request: Request): Seen
  reset(): void
}

export function createLog(auth: MockAuth | undefined): RequestLog {
  const requests: Seen[] = []
  const secret = auth?.type === 'api_key' && auth.location === 'query' ? (auth.name ?? 'Authorization') : undefined
  return {
    requests,
    add({ method, url }) {
      const { pathname: path, searchParams } = new URL(url)
      const query = [...new Set(searchParams.keys())].map((name) => {
        const [first = '', ...others] = name === secret ? ['…'] : searchParams.getAll(name)
        return [name, others.length === 0 ? first : [first, ...others]] as const
      })
      const seen: Seen = { method, path, query: Object.fromEntries(query) }
      requests.push(seen)
      return seen
    },
    reset: () => void requests.splice(0),
  }
}
