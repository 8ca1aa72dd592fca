// What is loaded on demand is loaded beforehand: the clock below does not see that a module is on its way.
import '../../src/auth/oauth.ts'
import '../../src/http/parse-text.ts'
import '../../src/http/post-form.ts'
import '../../src/http/response-actions.ts'
import '../../src/paginators/auto.ts'
import '../../src/sync/deletes/leftovers.ts'
import '../../src/sync/deletes/orphans.ts'
import '../../src/sync/deletes/sweep.ts'
import '../../src/sync/engine.ts'
import '../../src/sync/pass/sync-token.ts'
import '../../src/sync/pass/validators.ts'
import type { Ports } from '../../src/ports.ts'

/** One call of `sleep`. */
export interface Sleep {
  readonly ms: number
  /** When it began, on the fake clock. */
  readonly at: number
  /** `cut`: its signal aborted. */
  state: 'waiting' | 'slept' | 'cut'
}

export interface FakePorts extends Required<Ports> {
  /** Every sleep, in the order of the calls. */
  readonly sleeps: readonly Sleep[]
  /** How many sleeps and timers have not ended: 0 after a run, or one leaked. */
  pending(): number
}

export interface FakePortsOptions {
  fetch?: Ports['fetch']
  /** The time at the start, in ms since 1970. */
  now?: number
  seed?: number
}

/** 2026-01-01T00:00:00Z */
export const START = Date.UTC(2026, 0, 1)

/**
 * A world with a clock of its own. Time stands still while anything runs; when nothing does, it jumps to the next end of
 * a sleep or timer. So waits of hours take no time, sleeps end in the order of time, and a deadline only strikes when
 * what it limits really waits.
 */
export function fakePorts({ fetch = noNetwork, now = START, seed = 1 }: FakePortsOptions = {}): FakePorts {
  const clock = new Clock(now)
  return {
    fetch,
    now: () => clock.now,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    timer: (ms, run) => clock.timer(ms, run),
    random: seededRandom(seed),
    sleeps: clock.sleeps,
    pending: () => clock.pending,
  }
}

async function noNetwork(): Promise<never> {
  throw new TypeError('fetch failed: this world has no network')
}

interface Timer {
  readonly end: number
  readonly run: () => void
}

class Clock {
  now: number
  readonly sleeps: Sleep[] = []
  /** Sorted by end; equal ends in the order of the calls. */
  readonly #timers: Timer[] = []
  #moving = false

  constructor(now: number) {
    this.now = now
  }

  get pending(): number {
    return this.#timers.length
  }

  timer(ms: number, run: () => void): () => void {
    const timer = { end: this.now + Math.max(0, ms), run }
    const after = this.#timers.findIndex(({ end }) => end > timer.end)
    this.#timers.splice(after < 0 ? this.#timers.length : after, 0, timer)
    if (!this.#moving) void this.#move()
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const sleep: Sleep = { ms, at: this.now, state: 'waiting' }
    this.sleeps.push(sleep)
    return new Promise((resolve, reject) => {
      const cut = () => {
        cancel()
        sleep.state = 'cut'
        reject(signal?.reason)
      }
      const cancel = this.timer(ms, () => {
        signal?.removeEventListener('abort', cut)
        sleep.state = 'slept'
        resolve()
      })
      if (signal?.aborted) return cut()
      signal?.addEventListener('abort', cut, { once: true })
    })
  }

  /** One at a time: what runs when a timer ends may end or begin others. */
  async #move(): Promise<void> {
    this.#moving = true
    for (;;) {
      await idle()
      const next = this.#timers.shift()
      if (next === undefined) break
      this.now = Math.max(this.now, next.end)
      next.run()
    }
    this.#moving = false
  }
}

/** Each turn drains every chain of promises; a few of them let streams that take turns of their own go on too. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The mulberry32 generator: the same numbers in [0, 1) for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
