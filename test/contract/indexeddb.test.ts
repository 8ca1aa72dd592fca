import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { build } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indexedDbStore, persist } from '../../adapters/indexeddb.ts'
import { isSynclineError } from '../../src/errors.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { createProfile, type Profile } from '../support/chromium.ts'
import { TIMES } from '../support/times.ts'

let profile: Profile
let context: BrowserContext
let page: Page
let origin = ''
/** Another site to the browser: its quota is its own. */
let smallOrigin = ''
const acks = new Map<string, number>()
let failed = 0
const told = new Map<string, string[]>()
const servers = [createServer(), createServer()]

beforeAll(async () => {
  const bundle = await build({
    entryPoints: ['test/contract/support/indexeddb-page.ts'],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  })
  const script = bundle.outputFiles[0]?.text ?? ''
  for (const server of servers) {
    server.on('request', ({ url }, response) => {
      response.setHeader('content-type', url === '/suite.js' ? 'text/javascript' : 'text/html')
      response.end(
        url === '/suite.js' ? script : '<!doctype html><title>suite</title><script src="/suite.js"></script>',
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }
  ;[origin = '', smallOrigin = ''] = servers.map((server) => {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  profile = await createProfile()
  await start()
})

afterAll(async () => {
  await profile?.remove()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

async function start(): Promise<void> {
  context = await profile.start()
  await context.exposeFunction('acked', (unit: string, n: number) => {
    acks.set(unit, n)
  })
  await context.exposeFunction('told', (who: string, changes: string[]) => {
    told.set(who, [...(told.get(who) ?? []), ...changes])
  })
  page = await tab()
}

async function tab(url = origin): Promise<Page> {
  const opened = await context.newPage()
  await opened.goto(url)
  return opened
}

function call(where: Pick<Page, 'evaluate'>, name: string, ...args: unknown[]): Promise<unknown> {
  return where.evaluate(`suite.${name}(...${JSON.stringify(args)})`)
}

describe.each([
  ['in a database of its own', false],
  ['beside foreign data', true],
])('indexedDbStore in Chromium, %s', (_, foreign) => {
  test.each(storeContract.map(({ name }, i) => ({ name, i })))('$name', async ({ name, i }) => {
    expect(((await call(page, 'names')) as string[])[i]).toBe(name)
    await call(page, 'contract', i, foreign)
  })
})

test('two tabs that write lose no commit, each to its own position and both to one', async () => {
  const other = await tab()
  const commits = 20 * TIMES
  const writing = [page, other].flatMap((each, i) => [
    call(each, 'write', 'tabs', `own-${i}`, commits),
    call(each, 'write', 'tabs', 'shared', commits),
  ])
  await Promise.all(writing)
  expect(await call(page, 'check', 'tabs')).toEqual({ 'own-0': commits, 'own-1': commits, shared: 2 * commits })
  process.stdout.write(`IndexedDB, two tabs: ${4 * commits} commits to one dataset, 0 lost\n`)
  await other.close()
})

test('a subscription hears of syncs in another tab and in its own, until it is ended', async () => {
  const other = await tab()
  const name = 'subscribed'
  await call(other, 'subscribe', name, 'other')
  await call(page, 'subscribe', name, 'own')
  const both = async (...changes: string[]) => {
    for (const who of ['other', 'own']) {
      // Rows and deletions of one sync may come in one or in two.
      await expect.poll(() => told.get(who)?.slice().sort()).toEqual(changes.sort())
      told.delete(who)
    }
  }
  await call(page, 'sync', name, [{ id: 1 }, { id: 2 }, { id: 3 }])
  await both('added 1', 'added 2', 'added 3')
  await call(page, 'sync', name, [{ id: 1 }, { id: 2, name: 'changed' }, { id: 4 }])
  await both('added 4', 'deleted 3', 'updated 2')
  await call(page, 'drop', name)
  await both('reset')

  await call(other, 'unsubscribe')
  await call(page, 'sync', name, [{ id: 5 }])
  await expect.poll(() => told.get('own')).toEqual(['added 5'])
  expect(told.get('other')).toBe(undefined)
  await other.close()
})

test('a lease excludes other tabs, and is free once its tab is closed', async () => {
  const other = await tab()
  call(other, 'lease', 'leased', 1, true).catch(() => {})
  await expect.poll(() => acks.get('lease')).toBe(1)
  const waiting = call(page, 'lease', 'leased', 2, false)
  await call(page, 'write', 'leased', 'u', 5) // long enough to get a lease that nobody holds
  expect(acks.get('lease')).toBe(1)
  await other.close()
  await waiting
  expect(acks.get('lease')).toBe(2)
})

const KILLS = 6 * TIMES

test(
  'Chromium killed in the midst of writing: rows and positions fit, and what was acknowledged is there',
  async () => {
    const units = ['killed-0', 'killed-1']
    for (let kill = 1; kill <= KILLS; kill++) {
      const before = units.map((unit) => acks.get(unit) ?? 0)
      let ended: unknown
      // Every other time there are two tabs.
      const pages = kill % 2 === 0 ? [page, await tab()] : [page]
      for (const [i, each] of pages.entries()) {
        call(each, 'write', 'kill', units[i], 1e6).catch((error) => {
          ended = error
        })
      }
      const enough = () =>
        pages.every((_, i) => (acks.get(units[i] ?? '') ?? 0) >= (before[i] ?? 0) + 5 + 3 * (kill % 6))
      while (ended === undefined && !enough()) await delay(3 + (kill % 7))
      expect(ended).toBe(undefined)
      await profile.kill()
      await start()
      const found = (await call(page, 'check', 'kill')) as Record<string, number>
      for (const unit of units) {
        expect(found[unit] ?? 0).toBeGreaterThanOrEqual(acks.get(unit) ?? 0)
        acks.set(unit, found[unit] ?? 0)
      }
    }
    const commits = units.reduce((sum, unit) => sum + (acks.get(unit) ?? 0), 0)
    process.stdout.write(
      `IndexedDB, Chromium killed ${KILLS} times: ${commits} commits, 0 torn, 0 acknowledged ones lost\n`,
    )
  },
  60_000 * TIMES,
)

test('a used up quota is store_full; what was committed stays, and writing goes on when there is space', async () => {
  // Chromium looks at the quota when a site first uses IndexedDB, and then not for a while.
  const small = await tab(smallOrigin)
  const session = await context.newCDPSession(small)
  await session.send('Storage.overrideQuotaForOrigin', { origin: smallOrigin, quotaSize: 500_000 })
  expect(await call(small, 'code', 'write', 'quota', 'q', 1000)).toBe('store_full')
  const { q } = (await call(small, 'check', 'quota')) as { q: number }
  expect(q).toBeGreaterThan(0)
  await session.send('Storage.overrideQuotaForOrigin', { origin: smallOrigin })
  await call(small, 'write', 'quota', 'q', 6)
  expect(await call(small, 'check', 'quota')).toEqual({ q: q + 6 })
  await small.close()
})

test('a tab that opens while a deletion waits gets store_blocked, and can open once the deletion is done', async () => {
  const [second, third] = [await tab(), await tab()]
  await call(page, 'openSoon', 'blocked')
  await call(second, 'occupy', 'blocked')
  await call(page, 'startDelete', 'blocked')
  expect(await call(third, 'code', 'openSoon', 'blocked')).toBe('store_blocked')
  await call(second, 'leave')
  await call(page, 'finishDelete')
  await call(third, 'openSoon', 'blocked')
  for (const each of [second, third]) await each.close()
})

test('an open dataset lets others delete the database, and then finds it empty and commits nothing old', async () => {
  const other = await tab()
  await call(page, 'hold', 'deleted')
  expect(await call(page, 'look', true)).toBe(1)
  await call(other, 'startDelete', 'deleted')
  await call(other, 'finishDelete')
  expect(await call(page, 'look', false)).toBe(0)
  expect(await call(page, 'code', 'stale')).toBe('conflict')
  await other.close()
})

test('data that the browser clears under an open dataset is gone, and nothing old is committed', async () => {
  const session = await context.newCDPSession(page)
  await call(page, 'hold', 'cleared')
  await call(page, 'look', true)
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  expect(await call(page, 'look', false)).toBe(0)
  expect(await call(page, 'code', 'stale')).toBe('conflict')
})

test('a connection that was closed is opened anew', async () => {
  expect(await call(page, 'closeAll', 'closed')).toBe(1)
})

test.each([
  ['transaction', 'InvalidStateError', false, []],
  ['transaction', 'UnknownError', true, ['store_lost']],
  ['get', 'UnknownError', false, []],
  ['put', 'TransactionInactiveError', true, ['store_lost']],
  ['transaction', 'SecurityError', true, ['store_unavailable']],
  ['abort', 'AbortError', false, []],
  ['abort', 'AbortError', true, ['store_lost']],
])('the k-th call of %s fails with %s (lasting: %s), for every k: no commit is half', async (...fault) => {
  const [method, error, lasting, codes] = fault
  const name = `faults-${method}-${error}-${lasting}`
  const seen = (await call(page, 'faults', name, method, error, lasting)) as Record<string, number>
  expect(Object.keys(seen).filter((code) => code !== 'committed')).toEqual(codes)
  for (const times of Object.values(seen)) failed += times
})

test('a dataset whose dropping fails halfway is whole, and can be dropped again', async () => {
  const codes = (await call(page, 'dropFaults', 'drop-faults')) as string[]
  expect(codes).toEqual(['store_unavailable', 'store_unavailable', 'store_unavailable', 'none'])
  failed += 3
})

test.each([
  ['SecurityError', 'store_unavailable'],
  ['InvalidStateError', 'store_lost'], // older Firefox in a private window
  ['UnknownError', 'store_lost'],
  ['QuotaExceededError', 'store_full'],
  ['VersionError', 'store_unavailable'],
])('a database that does not open (%s) is %s, and opens when it can again', async (error, code) => {
  expect(await call(page, 'openFaults', `open-${error}`, error)).toEqual([code, 'none', 2])
})

test.each([
  ['transaction', 'UnknownError', 'store_lost'],
  ['transaction', 'NotFoundError', 'store_unavailable'],
  ['get', 'UnknownError', 'store_lost'],
  ['get', 'DataError', 'store_unavailable'],
  ['abort', 'AbortError', 'store_lost'],
])('when reading fails (%s: %s), each way of reading says %s, and none says "empty"', async (method, error, code) => {
  const said = (await call(page, 'reads', `reads-${method}-${error}`, method, error)) as string[]
  expect(said).toEqual(said.map(() => code))
  failed += said.length
})

test('all calls that failed', () => {
  process.stdout.write(`IndexedDB, failing calls: ${failed} operations, 0 half commits, 0 errors taken for "empty"\n`)
  expect(failed).toBeGreaterThan(50)
})

test('a private window: it works, and forgets', async () => {
  const browser = context.browser()
  const contexts = [await browser?.newContext(), await browser?.newContext()]
  for (const [i, each] of contexts.entries()) {
    const opened = await each?.newPage()
    await opened?.exposeFunction('acked', () => {})
    await opened?.goto(origin)
    if (opened === undefined) throw new Error('no private window')
    expect(await call(opened, 'check', 'private')).toEqual({})
    await call(opened, 'write', 'private', 'u', 3 + i)
    expect(await call(opened, 'check', 'private')).toEqual({ u: 3 + i })
  }
  for (const each of contexts) await each?.close()
})

test('a frame without an origin is store_unavailable', async () => {
  await page.evaluate(`new Promise((resolve) => {
    const frame = document.createElement('iframe')
    frame.sandbox = 'allow-scripts'
    frame.onload = resolve
    frame.src = '/'
    document.body.append(frame)
  })`)
  const frame = page.frames().at(-1) as Page | undefined
  expect(frame && (await call(frame, 'code', 'openSoon', 'opaque'))).toBe('store_unavailable')
})

test('where there is no IndexedDB, opening is store_unavailable', async () => {
  const error = await indexedDbStore({ name: 'x' })
    .open('d')
    .catch((thrown) => thrown)
  expect(isSynclineError(error, 'store_unavailable')).toBe(true)
})

test('asking to persist asks the browser, once, and says what it says', async () => {
  expect(await call(page, 'persist', true)).toEqual([true, 1])
  expect(await call(page, 'persist', false)).toEqual([false, 1])
  expect(await call(page, 'persist', null)).toEqual([false, 0])
  expect(typeof (await call(page, 'reallyPersist'))).toBe('boolean')
  expect(await persist()).toBe(false) // nor is there anybody to ask here
})
