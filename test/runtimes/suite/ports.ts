import type { Ports } from 'syncline'

/** 2026-01-01T00:00:00Z */
export const START = Date.UTC(2026, 0, 1)

export interface HastyPorts extends Partial<Ports> {
  /** Milliseconds of each wait. */
  readonly sleeps: number[]
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The runtime's own, but waits end at once: the clock jumps to their end. */
export function hastyPorts(): HastyPorts {
  const sleeps: number[] = []
  let ahead = 0
  return {
    sleeps,
    now: () => Date.now() + ahead,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      sleeps.push(ms)
      ahead += ms
    },
    random: () => 0.999,
  }
}

/**
 * Stands in for `fakePorts` of the other tests, whose clock knows when a process has nothing to do, which no other
 * runtime tells. Here deadlines strike twenty times sooner, and waits end at once; only these two move the clock.
 */
export function fakePorts({
  fetch = noNetwork,
  now = START,
  seed = 1,
}: {
  fetch?: Ports['fetch']
  now?: number
  seed?: number
} = {}) {
  let time = now
  return {
    fetch,
    now: () => time,
    async sleep(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted()
      time += ms
    },
    timer(ms: number, run: () => void) {
      const end = time + ms
      const pass = () => {
        time = Math.max(time, end)
        run()
      }
      const id = setTimeout(pass, ms / 20)
      return () => clearTimeout(id)
    },
    random: seededRandom(seed),
  }
}

async function noNetwork(): Promise<never> {
  throw new TypeError('fetch failed: this world has no network')
}

/** A linear congruential generator: the same numbers in [0, 1) for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
