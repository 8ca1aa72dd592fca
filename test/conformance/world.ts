import { type FakePorts, fakePorts, START } from '../support/ports.ts'
import { fakeServer, json, type Reply, type SeenRequest, text } from '../support/server.ts'
import type { Query, ResponseSpec, Route } from './cases.ts'
import { canonical } from './compare.ts'

/** Where one run of a case takes place: its server, a clock, and what was seen of the run from outside. */
export interface World {
  readonly ports: FakePorts
  readonly requests: readonly SeenRequest[]
  /** Requests that no route of the case answers. */
  readonly strays: readonly SeenRequest[]
  /** Seconds slept, rounded. */
  waits(): number[]
}

const HOUR = 3_600_000

/** Run by run the clock goes on by an hour. */
export function createWorld(routes: readonly Route[], run = 0): World {
  const strays: SeenRequest[] = []
  const used = new Map<Route, number>()
  const server = fakeServer((request) => {
    const route = routes.find((candidate) => matches(candidate, request))
    if (route === undefined) {
      strays.push(request)
      return text('No route of this case answers this request.', { status: 418 })
    }
    const turn = used.get(route) ?? 0
    used.set(route, turn + 1)
    return reply(route.responses[Math.min(turn, route.responses.length - 1)] ?? {})
  })
  const ports = fakePorts({ fetch: server.fetch, now: START + run * HOUR })
  const waits = () => ports.sleeps.filter(({ state }) => state === 'slept').map(({ ms }) => Math.round(ms / 1000))
  return { ports, requests: server.requests, strays, waits }
}

export function reply(spec: ResponseSpec): Reply {
  if (spec.network_error !== undefined) return spec.network_error
  const init = { status: spec.status ?? 200, ...(spec.headers && { headers: spec.headers }) }
  return spec.text === undefined ? json(spec.json, init) : text(spec.text, init)
}

function matches({ request: wanted }: Route, seen: SeenRequest): boolean {
  return (
    wanted.method === seen.method &&
    normalUrl(wanted.url) === seen.url &&
    (wanted.query === undefined || sameQuery(wanted.query, seen.query)) &&
    (wanted.json === undefined || canonical(wanted.json) === canonical(parse(seen.body)))
  )
}

function sameQuery(wanted: Query, seen: SeenRequest['query']): boolean {
  return canonical(wanted) === canonical(seen)
}

/** As `fetch` spells it. */
export function normalUrl(url: string): string {
  return new URL(url).href
}

export function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '')
  } catch {
    return undefined
  }
}
