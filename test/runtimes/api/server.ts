import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { pageOf } from './pages.ts'
import type { Reply, Route, Script, Seen } from './script.ts'

/** What one case has told the server, and what it has asked. */
interface World {
  script: Script
  readonly seen: Seen[]
  readonly answered: Map<string, number>
}

export interface ApiServer {
  readonly api: string
  readonly foreign: string
  /** Makes the server answer `GET path` with this. */
  serve(path: string, type: string, body: string): void
  /** What is posted to `/posted/name`. */
  posted(name: string): Promise<string>
  close(): void
}

/**
 * The API of all cases, on two origins of this machine. A case says by `PUT /control/world` how paths below `/world` are
 * answered, and reads by `GET /control/world` what came in: so the same case runs where there is no server.
 */
export async function startApi(): Promise<ApiServer> {
  const worlds = new Map<string, World>()
  const files = new Map<string, [type: string, body: string]>()
  const mail = new Map<string, (text: string) => void>()
  const servers = (['api', 'foreign'] as const).map((at) =>
    createServer((request, response) => {
      answer(at, request, response).catch((error) => response.destroy(error))
    }),
  )

  async function answer(at: Seen['at'], request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const url = new URL(request.url ?? '', `http://${request.headers.host}`)
    response.shouldKeepAlive = false // A broken connection that was used before is tried again by browsers.
    if (at === 'foreign') allowBrowsers(response)
    if (request.method === 'OPTIONS') return void response.writeHead(204).end()
    const [, first = '', second = '', ...rest] = url.pathname.split('/')
    const file = files.get(url.pathname)
    if (file) return void response.setHeader('content-type', file[0]).end(file[1])
    if (first === 'posted') {
      mail.get(second)?.(body)
      return void response.end()
    }
    if (first === 'control') return control(second, request.method, body, response)
    const world = worlds.get(first)
    if (!world) return void response.writeHead(404).end()
    const path = `/${[second, ...rest].join('/')}`
    const query = Object.fromEntries(url.searchParams)
    const headers = request.headers as Record<string, string>
    world.seen.push({ at, method: request.method ?? '', path, query, headers, body })
    await send(replyOf(world, at === 'foreign' ? `foreign ${path}` : path, url), response)
  }

  function control(name: string, method: string | undefined, body: string, response: ServerResponse): void {
    const world = worlds.get(name) ?? { script: {}, seen: [], answered: new Map() }
    worlds.set(name, world)
    if (method === 'PUT') {
      world.script = JSON.parse(body)
      world.answered.clear()
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(world.seen))
  }

  const [api = '', foreign = ''] = await Promise.all(servers.map(listen))
  return {
    api,
    foreign,
    serve: (path, type, body) => files.set(path, [type, body]),
    posted: (name) => new Promise((resolve) => mail.set(name, resolve)),
    close() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

function replyOf({ script, answered }: World, path: string, url: URL): Reply {
  const route: Route | undefined = script[path]
  if (route === undefined) return { status: 404, json: { error: 'no such path' } }
  if ('rows' in route) return pageOf(route, url)
  const index = answered.get(path) ?? 0
  answered.set(path, index + 1)
  return route[Math.min(index, route.length - 1)] ?? { status: 404 }
}

async function send({ status = 200, headers, json, text = '', hex, fault }: Reply, response: ServerResponse) {
  if (fault === 'silence') return
  if (fault === 'refuse') return void response.socket?.destroy()
  const body =
    hex === undefined ? Buffer.from(json === undefined ? text : JSON.stringify(json)) : Buffer.from(hex, 'hex')
  if (json !== undefined) response.setHeader('content-type', 'application/json')
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  if (status !== 204 && status !== 304) response.setHeader('content-length', body.length)
  response.writeHead(status)
  if (fault === undefined) return void response.end(body)
  response.write(body.subarray(0, body.length / 2))
  // What was written must be on its way before the connection breaks.
  if (fault === 'cut') await delay(20).then(() => response.socket?.destroy())
}

/** The other origin lets pages of any origin in; all that could be hidden stays hidden. */
function allowBrowsers(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-allow-headers', 'authorization, content-type, x-api-key, x-signature, x-static')
  response.setHeader('access-control-allow-methods', 'GET, POST')
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
