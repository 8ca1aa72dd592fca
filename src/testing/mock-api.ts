import type { HttpHandler } from 'msw'
import { SynclineError } from '../errors.ts'
import { type Ports, resolvePorts } from '../ports.ts'
import { createGate, type MockAuth } from './mock/auth.ts'
import { createFaults, type MockFault, withFault } from './mock/faults.ts'
import { createWindow, type MockRateLimit } from './mock/rate-limit.ts'
import { type MockRecords, recordTable } from './mock/records.ts'
import { createLog, type MockRequest } from './mock/request-log.ts'
import { checkResource, type MockResource, respond } from './mock/resource.ts'

/** Behind the base URL. */
export type MockPath = `/${string}`

/** Options of `mockApi`. */
export interface MockApiOptions<Path extends MockPath = MockPath> {
  /** Before every path: `https://api.example.com`, or with a path of its own. */
  baseUrl: string
  /** By path, with placeholders as msw has them: `/items/:id/parts`. */
  resources: Readonly<Record<Path, MockResource>>
  /** @default none: everyone may ask */
  auth?: MockAuth
  /** Answers with 429 and `Retry-After` beyond it, and tells it in `x-ratelimit-` headers. @default no limit */
  rateLimit?: MockRateLimit
  /** How long every answer takes, in ms. @default 0 */
  latencyMs?: number
  /** Called before each answer: changes records while somebody reads. `index`: of the request, in `api.requests`. */
  mutate?: (api: MockApi<Path>, index: number) => void
  /** The clock of the API: what its `Date` header shows, and how it waits. @default the platform's */
  ports?: Partial<Pick<Ports, 'now' | 'sleep'>>
}

/** A mocked API, and what tests do with it. */
export interface MockApi<Path extends MockPath = MockPath> {
  /** For msw: `setupServer(...handlers)` in Node, Deno and Bun, `setupWorker(...handlers)` in browsers. */
  readonly handlers: HttpHandler[]
  /** Every request so far, in order of arrival, without its secrets. */
  readonly requests: readonly MockRequest[]
  records(path: Path): MockRecords
  /** Something goes wrong with the next request, or with others. Faults strike in the order of the calls. */
  fail(fault: MockFault<Path>): void
  /** As it was at first: records, requests, faults, rate limit, tokens. */
  reset(): void
}

/**
 * msw handlers that behave as a paged API over given records. Needs `msw`, which is loaded with the first call, so that
 * the rest of `syncline/testing` works without it. `not_implemented` when it is not installed.
 *
 * @example
 * import { setupServer } from 'msw/node'
 * import { mockApi } from 'syncline/testing'
 *
 * const api = await mockApi({
 *   baseUrl: 'https://api.example.com',
 *   resources: { '/items': { records: [{ id: 1 }, { id: 2 }], paging: { type: 'offset', pageSize: 1 } } },
 * })
 * const server = setupServer(...api.handlers)
 * server.listen()
 * api.fail({ type: 'status', status: 503, path: '/items', at: 1 })
 */
export async function mockApi<const Path extends MockPath>(options: MockApiOptions<Path>): Promise<MockApi<Path>> {
  const { http } = await loadMsw()
  const { now, sleep } = resolvePorts(options.ports)
  const base = options.baseUrl.replace(/\/$/, '')
  const gate = createGate(options.auth, now)
  const window = createWindow(options.rateLimit, now)
  const faults = createFaults()
  const log = createLog(options.auth)
  const resources = Object.entries<MockResource>(options.resources).map(([path, resource]) => {
    checkResource(path, resource)
    return { path, resource, table: recordTable(resource.records) }
  })

  /** What every answer goes through. */
  async function answer(path: string, request: Request, respond: () => Promise<Response>): Promise<Response> {
    const seen = log.add(request)
    options.mutate?.(api, log.requests.length - 1)
    const fault = faults.take(path)
    const wait = (options.latencyMs ?? 0) + (fault?.type === 'delay' ? fault.ms : 0)
    if (wait > 0) await sleep(wait)
    const response = await withFault(fault, respond)
    if (response.type === 'error') return response
    seen.status = response.status
    if (!response.headers.has('date')) response.headers.set('date', new Date(now()).toUTCString())
    return response
  }

  /** Lets a request through to the records, or refuses it. */
  async function guarded(request: Request, read: () => Response): Promise<Response> {
    if (!gate.admits(request)) return Response.json({ error: 'unauthorized' }, { status: 401 })
    const { headers, retryAfter } = window.count()
    const response = retryAfter === undefined ? read() : Response.json({ error: 'too many requests' }, { status: 429 })
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
    return response
  }

  const handlers = resources.map(({ path, resource, table }) =>
    http.get(base + path, ({ request, params }) =>
      answer(path, request, () => guarded(request, () => respond(resource, table, new URL(request.url), params))),
    ),
  )
  if (options.auth?.type === 'oauth2_client_credentials') {
    const { accessTokenUrl } = options.auth
    handlers.push(http.post(accessTokenUrl, ({ request }) => answer('token', request, () => gate.grant(request))))
  }

  const api: MockApi<Path> = {
    handlers,
    requests: log.requests,
    records(path) {
      const found = resources.find((each) => each.path === path)
      if (found !== undefined) return found.table
      throw new SynclineError('config_invalid', `the mocked API has no path ${path}`, {
        hint: `It has: ${resources.map((each) => each.path).join(', ')}.`,
      })
    },
    fail: faults.add,
    reset() {
      for (const part of [gate, window, faults, log, ...resources.map(({ table }) => table)]) part.reset()
    },
  }
  return api
}

/** Within `try`, bundlers take the package for one that may be missing. */
async function loadMsw(): Promise<typeof import('msw')> {
  try {
    return await import('msw')
  } catch {
    throw new SynclineError('not_implemented', 'mockApi needs the package msw, which cannot be loaded', {
      hint: 'Install it: npm install --save-dev msw. In Deno it also needs --allow-env=DEBUG,LOG_LEVEL,NODE_ENV.',
    })
  }
}
