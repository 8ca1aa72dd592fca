import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { createProfile } from '../support/chromium.ts'
import { httpServer } from './loopback.ts'

/** What the page does: one request with a key in a cookie, and one with it in a header. */
const SCRIPT = `
import { createClient } from './src/index.ts'
const key = { type: 'api_key', name: 'x-session', apiKey: 'K-7f3e9d' }
const ask = async (location) => {
  const client = createClient({ baseUrl: globalThis.location.origin, auth: { ...key, location } })
  return client.request('/items').then((body) => ({ body }), ({ code, hint }) => ({ code, hint }))
}
globalThis.asked = async () => [await ask('cookie'), await ask('header')]
`

test('a browser lets no code set a cookie: a coded error, and nothing is sent without the key', async () => {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: '.', loader: 'ts' },
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  })
  const server = await httpServer(({ url }, response) => {
    const [type, body] = {
      '/': ['text/html', '<!doctype html><title>page</title><script src="/page.js"></script>'] as const,
      '/page.js': ['text/javascript', outputFiles[0]?.text] as const,
    }[url ?? ''] ?? ['application/json', '[1]']
    response.setHeader('content-type', type).end(body)
  })
  const profile = await createProfile()
  onTestFinished(() => profile.remove())
  const page = await (await profile.start()).newPage()
  await page.goto(server.origin)
  expect(await page.evaluate('asked()')).toEqual([
    { code: 'not_implemented', hint: expect.stringContaining("'header' or 'query'") },
    { body: [1] },
  ])
  const asked = server.requests.filter(({ url }) => url === '/items')
  expect(asked.map(({ headers }) => headers['x-session'])).toEqual(['K-7f3e9d'])
})
