import { expect, test } from 'vitest'
import { createLimiter } from '../../../src/http/rate-limit.ts'
import { fakeClock, idle, START } from '../../support/clock.ts'
import { client, failure, fakeMeter, json, setup, status } from './fake.ts'

function limiter(limit: Parameters<typeof createLimiter>[0]) {
  const clock = fakeClock()
  const ports = { ...clock, fetch: () => Promise.reject(new Error('unused')), random: () => 0 }
  return { clock, limiter: createLimiter(limit, ports), ...fakeMeter() }
}

test('at most so many starts in any window, in the order of arrival', async () => {
  const { clock, limiter: l, meter, log } = limiter({ requests: 3, perSeconds: 10, concurrency: 99 })
  const starts: [number, number][] = []
  await clock.run(
    Promise.all(
      Array.from({ length: 8 }, (_, i) => l.turn(meter, undefined).then(() => starts.push([i, clock.now() - START]))),
    ),
  )
  expect(starts).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 10_000],
    [4, 10_000],
    [5, 10_000],
    [6, 20_000],
    [7, 20_000],
  ])
  expect(log.waited).toEqual([10_000, 10_000, 10_000, 20_000, 20_000])
})

test('no window of any position holds more starts than allowed', async () => {
  const { clock, limiter: l, meter } = limiter({ requests: 4, perSeconds: 7, concurrency: 99 })
  const starts: number[] = []
  for (let i = 0; i < 60; i++) {
    await clock.run(clock.sleep((i * 7919) % 3000))
    await clock.run(l.turn(meter, undefined))
    starts.push(clock.now())
  }
  starts.forEach((start, i) => {
    expect((starts[i + 4] ?? Number.POSITIVE_INFINITY) - start).toBeGreaterThanOrEqual(7000)
  })
})

test('places are given in order, to the number that is allowed, and an abort leaves the queue', async () => {
  const { limiter: l, meter } = limiter({ requests: 1, perSeconds: 0, concurrency: 2 })
  const order: string[] = []
  const controller = new AbortController()
  const enter = (name: string, signal?: AbortSignal) =>
    l.enter(meter, signal).then((leave) => {
      order.push(name)
      return leave
    })
  const [a, b] = [await enter('a'), await enter('b')]
  const c = enter('c', controller.signal)
  const d = enter('d')
  const e = enter('e')
  controller.abort('left')
  await expect(c).rejects.toBe('left')
  a()
  await d
  b()
  await e
  expect(order).toEqual(['a', 'b', 'd', 'e'])
  await expect(l.enter(meter, AbortSignal.abort('late'))).rejects.toBe('late')
})

test('a 429 pauses every request of the client, and only until its time', async () => {
  const { send, start, clock, requests, log } = setup([status(429, { 'retry-after': '20' }), json([])])
  const first = start()
  await idle()
  const times: number[] = []
  const others = [1, 2, 3].map(() => start().then(() => times.push(clock.now() - START)))
  await clock.run(Promise.all([first, ...others]))
  expect(requests.length).toBe(5)
  expect(times).toEqual([20_000, 20_000, 20_000])
  expect(log.waited).toEqual([20_000, 20_000, 20_000])
  // The request that was told to wait waits once, not once more for its own pause.
  expect(log.retries.map(({ waitMs }) => waitMs)).toEqual([20_000])
  await send()
  expect(clock.now() - START).toBe(20_000)
})

test('those that wait are held back by a pause as one: what comes after it keeps to the limit too', async () => {
  const { clock, limiter: l, meter } = limiter({ requests: 2, perSeconds: 60, concurrency: 99 })
  const starts: number[] = []
  const turn = () => l.turn(meter, undefined).then(() => starts.push((clock.now() - START) / 1000))
  const early = Promise.all(Array.from({ length: 6 }, turn))
  await idle()
  l.pause(200_000)
  await clock.run(early)
  await clock.run(Promise.all([turn(), turn()]))
  expect(starts).toEqual([0, 0, 200, 200, 260, 260, 320, 320])
})

test('a place in the window that was given up is free again', async () => {
  const { clock, limiter: l, meter } = limiter({ requests: 1, perSeconds: 60, concurrency: 99 })
  await clock.run(l.turn(meter, undefined))
  const controller = new AbortController()
  const left = [1, 2, 3].map(() => l.turn(meter, controller.signal))
  await idle()
  controller.abort('left')
  for (const each of left) await expect(each).rejects.toBe('left')
  const poor = fakeMeter({ mayWait: () => false }).meter
  for (let times = 0; times < 3; times++)
    await expect(l.turn(poor, undefined)).rejects.toMatchObject({ code: 'budget_exceeded', retryAt: START + 60_000 })
  await clock.run(l.turn(meter, undefined))
  expect(clock.now() - START).toBe(60_000)
})

test.each([
  ['those that wait behind it', 9000, [], [0, 19, 29]],
  ['those that come in the meantime', 15_000, [22_000], [0, 25, 35]],
])('a timer that fires late holds back %s', async (_, late, arrivals, expected) => {
  const clock = fakeClock()
  const sleep = (ms: number, signal?: AbortSignal) => clock.sleep(ms + (clock.waits().length === 0 ? late : 0), signal)
  const ports = { ...clock, sleep, fetch: () => Promise.reject(new Error('unused')), random: () => 0 }
  const l = createLimiter({ requests: 1, perSeconds: 10, concurrency: 99 }, ports)
  const { meter } = fakeMeter()
  const starts: number[] = []
  const turn = () => l.turn(meter, undefined).then(() => starts.push((clock.now() - START) / 1000))
  const first = [turn(), turn(), ...(arrivals.length > 0 ? [] : [turn()])]
  await idle()
  await clock.run(Promise.all([...first, ...arrivals.map((ms) => clock.sleep(ms).then(turn))]))
  expect(starts).toEqual(expected)
})

test('a 429 that is given up on holds the others back as well', async () => {
  const retry = { ...client().retry, retries: 0 }
  const { start, clock } = setup([status(429, { 'retry-after': '20' }), json([])], { retry })
  expect(await failure(start())).toMatchObject({ code: 'rate_limited' })
  await clock.run(start())
  expect(clock.now() - START).toBe(20_000)
})

test('a request that would have to wait longer than its budget is told when to come back', async () => {
  const { clock, limiter: l } = limiter(undefined)
  const { meter } = fakeMeter({ mayWait: (ms) => ms <= 5000 })
  l.pause(5000)
  await clock.run(l.turn(meter, undefined))
  l.pause(6000)
  await expect(clock.run(l.turn(meter, undefined))).rejects.toMatchObject({
    code: 'budget_exceeded',
    retryable: true,
    retryAt: clock.now() + 6000,
  })
})

test('a clock that is set back by ten years holds nobody back', async () => {
  const { clock, limiter: l, meter } = limiter({ requests: 1, perSeconds: 60, concurrency: 1 })
  await clock.run(l.turn(meter, undefined))
  l.pause(30_000)
  clock.set(START - 3650 * 86_400_000)
  const before = clock.now()
  await clock.run(l.turn(meter, undefined))
  expect(clock.now() - before).toBe(60_000)
})

test('a clock that stands still, as in some tests, does not make the limiter wait for ever', async () => {
  const sleep = async () => {}
  const { send, log } = setup([status(429), json([])], {}, { sleep, now: () => START })
  expect(await send()).toMatchObject({ body: [] })
  expect(log).toMatchObject({ retries: [{ waitMs: 2000 }], waited: [] })
})
