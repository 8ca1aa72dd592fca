import { SynclineError } from '../errors.ts'
import { type Ports, startTimer } from '../ports.ts'

/** A stretch of time that must not be exceeded. */
export interface Limit {
  readonly name: 'attempt' | 'idle' | 'total'
  readonly ms: number
  /** When it began, in ms since 1970. */
  from: number
}

/** What an attempt runs under: the caller's signal and the deadlines, as one signal of its own. */
export interface Scope {
  readonly signal: AbortSignal
  /** The limit that passed, if one did. */
  expired(): Limit | undefined
  /** Settles as the promise does, or rejects as soon as the signal aborts, whether or not the promise heeds it. */
  race<T>(promise: T | PromiseLike<T>): Promise<T>
  /** Bytes came: the idle limit begins anew. */
  touch(): void
  /** Removes what the scope has left on the caller's signal and on the clock. */
  close(): void
}

/** Linked by hand and unlinked on `close`: `AbortSignal.any` and `.timeout` keep memory while the caller's signal lives. */
export function openScope(
  ports: Ports,
  signal: AbortSignal | undefined,
  limits: readonly Limit[],
  idleMs: number,
): Scope {
  const controller = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true })
  })
  aborted.catch(() => {})
  let expired: Limit | undefined
  let idle: Limit | undefined
  let cancel = () => {}

  const watch = () => {
    const all = idle ? [...limits, idle] : limits
    const now = ports.now()
    expired = all.find((limit) => left(limit, now) <= 0)
    if (expired !== undefined) controller.abort(timeoutError(expired))
    else cancel = (ports.timer ?? startTimer)(Math.min(...all.map((limit) => left(limit, now))), watch)
  }
  const onAbort = () => controller.abort(signal?.reason)
  const close = () => {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }

  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  else watch()
  return {
    signal: controller.signal,
    expired: () => expired,
    race: (promise) => Promise.race([aborted, promise]),
    touch() {
      if (idle !== undefined) idle.from = ports.now()
      else {
        idle = { name: 'idle', ms: idleMs, from: ports.now() }
        cancel()
        watch()
      }
    },
    close,
  }
}

/** Ms left of a limit. A clock that was set back does not make it longer. */
export function left(limit: Limit, now: number): number {
  limit.from = Math.min(limit.from, now)
  return limit.from + limit.ms - now
}

const WHAT = {
  attempt: 'no whole response within client.timeout.attempt',
  idle: 'the body stopped for longer than client.timeout.idle',
  total: 'attempts and waits took longer than client.timeout.total',
}

export function timeoutError({ name, ms }: Limit): SynclineError {
  return new SynclineError('timeout', `${WHAT[name]} (${ms / 1000} s)`, {
    retryable: true,
    hint: 'Ask for smaller pages, or allow more time in client.timeout.',
  })
}
