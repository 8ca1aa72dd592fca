/**
 * What the engine takes from outside. Every entry that does work accepts `ports`, so that a test or a simulator can
 * drive it without patching globals.
 */
export interface Ports {
  /** As `globalThis.fetch`. */
  fetch(input: string, init?: RequestInit): Promise<Response>
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms` milliseconds; rejects with `signal.reason` as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A number in [0, 1). */
  random(): number
  /**
   * Calls `run` after `ms` milliseconds; the function that it returns cancels that. What deadlines are made of. Apart
   * from `sleep`, so that a test whose `sleep` returns at once does not run into every deadline.
   */
  timer?(ms: number, run: () => void): () => void
}

/** Completes `ports` with the platform's own. Globals are read at call time, so later stubs are seen. */
export function resolvePorts(ports: Partial<Ports> = {}): Required<Ports> {
  return {
    // Wrapped: a detached `fetch` is an illegal invocation in workerd and in browsers.
    fetch: ports.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    now: ports.now ?? (() => Date.now()),
    sleep: ports.sleep ?? sleep,
    random: ports.random ?? (() => Math.random()),
    timer: ports.timer ?? startTimer,
  }
}

/** Timers of 2^31 ms and more fire at once in most runtimes: longer sleeps are cut into pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The platform's `timer`. */
export function startTimer(ms: number, run: () => void): () => void {
  const id = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS))
  return () => clearTimeout(id)
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const end = Date.now() + Math.max(0, ms)
  do {
    await timer(Math.min(end - Date.now(), LONGEST_TIMER_MS), signal)
  } while (Date.now() < end)
}

function timer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const id = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    const onAbort = () => {
      clearTimeout(id)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
