import { HttpResponse } from 'msw'
import { hash } from './random.ts'

/** Some requests fail the first time they are made, half with 429 and `Retry-After`, half with 503. */
export interface Flaky {
  /** The share of requests, 0 to 1. Which ones depends on the seed and on the request, not on its order. */
  rate: number
  /** @default 1 */
  retryAfterSeconds?: number
}

/** An answer that is given in place of the real one. */
export interface Fault {
  /** Such as `/v1/transactions`. Default: any. */
  path?: string
  /** Only pages from this offset on. */
  fromOffset?: number
  /** How often. @default Infinity */
  times?: number
  status?: number
  headers?: Record<string, string>
  body?: string
}

/** What faults look at. */
export interface Asked {
  path: string
  /** Path and query without the key: the same page is the same text. */
  identity: string
  offset: number
}

export interface Faults {
  inject(fault: Fault): void
  /** The answer that a request gets instead of the real one, if it is its turn. */
  take(asked: Asked): Response | undefined
}

export function createFaults(seed: number, flaky: Flaky | undefined): Faults {
  const injected: { fault: Fault; left: number }[] = []
  const failed = new Set<string>()
  return {
    inject(fault) {
      injected.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY })
    },
    take(asked) {
      const due = injected.find(({ fault, left }) => left > 0 && fits(fault, asked))
      if (due !== undefined) {
        due.left--
        return respond(due.fault)
      }
      const draw = hash(seed, asked.identity)
      if (flaky === undefined || draw >= flaky.rate || failed.has(asked.identity)) return undefined
      failed.add(asked.identity)
      return draw < flaky.rate / 2 ? tooMany(flaky.retryAfterSeconds ?? 1) : unavailable()
    },
  }
}

function fits({ path, fromOffset = 0 }: Fault, asked: Asked): boolean {
  return (path === undefined || path === asked.path) && asked.offset >= fromOffset
}

function respond({ status = 200, headers = {}, body = '' }: Fault): Response {
  return new HttpResponse(body, { status, headers: { 'content-type': 'application/json', ...headers } })
}

function tooMany(seconds: number): Response {
  return HttpResponse.json({ error: 'too_many_requests' }, { status: 429, headers: { 'retry-after': String(seconds) } })
}

function unavailable(): Response {
  return HttpResponse.json({ error: 'unavailable' }, { status: 503 })
}
