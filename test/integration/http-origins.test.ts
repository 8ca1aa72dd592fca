import { expect, test } from 'vitest'
import { createClient, defineSource, extract } from '../../src/index.ts'
import { leaks } from '../support/canaries.ts'
import { HOSTILE } from '../unit/http/hostile-links.ts'
import { authKinds } from './auth-kinds.ts'

const BASE = 'https://api.example.com'
const TOKEN_URL = 'https://api.example.com/token'
const SECRET = 'CaNaRy-58c1d7-origin'
interface Seen {
  url: string
  text: string
}

/** The whole net in one `fetch`: each server gets its own log, whatever the request is. */
function net(answer: (url: URL) => Response) {
  const seen: Seen[] = []
  const fetch = async (url: string, init: RequestInit = {}) => {
    const text = JSON.stringify([url, [...new Headers(init.headers)], String(init.body ?? '')])
    seen.push({ url, text })
    if (url === TOKEN_URL) return Response.json({ access_token: SECRET })
    return seen.filter((request) => request.url !== TOKEN_URL).length > 4 ? Response.json([]) : answer(new URL(url))
  }
  return { seen, ports: { fetch, sleep: async () => {} } }
}

/** What leaves the API for any other place must not happen at all; what stays must have its credentials. */
function check(seen: Seen[], what: string) {
  const foreign = seen.filter(({ url }) => !url.startsWith(`${BASE}/`))
  expect(foreign, what).toEqual([])
  for (const { text, url } of seen) if (url !== TOKEN_URL) expect(leaks(SECRET, text), what).not.toEqual([])
}

async function settled(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
}

async function readAll(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

const inHeader = (link: string) => !/[^\t\x20-\xff]/.test(link) && !/[<>]/.test(link)

for (const { name, client: auth, endpoint } of authKinds(SECRET, TOKEN_URL)) {
  const own = endpoint && { auth: endpoint }

  test(`${name}: no hostile next link, Link header or redirect leaves the API`, async () => {
    for (const [link, outcome] of HOSTILE) {
      const inBody = net(() => Response.json({ data: [{ id: link.length }], next: link }))
      const client = createClient({ baseUrl: BASE, auth }, { ports: inBody.ports })
      const byLink = await settled(
        readAll(client.paginate({ path: 'items', paginator: 'json_link', dataSelector: 'data', ...own })),
      )
      check(inBody.seen, `next link ${link.slice(0, 80)}`)
      if (outcome !== 'same') expect(byLink, `next link ${link.slice(0, 80)}`).toMatch(/^(foreign_origin|invalid_url)$/)
      if (!inHeader(link)) continue

      const headers = { link: `<${link}>; rel="next"` }
      const linked = net(() => Response.json([{ id: link.length }], { headers }))
      const pager = createClient({ baseUrl: BASE, auth }, { ports: linked.ports })
      await settled(readAll(pager.paginate({ path: 'items', paginator: 'header_link', ...own })))
      check(linked.seen, `Link header ${link.slice(0, 80)}`)

      const moved = net(() => new Response(null, { status: 302, headers: { location: link } }))
      await settled(createClient({ baseUrl: BASE, auth }, { ports: moved.ports }).request({ path: 'items', ...own }))
      check(moved.seen, `redirect ${link.slice(0, 80)}`)
    }
  })

  test(`${name}: no record's value moves a request of its children out of the API`, async () => {
    for (const [link] of HOSTILE) {
      const world = net((url) => Response.json(url.pathname === '/items' ? [{ id: link }] : [{ id: 1 }]))
      const source = defineSource({
        name: 'hostile',
        client: { baseUrl: BASE, auth },
        resources: [
          { name: 'items', endpoint: { path: 'items', paginator: 'single_page', ...own } },
          { name: 'parts', endpoint: { path: '{resources.items.id}/parts', paginator: 'single_page', ...own } },
        ],
      })
      await settled(readAll(extract(source, { ports: world.ports })))
      check(world.seen, `template ${link.slice(0, 80)}`)
      for (const { url } of world.seen) expect(new URL(url).pathname.split('/').length).toBeLessThanOrEqual(3)
    }
  })
}
