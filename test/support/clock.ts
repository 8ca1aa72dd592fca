import './preload.ts'
import type { Ports } from '../../src/ports.ts'

/** One call of `sleep`. */
export interface Sleep {
  readonly ms: number
  /** When it began, on the fake clock. */
  readonly at: number
  /** `cut`: its signal aborted. */
  state: 'waiting' | 'slept' | 'cut'
}

export interface FakeClock extends Pick<Required<Ports>, 'now' | 'sleep' | 'timer'> {
  /** Every sleep, in the order of the calls. */
  readonly sleeps: readonly Sleep[]
  /** How long each of them was to take, in ms. */
  waits(): number[]
  /** How many sleeps and timers have not ended: 0 after a run, or one leaked. */
  pending(): number
  /** Sets the clock, as a person or NTP may: timers run on. */
  set(time: number): void
  /** Moves the clock to the end of the next sleep or timer; false if there is none. */
  advance(): boolean
  /** Moves the clock, whenever nothing else runs, until the promise has settled. */
  run<T>(promise: Promise<T>): Promise<T>
}

/** 2026-01-01T00:00:00Z */
export const START = Date.UTC(2026, 0, 1)

interface Timer {
  end: number
  readonly run: () => void
}

/** A clock that stands still until a test moves it. */
export function fakeClock(start = START): FakeClock {
  let now = start
  const sleeps: Sleep[] = []
  /** Sorted by end; equal ends in the order of the calls. */
  const timers: Timer[] = []

  const timer = (ms: number, run: () => void) => {
    const timer = { end: now + Math.max(0, ms), run }
    const after = timers.findIndex(({ end }) => end > timer.end)
    timers.splice(after < 0 ? timers.length : after, 0, timer)
    return () => {
      const index = timers.indexOf(timer)
      if (index >= 0) timers.splice(index, 1)
    }
  }
  const advance = () => {
    const next = timers.shift()
    if (next === undefined) return false
    now = Math.max(now, next.end)
    next.run()
    return true
  }

  return {
    sleeps,
    timer,
    advance,
    now: () => now,
    waits: () => sleeps.map(({ ms }) => ms),
    pending: () => timers.length,
    set(time) {
      for (const timer of timers) timer.end += time - now
      now = time
    },
    sleep(ms, signal) {
      const sleep: Sleep = { ms, at: now, state: 'waiting' }
      sleeps.push(sleep)
      return new Promise((resolve, reject) => {
        const cut = () => {
          cancel()
          sleep.state = 'cut'
          reject(signal?.reason)
        }
        const cancel = timer(ms, () => {
          signal?.removeEventListener('abort', cut)
          sleep.state = 'slept'
          resolve()
        })
        if (signal?.aborted) return cut()
        signal?.addEventListener('abort', cut, { once: true })
      })
    },
    async run(promise) {
      let settled = false
      const settle = () => {
        settled = true
      }
      promise.then(settle, settle)
      for (let step = 0; step < 100_000; step++) {
        await idle()
        if (settled) return promise
        advance()
      }
      throw new Error('the promise never settled')
    },
  }
}

/** A clock that moves by itself whenever nothing else runs. */
export function movingClock(start?: number): FakeClock {
  const clock = fakeClock(start)
  let moving = false
  /** One at a time: what runs when a timer ends may end or begin others. */
  const move = async () => {
    if (moving) return
    moving = true
    do await idle()
    while (clock.advance())
    moving = false
  }
  return {
    ...clock,
    timer(ms, run) {
      void move()
      return clock.timer(ms, run)
    },
    sleep(ms, signal) {
      void move()
      return clock.sleep(ms, signal)
    },
  }
}

/** Each turn drains every chain of promises; a few of them let streams that take turns of their own go on too. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
