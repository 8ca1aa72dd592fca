// In Chromium: msw's worker answers the requests of a page, as `mockApi` says, and the page syncs into IndexedDB.
import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProfile, type Profile } from '../support/chromium.ts'
import { httpServer } from './loopback.ts'

let profile: Profile
let files: Record<string, string>

beforeAll(async () => {
  const entryPoints = ['test/integration/mock-api-page.ts']
  const bundle = await build({ entryPoints, bundle: true, format: 'iife', target: 'es2022', write: false })
  files = {
    '/page.js': bundle.outputFiles[0]?.text ?? '',
    '/mockServiceWorker.js': await readFile('node_modules/msw/lib/mockServiceWorker.js', 'utf8'),
  }
  profile = await createProfile()
})

afterAll(() => profile?.remove())

test('a page syncs into IndexedDB against a mocked API, and goes on where a fault has stopped it', async () => {
  const site = await httpServer(({ url = '' }, response) => {
    response.setHeader('content-type', files[url] === undefined ? 'text/html' : 'text/javascript')
    response.end(files[url] ?? '<!doctype html><title>page</title><script src="/page.js"></script>')
  })
  const page = await (await profile.start()).newPage()
  await page.goto(site.origin)
  const request = (after: string | undefined, status?: number) => ({
    method: 'GET',
    path: '/items',
    query: after === undefined ? {} : { after },
    ...(status !== undefined && { status }),
  })
  expect(await page.evaluate('run()')).toEqual({
    code: 'network',
    stored: 25,
    complete: true,
    requests: [
      request(undefined, 200),
      request('c10', 200), // truncated, and so asked for again
      request('c10', 200),
      request('c20'),
      request('c20'),
      request('c20', 200),
    ],
  })
})
