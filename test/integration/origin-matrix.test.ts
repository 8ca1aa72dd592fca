import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import {
  createClient,
  defineSource,
  extract,
  isSynclineError,
  type Ports,
  type Source,
  step,
  sync,
} from '../../src/index.ts'
import type { PaginatorConfig } from '../../src/paginators/index.ts'
import { leaks } from '../support/canaries.ts'
import { type AuthKind, authKinds } from './auth-kinds.ts'
import { httpServer, type Loopback } from './loopback.ts'

const SECRET = 'CaNaRy-58c1d7-matrix'

/** Links to a foreign server, in all the ways that a URL parser bears. `host`: `127.0.0.1:<port>` of that server. */
const FOREIGN = (host: string, api: string): string[] => {
  const [, port] = host.split(':')
  return [
    `http://${host}/x`,
    `//${host}/x`,
    `///${host}/x`,
    `////${host}`,
    `\\\\${host}\\x`,
    `/\\${host}/x`,
    `\\/${host}/x`,
    `http:\\\\${host}\\x`,
    `http:/\\${host}/x`,
    `http:////${host}/x`,
    `HTTP://${host}/x`,
    `hTtP://${host}/x`,
    `ht\ntp://${host}/x`,
    `h\tt\tt\tp://${host}/x`,
    `http://127.0.0.\n1:${port}/x`,
    `/\t/${host}/x`,
    `/\n/${host}/x`,
    `  http://${host}/x  `,
    `\u0000http://${host}/x`,
    `\u001f//${host}/x`,
    `http://${api}@${host}/x`,
    `http://a:b:c@${host}/x`,
    `http://user:pass@${host}/x`,
    `http://${api}:80@${host}/x`,
    `//${api}@${host}/x`,
    `http://${host}#@${api}/`,
    `http://${host}?@${api}/`,
    `http://${host}\\@${api}/`,
    `http://${host}/..//${api}/`,
    `http://${host}/?http://${api}/`,
    `http://localhost:${port}/x`,
    `http://LOCALHOST:${port}/x`,
    `http://localhost.:${port}/x`,
    `http://2130706433:${port}/x`,
    `http://0x7f000001:${port}/x`,
    `http://0177.0.0.1:${port}/x`,
    `http://0x7f.1:${port}/x`,
    `http://127.1:${port}/x`,
    `http://127.0.1:${port}/x`,
    `http://127.0.0.1.:${port}/x`,
    `http://127。0。0。1:${port}/x`,
    `http://１２７.0.0.1:${port}/x`,
    `http://%31%32%37.0.0.1:${port}/x`,
    `http://[::ffff:127.0.0.1]:${port}/x`,
    `http://[::ffff:7f00:1]:${port}/x`,
    `http://127.0.0.1:0${port}/x`,
    `http://127.0.0.1:00${port}/x`,
    `http://${host}/${'a'.repeat(4000)}`,
    `ws://${host}/x`,
    `ftp://${host}/x`,
    `https://${host}/x`,
    `blob:http://${host}/x`,
  ]
}

let api: Loopback
let foreign: Loopback
let kinds: AuthKind[]
/** What the API does with each request; asked for a token, it gives one. */
let behave: (request: IncomingMessage, response: ServerResponse) => void
const counted = { runs: 0, foreignRequests: 0, secrets: 0 }

beforeAll(async () => {
  foreign = await httpServer((_, response) => response.end('[{"id":"foreign"}]'), 'file')
  api = await httpServer((request, response) => {
    if (request.url === '/token') response.end(JSON.stringify({ access_token: SECRET }))
    else behave(request, response)
  }, 'file')
  kinds = authKinds(SECRET, `${api.origin}/token`)
})

afterAll(async () => {
  const links = FOREIGN('a:1', 'b').length
  process.stdout.write(
    `origin matrix: ${links} links x ${kinds.length} kinds of auth x ${Object.keys(WAYS).length} ways = ${counted.runs} runs, ` +
      `${counted.foreignRequests} requests and ${counted.secrets} secrets at the foreign server\n`,
  )
  await Promise.all([api.close(), foreign.close()])
})

const ports: Partial<Ports> = { sleep: async () => {} }

function sourceOf({ client, endpoint }: AuthKind, paginator: PaginatorConfig, more: object = {}): Source {
  const auth = endpoint && { auth: endpoint }
  return defineSource({
    name: 'hostile',
    client: { baseUrl: api.origin, auth: client, retry: { retries: 0 }, ...more },
    resources: [
      { name: 'items', primaryKey: 'id', endpoint: { path: 'items', dataSelector: 'data', paginator, ...auth } },
    ],
  } as Parameters<typeof defineSource>[0])
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    const result = (await run()) as { error?: unknown } | undefined
    return isSynclineError(result?.error) ? result.error.code : 'done'
  } catch (error) {
    return isSynclineError(error) ? error.code : String(error)
  }
}

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

const page = (response: ServerResponse, next: string | null, id: unknown = 1) =>
  response.end(JSON.stringify({ data: [{ id }], next }))

const REFUSED = ['foreign_origin', 'invalid_url']

/** The ways in which a server can say where to go. Each gives the code of what came of it; no header holds some links. */
const WAYS: Record<string, (kind: AuthKind, link: string) => Promise<string | undefined>> = {
  async 'next link'(kind, link) {
    behave = (_, response) => page(response, link)
    return codeOf(() => readAll(extract(sourceOf(kind, 'json_link'), { ports })))
  },
  async 'Link header'(kind, link) {
    if (!inHeader(link) || /[<>]/.test(link)) return undefined
    behave = (_, response) => page(response.setHeader('link', `<${link}>; rel="next"`), null)
    return codeOf(() => readAll(extract(sourceOf(kind, 'header_link'), { ports })))
  },
  async redirect(kind, link) {
    if (!inHeader(link)) return undefined
    behave = (_, response) => response.writeHead(302, { location: link }).end()
    return codeOf(() => readAll(extract(sourceOf(kind, 'single_page'), { ports })))
  },
  async 'next link, stored and resumed'(kind, link) {
    behave = (_, response) => page(response, link)
    const store = memoryStore()
    const source = sourceOf(kind, 'json_link')
    // The first step commits the page, with the link if it is one; the second goes on from there.
    const first = await codeOf(() => step(source, store, { ports, budget: { records: 1 } }))
    return first === 'done' ? codeOf(() => step(source, store, { ports })) : first
  },
  async template(kind, link) {
    behave = (request, response) =>
      page(response, null, request.url?.startsWith('/items?') || request.url === '/items' ? link : 1)
    const { client, endpoint } = kind
    const parts = (path: string, name: string) => ({ name, endpoint: { path, ...(endpoint && { auth: endpoint }) } })
    const source = defineSource({
      name: 'hostile',
      client: { baseUrl: api.origin, auth: client, retry: { retries: 0 } },
      resourceDefaults: { endpoint: { dataSelector: 'data', paginator: 'single_page' } },
      resources: [
        { name: 'items', endpoint: { path: 'items', ...(endpoint && { auth: endpoint }) } },
        parts('{resources.items.id}', 'bare'),
        parts('/{resources.items.id}/parts', 'parts'),
        parts(`${api.origin}/{resources.items.id}?at={resources.items.id}`, 'absolute'),
      ],
    } as Parameters<typeof defineSource>[0])
    await codeOf(() => readAll(extract(source, { ports })))
    return 'done'
  },
}

const inHeader = (link: string) => !/[^\t\x20-\xff]/.test(link)

test('nothing that a server says brings a request, or a secret, to another server', { timeout: 120_000 }, async () => {
  const links = FOREIGN(new URL(foreign.origin).host, new URL(api.origin).host)
  expect(new Set(links).size).toBeGreaterThanOrEqual(40)
  for (const kind of kinds) {
    for (const link of links) {
      for (const [way, run] of Object.entries(WAYS)) {
        const code = await run(kind, link)
        if (code === undefined) continue
        counted.runs++
        // A value in a template is a segment of the API's own path.
        if (way !== 'template')
          expect(REFUSED, `${way}, ${kind.name}, ${JSON.stringify(link)}: ${code}`).toContain(code)
      }
    }
  }
  counted.foreignRequests = foreign.requests.length
  counted.secrets = leaks(SECRET, foreign.requests).length
  expect(foreign.requests).toEqual([])
})

test('every link leads to the foreign server, if nobody looks', async () => {
  const links = FOREIGN(new URL(foreign.origin).host, new URL(api.origin).host)
  const targets = links.map((link) => new URL(link, api.origin))
  expect(targets.filter(({ origin }) => origin === api.origin).map(String)).toEqual([])
})

test('the API itself gets the credentials with every page, redirect and child, and none of another', async () => {
  for (const kind of kinds) {
    api.requests.length = 0
    behave = (request, response) => {
      const at = new URL(request.url ?? '', api.origin)
      if (at.pathname === '/items') response.writeHead(307, { location: `/moved${at.search}` }).end()
      else if (at.searchParams.has('page')) page(response, null, 2)
      else page(response, at.pathname === '/moved' ? '/items?page=2' : null)
    }
    await sync(sourceOf(kind, 'json_link'), memoryStore(), { ports })
    const seen = api.requests.filter(({ url }) => url !== '/token')
    expect(
      seen.map(({ url }) =>
        url
          .split(/[?&]/)
          .filter((part) => !/key/.test(part))
          .join('?'),
      ),
    ).toEqual(['/items', '/moved', '/items?page=2', '/moved?page=2'])
    for (const request of seen) {
      expect(leaks(SECRET, request), kind.name).not.toEqual([])
      if (kind.endpoint) expect(leaks('-of-the-client', request), kind.name).toEqual([])
    }
  }
})

test.each([
  ['a string', () => foreign.origin, false],
  ['without credentials', () => ({ origin: foreign.origin, credentials: false }), false],
  ['with credentials', () => ({ origin: foreign.origin, credentials: true }), true],
])('an allowed origin, %s', async (_, entry, credentials) => {
  for (const kind of kinds) {
    foreign.requests.length = 0
    const client = { allowedOrigins: [entry()], headers: { 'x-static-key': SECRET, 'accept-language': 'de' } }
    const ways: [PaginatorConfig, typeof behave][] = [
      ['json_link', (_, response) => page(response, `${foreign.origin}/x?api_key=${SECRET}&key=${SECRET}&page=2`)],
      [
        'header_link',
        (_, response) => page(response.setHeader('link', `<${foreign.origin}/x?t=${SECRET}>; rel=next`), null),
      ],
      ['single_page', (_, response) => response.writeHead(307, { location: `${foreign.origin}/x?t=${SECRET}` }).end()],
    ]
    for (const [paginator, answer] of ways) {
      behave = answer
      await codeOf(() => readAll(extract(sourceOf(kind, paginator, client), { ports })))
    }
    expect(foreign.requests.map(({ headers }) => headers['accept-language'])).toEqual(['de', 'de', 'de'])
    for (const request of foreign.requests) expect(leaks(SECRET, request).length > 0, kind.name).toBe(credentials)
  }
})

test('the scanner sees: a client that follows links itself', async () => {
  foreign.requests.length = 0
  behave = (_, response) => page(response, `${foreign.origin}/x`)
  const headers = { authorization: `Bearer ${SECRET}` }
  const { next } = (await (await fetch(`${api.origin}/items`, { headers })).json()) as { next: string }
  await fetch(next, { headers })
  expect(leaks(SECRET, foreign.requests)).not.toEqual([])
  const client = createClient({ baseUrl: api.origin, auth: { token: SECRET } }, { ports })
  foreign.requests.length = 0
  await codeOf(() => readAll(client.paginate({ path: 'items', paginator: 'json_link' })))
  expect(foreign.requests).toEqual([])
})
