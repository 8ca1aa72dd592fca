import { resolveConfig } from '../../../src/config/resolve.ts'
import type { ResolvedClient, ResponseAction } from '../../../src/config/resolved.ts'
import { createHttpClient, type SendOptions } from '../../../src/http/client.ts'
import type { RequestMeter, RequestSpec } from '../../../src/http/request.ts'
import type { Ports } from '../../../src/ports.ts'
import { fakeClock } from '../../support/clock.ts'

export const BASE = 'https://api.example.com'

export interface Recorded {
  url: string
  method: string
  headers: Record<string, string>
  body: string
  init: RequestInit
}

/** A call of `fetch`, for a log. */
export async function recorded(url: string, init: RequestInit): Promise<Recorded> {
  const body = init.body === undefined || init.body === null ? '' : await new Response(init.body).text()
  return { url, method: init.method ?? 'GET', headers: Object.fromEntries(new Headers(init.headers)), body, init }
}

type Reply = Response | Error | ((request: Recorded) => Response | Promise<Response>)

/** A `fetch` that gives the replies in turn; the last one repeats. */
export function fakeFetch(...replies: Reply[]) {
  const requests: Recorded[] = []
  const fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    init.signal?.throwIfAborted()
    const request = await recorded(url, init)
    requests.push(request)
    const reply = replies[Math.min(requests.length, replies.length) - 1]
    if (reply instanceof Error || reply === undefined) throw reply
    return typeof reply === 'function' ? reply(request) : reply.clone()
  }
  return { fetch, requests }
}

export const json = (value: unknown, init?: ResponseInit) => new Response(JSON.stringify(value), init)
export const status = (code: number, headers: Record<string, string> = {}) =>
  new Response([204, 205, 304].includes(code) ? null : '{}', { status: code, headers })

export function client(over: Partial<ResolvedClient> = {}): ResolvedClient {
  const client = { baseUrl: BASE, retry: { jitter: false }, timeout: { attempt: 30, idle: 10 } }
  return { ...resolveConfig({ name: 'test', client, resources: ['items'] }).client, ...over }
}

export function spec(over: Partial<RequestSpec> = {}): RequestSpec {
  return { method: 'GET', url: `${BASE}/items`, params: {}, headers: {}, pathTemplate: 'items', ...over }
}

export function fakeMeter(over: Partial<RequestMeter> = {}) {
  const log = { requests: 0, retries: [] as Parameters<RequestMeter['onRetry']>[0][], waited: [] as number[], bytes: 0 }
  const meter: RequestMeter = {
    takeRequest: () => {
      log.requests++
    },
    mayWait: () => true,
    onRetry: (retry) => log.retries.push(retry),
    onWait: (ms) => log.waited.push(ms),
    addBytes: (bytes) => {
      log.bytes += bytes
    },
    ...over,
  }
  return { meter, log }
}

/** A client over fake ports, and everything that it did. */
export function setup(replies: Reply[], over: Partial<ResolvedClient> = {}, ports: Partial<Ports> = {}) {
  const clock = fakeClock()
  const { fetch, requests } = fakeFetch(...replies)
  const resolved = client(over)
  const http = createHttpClient(resolved, {
    fetch,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    timer: clock.timer,
    ...ports,
  })
  const { meter, log } = fakeMeter()
  const actions: ResponseAction[] = []
  const options = { auth: resolved.auth, actions, meter }
  return {
    clock,
    requests,
    log,
    http,
    send: (request: Partial<RequestSpec> = {}, more: Partial<SendOptions> = {}) =>
      clock.run(http.send(spec(request), { ...options, ...more })),
    start: (request: Partial<RequestSpec> = {}, more: Partial<SendOptions> = {}) =>
      http.send(spec(request), { ...options, ...more }),
  }
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  try {
    await promise
  } catch (error) {
    return error as Record<string, unknown> & Error
  }
  throw new Error('it did not reject')
}
