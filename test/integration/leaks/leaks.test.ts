import { ofetch } from 'ofetch'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryStore } from '../../../adapters/memory.ts'
import type { AuthConfig } from '../../../src/auth/index.ts'
import type { SourceConfig } from '../../../src/config/source-config.ts'
import { defineSource, type ErrorCode, isSynclineError, type SyncEvent, step, sync } from '../../../src/index.ts'
import { encodings, leaksAmong } from '../../support/canaries.ts'
import { text } from '../../support/server.ts'
import { EVERYTHING, PEM, SCHEMES, SECRETS } from './canaries.ts'
import { DRIVERS, storedLeaks } from './drive.ts'
import { CONFIGS, OTHERS, RENEWALS, RESPONSES, TOKENS } from './failures.ts'
import { type Failure, type Point, sourceOf, world } from './world.ts'

const POINTS: readonly Point[] = ['first page', 'second page', 'child']
const schemes = Object.entries(SCHEMES)
const counted = { paths: 0, hits: 0 }
let turn = 0

/** What goes to the console or to the process would be in a log. */
const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
let printed: unknown[] = []

beforeEach(() => {
  printed = []
  for (const method of METHODS) vi.spyOn(console, method).mockImplementation((...args) => void printed.push(args))
})
afterEach(() => vi.restoreAllMocks())

afterAll(() => {
  const canaries = Object.values(EVERYTHING)
  const forms = canaries.reduce((sum, canary) => sum + encodings(canary).length, 0)
  process.stdout.write(
    `leak scan: ${counted.paths} failing paths x ${canaries.length} canaries in ${forms} forms, ${counted.hits} hits\n`,
  )
})

/** Fails in this way by one driver, and looks at everything that can be seen of it. */
async function check(driver: string, failure: Failure, scheme: string, auth: AuthConfig, point: Point) {
  const where = `${driver}, ${scheme}, ${point}`
  const { codes, hits } = await (DRIVERS[driver] as (typeof DRIVERS)[string]).run(world(failure, auth, point))
  counted.paths++
  counted.hits += hits.length
  expect(hits, where).toEqual([])
  expect(leaksAmong(EVERYTHING, printed), where).toEqual([])
  for (const code of codes) expect(code, where).toBe(failure.code)
}

/** By each driver at each point, with one scheme after the other; and by `sync` at one point with all of them. */
async function checkAll(failure: Failure, among = schemes) {
  // The fake clock does not see that a JWT is being signed.
  const fitting = failure.late ? among.filter(([name]) => name !== 'JWT') : among
  const points = failure.points ?? POINTS
  for (const point of points) {
    for (const [driver, { stored }] of Object.entries(DRIVERS)) {
      const [scheme, auth] = fitting[turn++ % fitting.length] as (typeof schemes)[number]
      if (stored || !failure.stored) await check(driver, failure, scheme, auth, point)
    }
  }
  if (failure.auth) return
  for (const [scheme, auth] of fitting)
    await check('sync', failure, scheme, auth, points[1] ?? points[0] ?? 'first page')
}

function thrownBy(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('nothing shows', () => {
  test.each(RESPONSES)('when a response is $name', async (failure) => checkAll(failure))
  test.each(OTHERS)('with $name', async (failure) => checkAll(failure))
  test.each([...TOKENS, ...RENEWALS])('when $name', async (failure) => {
    await checkAll(
      failure,
      schemes.filter(([, auth]) => 'accessTokenUrl' in auth),
    )
  })
})

describe('nothing shows', () => {
  test.each(CONFIGS)('in a config that is refused for %s', (_, config) => {
    counted.paths++
    const error = thrownBy(() => defineSource(config as SourceConfig))
    expect(isSynclineError(error)).toBe(true)
    expect(leaksAmong(EVERYTHING, error)).toEqual([])
  })

  test.each([
    ['a key that is none', { ...(SCHEMES.JWT as object), privateKey: PEM.slice(0, -9) }, 'secret_invalid'],
    ['a key of another kind', { ...(SCHEMES.JWT as object), algorithm: 'RS256' }, 'secret_invalid'],
    [
      'a callback that rejects',
      { ...(SCHEMES['refresh token'] as object), onRefreshToken: (token: string) => Promise.reject(new Error(token)) },
      'auth_failed',
    ],
    [
      'a callback that throws',
      {
        ...(SCHEMES['refresh token'] as object),
        onRefreshToken(token: string) {
          throw new Error(token)
        },
      },
      'auth_failed',
    ],
  ] as [string, AuthConfig, ErrorCode][])('with %s', async (name, auth, code) =>
    checkAll({ name, code, auth, points: ['first page'] }),
  )

  test('when nothing fails', async () => {
    for (const [scheme, auth] of schemes) {
      for (const [driver, { run }] of Object.entries(DRIVERS)) {
        const { hits, codes } = await run(world({ name: '', code: 'network' }, auth, 'child'))
        expect([hits, codes.filter(Boolean)], `${driver}, ${scheme}`).toEqual([[], []])
      }
    }
  })

  test.each(['page', 'commit', 'retry'])('of what the caller throws, but to the caller: at a %s', async (type) => {
    const failure: Failure = { name: '', code: 'http_status', reply: () => text('', { status: 500 }) }
    for (const stop of ['throw', 'abort'] as const) {
      const here = world(failure, SCHEMES.bearer as AuthConfig, 'second page')
      const [store, events, controller] = [memoryStore(), [] as unknown[], new AbortController()]
      const mine = new Error(Object.values(EVERYTHING).join())
      const onEvent = (event: SyncEvent) => {
        events.push(event)
        if (event.type !== type) return
        if (stop === 'throw') throw mine
        controller.abort(mine)
      }
      const run = sync(sourceOf(here), store, { ports: here.ports, onEvent, signal: controller.signal })
      await expect(run).rejects.toBe(mine)
      const after = await step(sourceOf(here), store, { ports: here.ports })
      expect([...leaksAmong(EVERYTHING, events, after), ...(await storedLeaks(store))]).toEqual([])
      counted.paths++
    }
  })
})

describe('the scanner sees', () => {
  test.each(RESPONSES.filter(({ name }) => name.startsWith('status')))('raw ofetch with $name', async (failure) => {
    const { server } = world(failure, SCHEMES.bearer as AuthConfig, 'first page')
    const call = ofetch.create({}, { fetch: server.fetch as typeof fetch })
    const query = { k: SECRETS.queryKey }
    const headers = { 'x-key': SECRETS.headerKey }
    const error = await call('https://api.example.com/x', { retry: 0, query, headers }).catch(
      (reason: unknown) => reason,
    )
    const names = new Set(leaksAmong(EVERYTHING, error).map((hit) => hit.split(':')[0]))
    expect([...names]).toEqual(expect.arrayContaining(['queryKey', 'headerKey', 'body', 'bearer']))
  })

  test('every canary in every form, in a position, in the console and in an error', async () => {
    for (const [name, canary] of Object.entries(SECRETS)) {
      for (const form of encodings(canary)) {
        const store = memoryStore()
        const dataset = await store.open('people')
        const { version } = await dataset.position('people')
        await dataset.commit({ unit: 'people', position: { link: `?a=${form}` }, expect: version })
        const hit = expect.stringContaining(`${name}: `)
        expect(await storedLeaks(store)).toContainEqual(hit)
        Reflect.get(console, 'log')(form)
        expect(leaksAmong(EVERYTHING, printed.pop())).toContainEqual(hit)
        expect(leaksAmong(EVERYTHING, new Error('x', { cause: new Error(form) }))).toContainEqual(hit)
      }
    }
  })
})
