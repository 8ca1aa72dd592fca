import { expect, test } from 'vitest'
import { idle, START } from '../../support/clock.ts'
import { failure, json, setup, status } from './fake.ts'

/** A body that sends one byte each `ms`, on the clock of the test. */
function drip(timer: (ms: number, run: () => void) => () => void, ms: number, bytes: string) {
  let cancelled = false
  let at = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) =>
      new Promise((resolve) => {
        timer(ms, () => {
          if (at < bytes.length) controller.enqueue(new TextEncoder().encode(bytes[at++]))
          else controller.close()
          resolve()
        })
      }),
    cancel: () => {
      cancelled = true
    },
  })
  return { response: () => new Response(body), cancelled: () => cancelled }
}

const RETRY_OFF = { retry: { retries: 0, factor: 1, maxDelay: 1, jitter: false, statuses: [], methods: undefined } }
const never = () => new Promise<Response>(() => {})

test('an attempt without an answer ends at timeout.attempt, and the next one has its whole time again', async () => {
  const late = () => new Promise<Response>(() => {})
  const { send, clock, requests, log } = setup([late, json([])])
  expect(await send()).toMatchObject({ body: [] })
  expect(clock.now() - START).toBe(30_000 + 2000)
  expect(requests.length).toBe(2)
  expect(log.retries).toMatchObject([{ reason: 'timeout', waitMs: 2000 }])
  expect(clock.pending()).toBe(0)
})

test('a body that drips ends at timeout.attempt, and its reader is cancelled', async () => {
  const sources: ReturnType<typeof drip>[] = []
  const { send, clock } = setup(
    [
      () => {
        const source = drip(clock.timer, 1000, `[${' '.repeat(100)}]`)
        sources.push(source)
        return source.response()
      },
    ],
    RETRY_OFF,
  )
  expect(await failure(send())).toMatchObject({ code: 'timeout', retryable: true, attempt: 1 })
  expect(clock.now() - START).toBe(30_000)
  expect(sources[0]?.cancelled()).toBe(true)
})

test('a body that stops ends at timeout.idle', async () => {
  const { send, clock } = setup([() => drip(clock.timer, 10_001, '[]').response()], RETRY_OFF)
  const error = await failure(send())
  expect(error).toMatchObject({ code: 'timeout' })
  expect(error.message).toContain('client.timeout.idle')
  expect(clock.now() - START).toBe(10_000)
})

test('a slow body that keeps coming is read to its end', async () => {
  const { send, clock } = setup([() => drip(clock.timer, 9000, '[1]').response()], {
    timeout: { attempt: 60, idle: 10, total: 600 },
  })
  expect(await send()).toMatchObject({ body: [1] })
  expect(clock.pending()).toBe(0)
})

test('timeout.total covers attempts and waits, and is not retried', async () => {
  const timeout = { attempt: 30, idle: 10, total: 70 }
  const { send, clock, requests } = setup([never], { timeout })
  const error = await failure(send())
  expect(error).toMatchObject({ code: 'timeout' })
  expect(error.message).toContain('client.timeout.total')
  // 30 s, 2 s, 30 s, 4 s, 4 s.
  expect(clock.now() - START).toBe(70_000)
  expect(requests.length).toBe(3)
})

test('a wait that would pass timeout.total is not begun: the failure itself is thrown', async () => {
  const timeout = { attempt: 30, idle: 10, total: 50 }
  const { send, clock, requests } = setup([status(503, { 'retry-after': '55' })], { timeout })
  expect(await failure(send())).toMatchObject({ code: 'http_status', status: 503 })
  expect(clock.waits()).toEqual([])
  expect(requests.length).toBe(1)
})

test('a clock that is set back makes no deadline longer', async () => {
  const { start, clock } = setup([never], RETRY_OFF)
  const pending = start()
  await idle()
  const early = START - 3_600_000
  clock.set(early)
  expect(await failure(clock.run(pending))).toMatchObject({ code: 'timeout' })
  expect(clock.now() - early).toBeLessThanOrEqual(60_000)
})

test('a sleep that returns at once, as tests have it, fires no deadline', async () => {
  const waits: number[] = []
  const sleep = async (ms: number) => {
    waits.push(ms)
  }
  const { send } = setup([status(503), json([])], {}, { sleep })
  expect(await send()).toMatchObject({ body: [] })
  expect(waits).toEqual([2000])
})
