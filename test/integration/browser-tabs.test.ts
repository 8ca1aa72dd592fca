// In Chromium: tabs that share a store, are closed or frozen in the midst of a run, and run out of space.
import { setTimeout as delay } from 'node:timers/promises'
import { build } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProfile, type Profile } from '../support/chromium.ts'
import { manyRows } from '../support/fake-api.ts'
import { httpServer } from './loopback.ts'

let profile: Profile
let context: BrowserContext
let script = ''

beforeAll(async () => {
  const entryPoints = ['test/integration/browser-tabs-page.ts']
  const bundle = await build({ entryPoints, bundle: true, format: 'iife', target: 'es2022', write: false })
  script = bundle.outputFiles[0]?.text ?? ''
  profile = await createProfile()
  context = await profile.start()
})

afterAll(() => profile?.remove())

const ROWS = manyRows(45)
const IDS = ROWS.map(({ id }) => Number(id))

/** A site with an API of 45 rows. `answer`: when the request at this offset is answered, and whether it fails. */
async function site(answer: (offset: number) => Promise<unknown> | undefined = () => undefined, rows = ROWS) {
  const offsets: number[] = []
  const { origin } = await httpServer(async ({ url = '' }, response) => {
    if (url === '/') return response.setHeader('content-type', 'text/html').end('<script src="/page.js"></script>')
    if (url === '/page.js') return response.setHeader('content-type', 'text/javascript').end(script)
    const offset = Number(new URL(url, origin).searchParams.get('offset'))
    if (!Number.isFinite(offset) || !url.includes('offset')) return response.writeHead(404).end()
    offsets.push(offset)
    if ((await answer(offset)) === 'fail') return response.writeHead(503).end()
    const body = { data: rows.slice(offset, offset + 10), total: rows.length }
    return response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  const open = async (): Promise<Page> => {
    const page = await context.newPage()
    await page.goto(origin)
    return page
  }
  return { origin, offsets, open }
}

const call = (page: Page, name: string, ...args: unknown[]) => page.evaluate(`tab.${name}(...${JSON.stringify(args)})`)
const never = new Promise<never>(() => {})

test('two tabs that sync one dataset at the same time lose nothing, and neither fails', async () => {
  const { open } = await site(() => delay(5))
  const tabs = [await open(), await open()]
  const reports = await Promise.all(tabs.map((page) => call(page, 'sync', 'both')))
  expect(reports).toEqual(tabs.map(() => expect.objectContaining({ status: 'done' })))
  for (const page of tabs) expect(await call(page, 'ids', 'both')).toEqual(IDS)
})

test('a tab that is closed in the midst of a run: the next one goes on at its page', async () => {
  let held = true
  const { offsets, open } = await site((offset) => (offset === 20 && held ? never : undefined))
  const first = await open()
  call(first, 'sync', 'closed').catch(() => {})
  await expect.poll(() => offsets).toEqual([0, 10, 20])
  held = false
  await first.close()
  const second = await open()
  expect(await call(second, 'ids', 'closed')).toEqual(IDS.slice(0, 20))
  expect(await call(second, 'sync', 'closed')).toMatchObject({ status: 'done', added: 45 })
  expect(offsets).toEqual([0, 10, 20, 20, 30, 40])
  expect(await call(second, 'ids', 'closed')).toEqual(IDS)
})

test('a tab that stands still for longer than its deadlines, in the midst of a run, goes on where it was', async () => {
  const gate = defer()
  const { offsets, open } = await site((offset) => (offset === 20 ? gate.promise : undefined))
  const page = await open()
  const session = await context.newCDPSession(page)
  const running = call(page, 'sync', 'frozen', { timeout: { attempt: 2 }, retry: { retries: 3, factor: 0.1 } })
  await expect.poll(() => offsets).toEqual([0, 10, 20])
  // As in a frozen tab: nothing of the page runs, while the answer comes in and the deadline passes.
  await session.send('Debugger.enable')
  await session.send('Debugger.pause')
  gate.resolve(undefined)
  await delay(2500) // Longer than the deadline.
  expect(offsets).toEqual([0, 10, 20])
  await session.send('Debugger.resume')
  await session.send('Debugger.disable')
  expect(await running).toMatchObject({ status: 'done', added: 45 })
  expect(await call(page, 'ids', 'frozen')).toEqual(IDS)
})

test('timers that strike once a second, as in a hidden tab, make waits longer and lose nothing', async () => {
  const failed = new Set<number>()
  const { offsets, open } = await site(async (offset) =>
    failed.has(offset) ? undefined : failed.add(offset) && 'fail',
  )
  const page = await open()
  await page.evaluate(`
    const { setTimeout: original } = globalThis
    globalThis.setTimeout = (run, ms = 0, ...args) => original(run, Math.ceil((ms + performance.now()) / 1000) * 1000 - performance.now(), ...args)
  `)
  const client = { retry: { retries: 1, factor: 0.1 } }
  const start = performance.now()
  expect(await call(page, 'sync', 'hidden', client)).toMatchObject({ status: 'done', added: 45 })
  expect(offsets).toEqual([0, 0, 10, 10, 20, 20, 30, 30, 40, 40])
  expect(performance.now() - start).toBeGreaterThan(3000)
})

test('a quota that is used up ends the run as store_full; what was committed stays, and the run goes on with space', async () => {
  const large = ROWS.map((row, i) => ({ ...row, text: String.fromCharCode(97 + (i % 26)).repeat(20_000) }))
  const { origin, open } = await site(undefined, large)
  const page = await open()
  const session = await context.newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 500_000 })
  expect(await call(page, 'sync', 'full')).toEqual({
    code: 'store_full',
    retryable: true,
    hint: expect.stringContaining('Free some space'),
  })
  const kept = (await call(page, 'ids', 'full')) as number[]
  expect(kept).toEqual(IDS.slice(0, kept.length))
  expect(kept.length).toBeLessThan(45)
  await session.send('Storage.overrideQuotaForOrigin', { origin })
  expect(await call(page, 'sync', 'full')).toMatchObject({ status: 'done' })
  expect(await call(page, 'ids', 'full')).toEqual(IDS)
})

function defer() {
  let resolve: (value: unknown) => void = () => {}
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}
