import type { RateLimit } from '../config/resolved.ts'
import { SynclineError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { RequestMeter } from './request.ts'

/** Holds requests back so that the API need not. Shared by all requests of a client. */
export interface Limiter {
  /** A place among the requests under way; in order of arrival. The function that it resolves to gives it back. */
  enter(signal: AbortSignal | undefined): Promise<() => void>
  /**
   * Resolves when one more request may start, in order of arrival, with the ms waited.
   *
   * @param waitedUntil When the caller's own wait for the API ended: it does not wait for the same pause twice.
   */
  turn(meter: RequestMeter, signal: AbortSignal | undefined, waitedUntil?: number): Promise<number>
  /** No request starts before this many ms from now. */
  pause(ms: number): void
}

/**
 * At most `requests` starts in any stretch of `perSeconds` (a log of the last starts, so bursts are allowed but two of
 * them never fall into one window), and at most `concurrency` requests at once. Without a limit it only pauses.
 */
export function createLimiter(limit: RateLimit | undefined, ports: Ports): Limiter {
  const windowMs = (limit?.perSeconds ?? 0) * 1000
  let starts: number[] = []
  let pausedUntil = 0
  let lastNow = 0

  /** A clock that is set back moves what was planned with it: nothing waits for hours that do not pass. */
  const clock = () => {
    const now = ports.now()
    const back = Math.max(0, lastNow - now)
    if (back > 0) starts = starts.map((start) => start - back)
    pausedUntil -= back
    lastNow = now
    return now
  }
  /** Takes the next start. Taken before it is waited for, which keeps the order. */
  const reserve = (now: number) => {
    const oldest = limit && starts.length >= limit.requests ? starts.shift() : undefined
    const at = Math.max(now, pausedUntil, oldest === undefined ? 0 : oldest + windowMs)
    if (limit) starts.push(at)
    return at
  }

  return {
    enter: createSlots(limit?.concurrency ?? Number.POSITIVE_INFINITY),
    async turn(meter, signal, waitedUntil = 0) {
      const arrival = Math.max(clock(), waitedUntil)
      let now = arrival
      let at = reserve(now)
      // More than once where another request is told to wait while this one waits.
      while (at > now) {
        refuseLongWait(at - now, now, meter)
        await ports.sleep(at - now, signal)
        now = Math.max(clock(), at)
        at = Math.max(now, pausedUntil)
      }
      if (now > arrival) meter.onWait(now - arrival)
      return now - arrival
    },
    pause(ms) {
      const until = clock() + ms
      pausedUntil = Math.max(pausedUntil, until)
    },
  }
}

function refuseLongWait(ms: number, now: number, meter: RequestMeter): void {
  if (meter.mayWait(ms)) return
  throw new SynclineError('budget_exceeded', 'the next request has to wait longer than the budget allows', {
    retryable: true,
    retryAt: now + ms,
    hint: 'Call step again after retryAt.',
  })
}

/** A semaphore whose waiters are served in order and can leave the queue. */
function createSlots(count: number): Limiter['enter'] {
  let free = count
  const queue = new Set<() => void>()
  const leave = () => {
    const [next] = queue
    if (next === undefined) free++
    else next()
  }
  const once = () => {
    let left = false
    return () => {
      if (!left) leave()
      left = true
    }
  }
  return async (signal) => {
    signal?.throwIfAborted()
    if (free > 0) {
      free--
      return once()
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        done()
        resolve(once())
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
