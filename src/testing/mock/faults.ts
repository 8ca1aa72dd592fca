import type { JsonValue } from '../../json.ts'

/** What goes wrong. `path`, `at` and `times` say with which requests. */
export type MockFault<Path extends string = string> = (
  | { type: 'status'; status: number; headers?: Readonly<Record<string, string>>; body?: JsonValue }
  /** No answer: `fetch` rejects. */
  | { type: 'network' }
  /** The right answer, of which only the first half arrives. */
  | { type: 'truncated' }
  /** A page for people, as proxies send it. @default status 200 */
  | { type: 'html'; status?: number }
  /** The right answer, `ms` milliseconds late. */
  | { type: 'delay'; ms: number }
) & {
  /** Of the resource, as in `resources`, or `'token'`: the token endpoint. @default all resources */
  path?: Path | 'token'
  /** How many such requests pass before; those that an earlier fault strikes do not count. @default 0 */
  at?: number
  /** How many requests in a row it strikes. @default 1 */
  times?: number
}

export interface Faults {
  add(fault: MockFault): void
  /** The fault that strikes this request. One at most: the others wait for a later request. */
  take(path: string): MockFault | undefined
  reset(): void
}

export function createFaults(): Faults {
  let waiting: { fault: MockFault; at: number; times: number }[] = []
  return {
    add(fault) {
      waiting.push({ fault, at: fault.at ?? 0, times: fault.times ?? 1 })
    },
    take(path) {
      const struck = waiting
        .filter(({ fault }) => (fault.path === undefined ? path !== 'token' : fault.path === path))
        .find((each) => each.at-- <= 0)
      if (struck === undefined) return undefined
      struck.at = 0
      struck.times--
      waiting = waiting.filter(({ times }) => times > 0)
      return struck.fault
    },
    reset() {
      waiting = []
    },
  }
}

/** The answer in place of the right one, which `respond` brings. */
export async function withFault(fault: MockFault | undefined, respond: () => Promise<Response>): Promise<Response> {
  switch (fault?.type) {
    case 'network':
      return Response.error()
    case 'html':
      return new Response('<!doctype html><title>Be right back</title>', {
        status: fault.status ?? 200,
        headers: { 'content-type': 'text/html' },
      })
    case 'status': {
      const { status, headers = {}, body = { error: 'mocked' } } = fault
      const isBodiless = [204, 205, 304].includes(status)
      return isBodiless ? new Response(null, { status, headers }) : Response.json(body, { status, headers })
    }
    case 'truncated': {
      const response = await respond()
      const text = await response.text()
      return new Response(text.slice(0, text.length / 2), response)
    }
    default:
      return respond()
  }
}
