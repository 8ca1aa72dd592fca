import { expect, test } from 'vitest'
import type { Auth } from '../../../src/auth/auth.ts'
import { idle } from '../../support/clock.ts'
import { json, setup, status } from './fake.ts'

/** A signal that counts the listeners that are on it. */
function countedSignal() {
  const controller = new AbortController()
  const { signal } = controller
  const listeners = new Set<unknown>()
  const once = new Set<unknown>()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: AddEventListenerOptions,
  ) => {
    listeners.add(listener)
    // A listener that fires once is off the signal when it has fired.
    if (options?.once) once.add(listener)
    add(type, listener, options)
  }
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.delete(listener)
    remove(type, listener)
  }
  add('abort', () => {
    for (const listener of once) listeners.delete(listener)
  })
  return { controller, signal, listeners }
}

/** A request that passes every await there is: limits, secrets, retry, redirect, a refresh, actions, a body in pieces. */
function everything(count: (what: string) => Promise<void>) {
  const stop = async <T>(what: string, value: T) => {
    await count(what)
    return value
  }
  const auth: Auth = {
    sign: async (request) => stop('sign', request),
    refresh: async () => stop('refresh', true),
  }
  const bodies: { cancelled: boolean; done: boolean }[] = []
  const pieces = (...texts: string[]) => {
    const state = { cancelled: false, done: false }
    bodies.push(state)
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          await count('body')
          const text = texts.shift()
          if (text !== undefined) controller.enqueue(new TextEncoder().encode(text))
          else {
            state.done = true
            controller.close()
          }
        },
        cancel: () => {
          state.cancelled = true
        },
      },
      { highWaterMark: 0 },
    )
  }
  const reply = (make: () => Response) => async () => stop('fetch', make())
  const world = setup(
    [
      reply(() => status(503)),
      reply(() => status(429, { 'retry-after': '5' })),
      reply(() => new Response(pieces('gone'), { status: 302, headers: { location: '/moved' } })),
      reply(() => new Response(pieces('no'), { status: 401 })),
      reply(() => new Response(pieces('[1,', '2]'))),
    ],
    { auth, rateLimit: { requests: 2, perSeconds: 10, concurrency: 1 } },
  )
  const action = async () => stop('action', undefined)
  return { ...world, bodies, actions: [{ statusCode: 200, action }] }
}

async function run(abortAt: number) {
  const { controller, signal, listeners } = countedSignal()
  const reason = { why: 'the user left' }
  let count = 0
  const seen: string[] = []
  const at = async (what: string) => {
    seen.push(what)
    if (count++ === abortAt) controller.abort(reason)
    await Promise.resolve()
  }
  const world = everything(at)
  const outcome = await world.send({}, { signal, actions: world.actions }).then(
    (page) => ({ page }),
    (error: unknown) => ({ error }),
  )
  await idle()
  return { outcome, reason, listeners, timers: world.clock.pending(), bodies: world.bodies, seen, world }
}

test('an abort at any await of a request rejects with its reason and leaves nothing behind', async () => {
  const whole = await run(Number.POSITIVE_INFINITY)
  expect(whole.outcome).toMatchObject({ page: { body: [1, 2] } })
  expect(new Set(whole.seen)).toEqual(new Set(['sign', 'fetch', 'body', 'refresh', 'action']))
  expect([whole.listeners.size, whole.timers]).toEqual([0, 0])
  expect(whole.seen.length).toBeGreaterThan(12)

  for (let k = 0; k < whole.seen.length; k++) {
    const { outcome, reason, listeners, timers, bodies } = await run(k)
    expect(outcome, `at ${k}, ${whole.seen[k]}`).toEqual({ error: reason })
    expect('error' in outcome && outcome.error).toBe(reason)
    expect([listeners.size, timers], `at ${k}`).toEqual([0, 0])
    expect(bodies.every((body) => body.cancelled || body.done)).toBe(true)
  }
})

test('an abort in any wait rejects at once, not when the wait ends', async () => {
  for (let k = 0; k < 4; k++) {
    const { controller, signal, listeners } = countedSignal()
    const world = everything(async () => {})
    const started = world.start({}, { signal, actions: world.actions })
    const outcome = started.catch((error: unknown) => error)
    for (let step = 0; world.clock.waits().length <= k && step < 50; step++) {
      await idle()
      if (world.clock.waits().length <= k) world.clock.advance()
    }
    expect(world.clock.waits().length).toBeGreaterThan(k)
    controller.abort('left')
    await idle()
    expect(await outcome).toBe('left')
    expect([listeners.size, world.clock.pending()]).toEqual([0, 0])
  }
})

test('a signal that has aborted before sends nothing', async () => {
  const { send, requests } = setup([json([])])
  await expect(send({}, { signal: AbortSignal.abort('early') })).rejects.toBe('early')
  expect(requests).toEqual([])
})

test('a fetch that does not heed the signal does not hold the caller; its late answer is cancelled', async () => {
  let answer: (response: Response) => void = () => {}
  let cancelled = false
  const { start } = setup([
    () =>
      new Promise<Response>((resolve) => {
        answer = resolve
      }),
  ])
  const controller = new AbortController()
  const pending = start({}, { signal: controller.signal }).catch((error: unknown) => error)
  await idle()
  controller.abort('stop')
  expect(await pending).toBe('stop')
  answer(
    new Response(
      new ReadableStream({
        cancel: () => {
          cancelled = true
        },
      }),
    ),
  )
  await idle()
  expect(cancelled).toBe(true)
})

test('many requests on one signal leave no listener on it', async () => {
  const { signal, listeners } = countedSignal()
  const { send } = setup([json([])])
  for (let i = 0; i < 200; i++) await send({}, { signal })
  expect(listeners.size).toBe(0)
})
