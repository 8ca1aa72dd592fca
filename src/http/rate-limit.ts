import type { RateLimit } from '../config/resolved.ts'
import { SynclineError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { RequestMeter } from './request.ts'

/** Holds requests back so that the API need not. Shared by all requests of a client. */
export interface Limiter {
  /**
   * A place among the requests under way; in order of arrival. The function that it resolves to gives it back. Who could
   * not start for longer than its budget allows does not queue behind those that can wait.
   */
  enter(meter: RequestMeter, signal: AbortSignal | undefined): Promise<() => void>
  /**
   * Resolves when one more request may start, in order of arrival, with the ms waited.
   *
   * @param waitedUntil When the caller's own wait for the API ended: it does not wait for the same pause twice.
   */
  turn(meter: RequestMeter, signal: AbortSignal | undefined, waitedUntil?: number): Promise<number>
  /** No request starts before this many ms from now. */
  pause(ms: number): void
}

/** A request that has started, or that is to start. */
interface Start {
  at: number
  made: boolean
}

/** What the limiters of one client share. Times in ms since 1970. */
interface LimiterState {
  /** In order: the starts of the last period, and those to come. */
  readonly starts: Start[]
  pausedUntil: number
  lastNow: number
  readonly enter: ReturnType<typeof createSemaphore>
}

/** By client, for as long as its source lives: steps and syncs that follow each other keep to one limit. */
const states = new WeakMap<object, LimiterState>()

/**
 * At most `requests` starts in any stretch of `perSeconds` (a log of the last starts, so bursts are allowed but two of
 * them never fall into one window), and at most `concurrency` requests at once. Without a limit it only pauses.
 *
 * @param client Whose limit it is.
 */
export function createLimiter(limit: RateLimit = NO_LIMIT, ports: Ports, client: object = {}): Limiter {
  const { requests, perSeconds, concurrency } = limit
  const state = states.get(client) ?? { starts: [], pausedUntil: 0, lastNow: 0, enter: createSemaphore(concurrency) }
  states.set(client, state)
  const { starts } = state

  /** A clock that is set back moves what was planned with it: nothing waits for hours that do not pass. */
  const clock = () => {
    const now = ports.now()
    const back = state.lastNow - now
    if (back > 0) {
      for (const start of starts) start.at -= back
      state.pausedUntil -= back
    }
    state.lastNow = now
    return now
  }
  /** Delays the starts to come until the pause is over, and a whole period after the start `requests` places before. */
  const plan = () => {
    let i = starts.findIndex(({ made }) => !made)
    for (let start = starts[i]; start !== undefined; start = starts[++i]) {
      if (!start.made) start.at = Math.max(start.at, state.lastNow, soonest(starts[i - requests]))
    }
  }
  const soonest = (before: Start | undefined) => Math.max(state.pausedUntil, before ? before.at + perSeconds * 1000 : 0)
  /** Takes the next start. Taken before it is waited for, which keeps the order. */
  const reserve = (now: number) => {
    while (starts[0]?.made && starts[0].at + perSeconds * 1000 <= now) starts.shift()
    const start = { at: now, made: false }
    starts.push(start)
    plan()
    return start
  }

  return {
    async enter(meter, signal) {
      const now = clock()
      const wait = soonest(starts.at(-requests)) - now
      if (wait > 0) refuseLongWait(wait, now, meter)
      return state.enter(signal)
    },
    async turn(meter, signal, waitedUntil = 0) {
      const arrival = Math.max(clock(), waitedUntil)
      const start = reserve(arrival)
      let now = arrival
      try {
        // More than once where another request is told to wait while this one waits.
        while (start.at > now) {
          const { at } = start
          refuseLongWait(at - now, now, meter)
          await ports.sleep(at - now, signal)
          now = Math.max(clock(), at)
        }
      } catch (error) {
        starts.splice(starts.indexOf(start), 1)
        throw error
      }
      start.made = true
      start.at = Math.max(start.at, state.lastNow)
      // Timers may be late, as in a tab in the background: those that wait count from when it really started.
      plan()
      if (now > arrival) meter.onWait(now - arrival)
      return now - arrival
    },
    pause(ms) {
      const until = clock() + ms
      state.pausedUntil = Math.max(state.pausedUntil, until)
      plan()
    },
  }
}

const NO_LIMIT: RateLimit = { requests: Infinity, perSeconds: 0, concurrency: Infinity }

function refuseLongWait(ms: number, now: number, meter: RequestMeter): void {
  if (meter.mayWait(ms)) return
  throw new SynclineError('budget_exceeded', 'the next request has to wait longer than the budget allows', {
    retryable: true,
    retryAt: now + ms,
    hint: 'Call step again after retryAt.',
  })
}

/** Waiters are served in order and can leave the queue. Each gives its place back once. */
function createSemaphore(count: number): (signal: AbortSignal | undefined) => Promise<() => void> {
  let free = count
  const queue = new Set<() => void>()
  const leave = () => {
    const [next] = queue
    if (next === undefined) free++
    else next()
  }
  return async (signal) => {
    signal?.throwIfAborted()
    if (free > 0) {
      free--
      return leave
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        done()
        resolve(leave)
      }
      const onAbort = () => {
        done()
        reject(signal?.reason)
      }
      const done = () => {
        queue.delete(enter)
        signal?.removeEventListener('abort', onAbort)
      }
      queue.add(enter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
