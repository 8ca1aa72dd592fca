import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { getResponse } from 'msw'
import type { DemoApi } from './demo-api.ts'

export interface DemoServer {
  /** Such as `http://127.0.0.1:43210`. */
  readonly origin: string
  close(): Promise<void>
}

/** Serves the handlers over real HTTP on 127.0.0.1. Port 0: any free one. */
export async function serve(api: DemoApi, port = 0): Promise<DemoServer> {
  const server = createServer((request, response) => {
    respond(api, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The demo API has no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(api: DemoApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const answer = await getResponse(api.handlers, new Request(url, { method: request.method ?? 'GET' }))
  if (answer === undefined) {
    response.writeHead(404).end()
    return
  }
  const body = Buffer.from(await answer.arrayBuffer())
  response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), 'content-length': body.length })
  response.end(body)
}
