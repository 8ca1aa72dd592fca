import type { Ports } from '../../src/ports.ts'

/** One call of `sleep`. */
export interface Sleep {
  readonly ms: number
  /** When it began, on the fake clock. */
  readonly at: number
  /** `cut`: its signal aborted. */
  state: 'waiting' | 'slept' | 'cut'
}

export interface FakePorts extends Ports {
  /** Every sleep, in the order of the calls. */
  readonly sleeps: readonly Sleep[]
  /** How many sleeps have not ended: 0 after a run, or a timer leaked. */
  pending(): number
}

export interface FakePortsOptions {
  fetch?: Ports['fetch']
  /** The time at the start, in ms since 1970. */
  now?: number
  seed?: number
  /** Called when a sleep has ended by itself, before its caller goes on. */
  onSlept?: (sleep: Sleep) => void
}

/** 2026-01-01T00:00:00Z */
export const START = Date.UTC(2026, 0, 1)

/**
 * A world with a clock of its own. Time stands still while anything runs; when nothing does, it jumps to the end of the
 * next sleep. So waits of hours take no time, sleeps end in the order of time, and a deadline only strikes when what it
 * limits really waits.
 */
export function fakePorts(options: FakePortsOptions = {}): FakePorts {
  const clock = new Clock(options.now ?? START, options.onSlept)
  return {
    fetch: options.fetch ?? (() => Promise.reject(new TypeError('fetch failed: this world has no network'))),
    now: () => clock.now,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    random: seededRandom(options.seed ?? 1),
    sleeps: clock.sleeps,
    pending: () => clock.pending,
  }
}

interface Sleeper {
  readonly end: number
  wake(): void
}

class Clock {
  readonly sleeps: Sleep[] = []
  /** Sorted by end; equal ends in the order of the calls. */
  private readonly sleepers: Sleeper[] = []
  private moving = false

  constructor(
    public now: number,
    private readonly onSlept: ((sleep: Sleep) => void) | undefined,
  ) {}

  get pending(): number {
    return this.sleepers.length
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const sleep: Sleep = { ms, at: this.now, state: 'waiting' }
    this.sleeps.push(sleep)
    return new Promise((resolve, reject) => {
      const cut = () => {
        const index = this.sleepers.indexOf(sleeper)
        if (index >= 0) this.sleepers.splice(index, 1)
        sleep.state = 'cut'
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        end: this.now + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', cut)
          sleep.state = 'slept'
          this.onSlept?.(sleep)
          resolve()
        },
      }
      if (signal?.aborted) return cut()
      signal?.addEventListener('abort', cut, { once: true })
      this.add(sleeper)
    })
  }

  private add(sleeper: Sleeper): void {
    const after = this.sleepers.findIndex(({ end }) => end > sleeper.end)
    this.sleepers.splice(after < 0 ? this.sleepers.length : after, 0, sleeper)
    if (!this.moving) void this.move()
  }

  /** One sleeper at a time: what it does when it wakes may end or begin other sleeps. */
  private async move(): Promise<void> {
    this.moving = true
    for (;;) {
      await idle()
      const next = this.sleepers.shift()
      if (next === undefined) break
      this.now = Math.max(this.now, next.end)
      next.wake()
    }
    this.moving = false
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
