import type { AuthConfig } from '../../../src/auth/index.ts'
import type { SourceConfig } from '../../../src/config/source-config.ts'
import { defineSource, type ErrorCode, type Source } from '../../../src/index.ts'
import { type FakePorts, fakePorts } from '../../support/ports.ts'
import { type FakeServer, fakeServer, json, type Reply, type SeenRequest } from '../../support/server.ts'
import { CONFIGURED, KEYS, PERSONAL, SECRETS, TOKEN_URL } from './canaries.ts'

/** The request of a run at which something goes wrong. */
export type Point = 'first page' | 'second page' | 'child'

/** One way to fail, and the code of the error that comes of it. */
export interface Failure {
  readonly name: string
  readonly code: ErrorCode
  /** In place of the answer at the point. */
  readonly reply?: (request: SeenRequest) => Reply
  /** In place of a token. `earlier`: how many were asked for before. */
  readonly token?: (request: SeenRequest, earlier: number) => Reply | undefined
  /** In place of the scheme. */
  readonly auth?: AuthConfig
  readonly client?: object
  readonly resource?: object
  readonly endpoint?: object
  readonly points?: readonly Point[]
  /** Fails where rows are stored only. */
  readonly stored?: true
  /** A deadline passes. */
  readonly late?: true
}

const BASE = `https://api.example.com/hooks/${CONFIGURED.basePath}`

/** All that a request holds, and something of its own: what a careless server puts into its errors. */
export function echo({ url, query, headers, body }: SeenRequest): string {
  return `${PERSONAL.body} ${JSON.stringify([url, query, headers, body])} ${Object.values(SECRETS).join(' ')}`
}

const spoken = { 'x-echo': PERSONAL.header, 'x-next': KEYS.cursor }

/** Two pages of people, each with notes; every link repeats what the request had. */
function answer(request: SeenRequest): Response {
  const { query, url } = request
  if (url.endsWith('/notes'))
    return json({ data: [{ id: url.split('/').at(-2), text: PERSONAL.body }] }, { headers: spoken })
  const rows = [{ id: `${KEYS.id}${query.page ?? 1}`, email: PERSONAL.email, at: query.page ?? '1' }]
  const params = new URLSearchParams(Object.entries({ ...query, page: '2' }) as [string, string][])
  const next = query.page === '2' ? null : `${url}?${params}`
  return json({ data: rows, next, total: 2 }, { headers: spoken })
}

function pointOf({ query, url }: SeenRequest): Point {
  if (url.endsWith('/notes')) return 'child'
  return query.page === '2' ? 'second page' : 'first page'
}

export interface World {
  readonly config: SourceConfig
  readonly server: FakeServer
  readonly ports: FakePorts
}

/** A source and a server that fails at this point in this way, for requests that are signed like this. */
export function world(failure: Failure, auth: AuthConfig, point: Point): World {
  const granted = () => json({ access_token: SECRETS.accessToken, refresh_token: SECRETS.rotatedToken })
  let tokens = 0
  const server = fakeServer((request) => {
    if (request.url === TOKEN_URL) return failure.token?.(request, tokens++) ?? granted()
    return (pointOf(request) === point && failure.reply?.(request)) || answer(request)
  })
  const headers = { 'x-static': CONFIGURED.staticHeader, 'proxy-authorization': CONFIGURED.proxyAuthorization }
  const config = {
    name: 'people',
    client: { baseUrl: BASE, headers, auth: failure.auth ?? auth, retry: { retries: 1 }, ...failure.client },
    resourceDefaults: { primaryKey: 'id' },
    resources: [
      {
        name: 'people',
        ...failure.resource,
        endpoint: {
          path: `/people?of=${CONFIGURED.queryOfPath}`,
          params: { like: CONFIGURED.param },
          dataSelector: 'data',
          paginator: 'json_link',
          ...failure.endpoint,
        },
      },
      {
        name: 'notes',
        includeFromParent: ['email'],
        endpoint: {
          path: '/people/{resources.people.id}/notes',
          method: 'POST',
          json: { secret: CONFIGURED.requestBody },
          dataSelector: 'data',
          paginator: 'single_page',
          responseActions: (failure.endpoint as { responseActions?: [] } | undefined)?.responseActions ?? [],
        },
      },
    ],
  }
  const ports = fakePorts({ fetch: server.fetch })
  // The fake clock does not see that keys are being made or files written: only where it has to does it strike.
  if (!failure.late) Object.assign(ports, { sleep: async () => {}, timer: () => () => {} })
  return { config: config as SourceConfig, server, ports }
}

export function sourceOf({ config }: World): Source {
  return defineSource(config)
}
