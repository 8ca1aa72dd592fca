import { createClient, defineSource, extract } from 'syncline'
import { leaks } from '../../../support/canaries.ts'
import { HOSTILE } from '../../../unit/http/hostile-links.ts'
import { equal, fails, ok } from '../assert.ts'
import type { Case, Theme } from '../suite.ts'

const BASE = 'https://api.example.com'
const TOKEN_URL = `${BASE}/token`
const SECRET = 'CaNaRy-58c1d7-origin'

/** All schemes that every runtime has. */
export const SCHEMES: Record<string, object> = {
  bearer: { token: SECRET },
  'a key in a header': { type: 'api_key', name: 'x-api-key', apiKey: SECRET },
  'a key in the query': { type: 'api_key', name: 'api_key', apiKey: SECRET, location: 'query' },
  http_basic: { type: 'http_basic', username: 'me', password: SECRET },
  'OAuth 2': { type: 'oauth2_client_credentials', accessTokenUrl: TOKEN_URL, clientId: 'me', clientSecret: SECRET },
}

/** The whole net in one `fetch`: what is asked, wherever it goes. */
function net(answer: () => Response) {
  const seen: string[] = []
  const fetch = async (url: string, init: RequestInit = {}) => {
    if (url === TOKEN_URL) return Response.json({ access_token: SECRET })
    seen.push(JSON.stringify([url, [...new Headers(init.headers)]]))
    return seen.length > 3 ? Response.json([]) : answer()
  }
  return { seen, ports: { fetch, sleep: async () => {} } }
}

/** Nothing leaves the API, and what stays has its credentials. */
function stays(seen: string[], link: string): void {
  equal(
    seen.filter((request) => !request.startsWith(`["${BASE}/`)),
    [],
    link,
  )
  for (const request of seen) ok(leaks(SECRET, request).length > 0, `${link}: asked without the credentials`)
}

async function settle(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    ({ code, message }) => code ?? message,
  )
}

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

const inHeader = (link: string) => !/[^\t\x20-\xff]/.test(link) && !/[<>]/.test(link)

function matrix(scheme: string, auth: object): Case[] {
  const client = (ports: object) => createClient({ baseUrl: BASE, auth } as never, { ports })
  return [
    {
      name: `${scheme}: no hostile next link or Link header leaves the API`,
      async run() {
        for (const [link, outcome] of HOSTILE) {
          const body = net(() => Response.json({ data: [{ id: link.length }], next: link }))
          const paginate = { path: 'items', paginator: 'json_link', dataSelector: 'data' } as const
          const end = await settle(readAll(client(body.ports).paginate(paginate)))
          stays(body.seen, link)
          ok(outcome === 'same' || /^(foreign_origin|invalid_url)$/.test(end), `${link} ends as ${end}`)
          if (!inHeader(link)) continue
          const header = net(() => Response.json([{ id: 1 }], { headers: { link: `<${link}>; rel="next"` } }))
          await settle(readAll(client(header.ports).paginate({ path: 'items', paginator: 'header_link' })))
          stays(header.seen, link)
        }
      },
    },
    {
      name: `${scheme}: no hostile redirect and no record leads out of the API`,
      async run() {
        for (const [link] of HOSTILE) {
          if (inHeader(link)) {
            const moved = net(() => new Response(null, { status: 302, headers: { location: link } }))
            await settle(client(moved.ports).request('items'))
            stays(moved.seen, link)
          }
          const rows = net(() => Response.json([{ id: link }]))
          const source = defineSource({
            name: 'hostile',
            client: { baseUrl: BASE, auth },
            resources: [
              { name: 'items', endpoint: { path: 'items', paginator: 'single_page' } },
              { name: 'parts', endpoint: { path: '{resources.items.id}/parts', paginator: 'single_page' } },
            ],
          } as never)
          await settle(readAll(extract(source, { ports: rows.ports })))
          stays(rows.seen, link)
        }
      },
    },
  ]
}

export const origins: Theme = {
  name: 'origins',
  cases: [
    ...Object.entries(SCHEMES).flatMap(([scheme, auth]) => matrix(scheme, auth)),
    {
      name: 'a next link to another server: it hears nothing',
      async run({ api }) {
        await api.serves({ '/items': [{ json: { data: [{ id: 1 }], next: `${api.foreign}/items` } }] })
        const error = await fails(
          api.read({ paginator: 'json_link', dataSelector: 'data' }, { auth: { token: SECRET } }),
          'foreign_origin',
        )
        ok(`${error.hint}`.includes('allowedOrigins'), `${error.hint}`)
        equal((await api.log()).filter(({ at }) => at === 'foreign').length, 0)
      },
    },
    {
      name: 'an allowed server gets no credentials, unless the entry says so',
      async run({ api }) {
        const page = (next?: string) => [{ json: { data: [{ id: next ? 1 : 2 }], next: next ?? null } }]
        await api.serves({ '/items': page(`${api.foreign}/items`), 'foreign /items': page() })
        const { origin } = new URL(api.foreign)
        for (const credentials of [false, true]) {
          const client = { auth: { token: SECRET }, allowedOrigins: [{ origin, credentials }] }
          await api.read({ paginator: 'json_link', dataSelector: 'data' }, client)
        }
        const asked = (await api.log()).filter(({ at }) => at === 'foreign')
        equal(
          asked.map(({ headers }) => headers.authorization ?? null),
          [null, `Bearer ${SECRET}`],
        )
      },
    },
  ],
}
