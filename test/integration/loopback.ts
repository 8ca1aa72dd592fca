import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from 'node:net'
import { onTestFinished } from 'vitest'

export interface Loopback {
  origin: string
  requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
  /** Connections that are open now. */
  sockets: Set<Socket>
  close(): void
}

/** An HTTP server on the loopback interface, closed when the test ends; for the tests of a file, who opens it closes it. */
export async function httpServer(listener: RequestListener, scope: 'test' | 'file' = 'test'): Promise<Loopback> {
  const requests: Loopback['requests'] = []
  const server = createServer((request, response) => {
    const recorded = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: '' }
    requests.push(recorded)
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      recorded.body += chunk
    })
    request.on('end', () => listener(request, response))
  })
  return { ...(await listen(server, scope)), requests }
}

/** An HTTP server that reads its requests itself, closed when the test ends. */
export function listenFor(listener: RequestListener): Promise<Omit<Loopback, 'requests'>> {
  return listen(createServer(listener))
}

/** A server that answers with bytes of its own, whatever it is asked. */
export async function rawServer(answer: (socket: Socket) => void): Promise<Loopback> {
  const requests: Loopback['requests'] = []
  const server = createSocketServer((socket) => {
    socket.once('data', () => {
      requests.push({ method: '', url: '', headers: {}, body: '' })
      answer(socket)
    })
  })
  return { ...(await listen(server)), requests }
}

async function listen(
  server: Server | SocketServer,
  scope: 'test' | 'file' = 'test',
): Promise<Omit<Loopback, 'requests'>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  if (scope === 'test') onTestFinished(close)
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, close }
}
