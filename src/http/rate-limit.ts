import type { RateLimit } from '../config/resolved.ts'
import { SynclineError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { RequestMeter } from './request.ts'
import { Schedule } from './schedule.ts'
import { createSemaphore, type Semaphore } from './semaphore.ts'

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

/** What the limiters of one client share. */
interface Shared {
  readonly schedule: Schedule
  readonly enter: Semaphore
}

/** By client, for as long as its source lives: steps and syncs that follow each other keep to one limit. */
const shared = new WeakMap<object, Shared>()

/**
 * At most `requests` starts in any stretch of `perSeconds`, and at most `concurrency` requests at once. Without a limit it
 * only pauses.
 *
 * @param client Whose limit it is.
 */
export function createLimiter(limit: RateLimit = NO_LIMIT, ports: Ports, client: object = {}): Limiter {
  const { schedule, enter } = shared.get(client) ?? {
    schedule: new Schedule(limit),
    enter: createSemaphore(limit.concurrency),
  }
  shared.set(client, { schedule, enter })
  const clock = () => schedule.tell(ports.now())
  return {
    async enter(meter, signal) {
      const now = clock()
      const wait = schedule.next - now
      if (wait > 0) refuseLongWait(wait, now, meter)
      return enter(signal)
    },
    async turn(meter, signal, waitedUntil = 0) {
      const arrival = Math.max(clock(), waitedUntil)
      // Planned before it is waited for, which keeps the order.
      const start = schedule.plan(arrival)
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
        schedule.cancel(start)
        throw error
      }
      schedule.make(start)
      if (now > arrival) meter.onWait(now - arrival)
      return now - arrival
    },
    pause(ms) {
      schedule.pause(clock() + ms)
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
