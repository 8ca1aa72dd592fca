import type { Ports } from '../../src/ports.ts'

/** A request as it reached the server. */
export interface SeenRequest {
  readonly method: string
  /** Without query and fragment. */
  readonly url: string
  /** Decoded; a repeated key is a list. */
  readonly query: Readonly<Record<string, string | string[]>>
  /** Names in lower case; what `fetch` adds by itself is there too, so far as it depends on the call. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** What was handed to `fetch`, untouched. */
  readonly init: RequestInit | undefined
}

/**
 * An answer, or a failure of the network. `connection`: refused at once; `timeout`: never answers, until the caller
 * aborts.
 */
export type Reply = Response | 'connection' | 'timeout'

export interface FakeServer {
  readonly fetch: Ports['fetch']
  /** Every request, in order of arrival, those included that were not answered. */
  readonly requests: readonly SeenRequest[]
  /** Requests whose answer has not begun. */
  pending(): number
}

/** More requests than any test should send: ends what would page for ever. */
const MOST_REQUESTS = 2000

/**
 * A server inside the process: a `fetch` that behaves as the platform's (headers, abort, body streams, `response.url`)
 * and keeps a log. It neither follows redirects nor knows cookies.
 *
 * @example
 * const server = fakeServer(({ query }) => json({ data: rows(query.offset) }))
 * await extract(source, { ports: fakePorts({ fetch: server.fetch }) })
 * expect(server.requests).toHaveLength(3)
 */
export function fakeServer(handler: (request: SeenRequest) => Reply | Promise<Reply>): FakeServer {
  const requests: SeenRequest[] = []
  let pending = 0

  async function fetch(input: string, init?: RequestInit): Promise<Response> {
    init?.signal?.throwIfAborted()
    if (requests.length >= MOST_REQUESTS)
      throw new TypeError(`fetch failed: ${MOST_REQUESTS} requests, is this a loop?`)
    pending++
    try {
      const request = await see(input, init)
      requests.push(request)
      const reply = await orAbort(Promise.resolve(handler(request)), init?.signal)
      if (reply === 'connection') throw new TypeError('fetch failed')
      if (reply === 'timeout') return await orAbort(new Promise<never>(() => {}), init?.signal)
      return deliver(reply, input, init?.signal)
    } finally {
      pending--
    }
  }

  return { fetch, requests, pending: () => pending }
}

/** A JSON response. */
export function json(body: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers)
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  return new Response(JSON.stringify(body), { ...init, headers })
}

/** A text as the body; statuses that forbid a body have none. */
export function text(body: string, init: ResponseInit = {}): Response {
  return new Response([204, 205, 304].includes(init.status ?? 200) ? null : body, init)
}

/** The platform's `Request` says which headers and which body a call of `fetch` would have sent. */
async function see(input: string, init: RequestInit | undefined): Promise<SeenRequest> {
  const { method, headers, body } = init ?? {}
  const request = new Request(input, {
    ...(method !== undefined && { method }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
  })
  const url = new URL(request.url)
  return {
    method: request.method,
    url: url.origin + url.pathname,
    query: collect(url.searchParams),
    headers: Object.fromEntries(request.headers),
    body: request.body === null ? undefined : await request.text(),
    init,
  }
}

/** Parameters as an object: one value as itself, several as a list. */
export function collect(params: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(params.keys())].map((key) => {
      const values = params.getAll(key)
      return [key, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

function orAbort<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** The response as `fetch` gives it: it knows its URL, and an abort breaks a body that is still being read. */
function deliver(response: Response, input: string, signal: AbortSignal | null | undefined): Response {
  const delivered = new Response(response.body && signal ? breakable(response.body, signal) : response.body, response)
  return Object.defineProperty(delivered, 'url', { value: input.split('#', 1)[0] })
}

function breakable(body: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal) {
  const reader = body.getReader()
  let abort = () => {}
  const release = () => signal.removeEventListener('abort', abort)
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      abort = () => controller.error(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
    },
    async pull(controller) {
      const { done, value } = await reader.read().catch((error) => {
        release()
        throw error
      })
      if (signal.aborted) return
      if (!done) return controller.enqueue(value)
      release()
      controller.close()
    },
    cancel(reason) {
      release()
      return reader.cancel(reason)
    },
  })
}
