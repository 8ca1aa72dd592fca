// In Chromium: a page of one origin reads the API of another, which may hide the header that leads to the next page.
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProfile, type Profile } from '../support/chromium.ts'
import { httpServer } from './loopback.ts'

let profile: Profile
let script = ''

beforeAll(async () => {
  const entryPoints = ['test/integration/browser-page.ts']
  const bundle = await build({ entryPoints, bundle: true, format: 'iife', target: 'es2022', write: false })
  script = bundle.outputFiles[0]?.text ?? ''
  profile = await createProfile()
})

afterAll(() => profile?.remove())

/** Three pages of two rows, named by headers of which a page of another origin may see `exposed`. */
async function corsApi(exposed: string[]) {
  return httpServer(({ url = '' }, response) => {
    const page = Number(new URL(url, 'http://api').searchParams.get('page') ?? 1)
    if (page < 3) {
      response.setHeader('link', `<?per_page=2&page=${page + 1}>; rel="next"`)
      response.setHeader('x-next', String(page + 1))
    }
    response.setHeader('access-control-allow-origin', '*')
    if (exposed.length > 0) response.setHeader('access-control-expose-headers', exposed.join(', '))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify([page * 2 - 1, page * 2]))
  })
}

test('a header paginator reads what the API exposes, and does not take a page for the last where it cannot know', async () => {
  const site = await httpServer(({ url }, response) => {
    response.setHeader('content-type', url === '/page.js' ? 'text/javascript' : 'text/html')
    response.end(url === '/page.js' ? script : '<!doctype html><title>page</title><script src="/page.js"></script>')
  })
  const [open, closed] = [await corsApi(['Link', 'X-Next']), await corsApi([])]
  const context = await profile.start()
  const page = await context.newPage()
  await page.goto(site.origin)
  const read = (origin: string, endpoint: object) => page.evaluate(`read(...${JSON.stringify([origin, endpoint])})`)
  const by = (paginator: object | string, per_page = 2) => ({ path: '/items', params: { per_page }, paginator })
  const cursor = { type: 'header_cursor', cursorKey: 'X-Next', cursorParam: 'page' }
  const refused = (header: string) => ({
    code: 'header_not_exposed',
    hint: expect.stringContaining(`'Access-Control-Expose-Headers: ${header}'`),
  })

  expect(await read(open.origin, by('header_link'))).toEqual([1, 2, 3, 4, 5, 6])
  expect(await read(open.origin, by(cursor))).toEqual([1, 2, 3, 4, 5, 6])
  expect(await read(open.origin, by('auto'))).toEqual([1, 2, 3, 4, 5, 6])
  expect(await read(closed.origin, by('header_link'))).toEqual(refused('Link'))
  expect(await read(closed.origin, by(cursor))).toEqual(refused('X-Next'))
  expect(await read(closed.origin, by('auto'))).toEqual(refused('link'))
  // Fewer than were asked for: this page is all there is.
  expect(await read(closed.origin, by('header_link', 50))).toEqual([1, 2])
  // None of them got beyond the first page.
  expect(closed.requests).toHaveLength(4)
})
