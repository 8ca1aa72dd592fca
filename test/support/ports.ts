import type { Ports } from '../../src/ports.ts'
import { type FakeClock, movingClock, START } from './clock.ts'

export { START }

export interface FakePorts extends Required<Ports>, FakeClock {}

export interface FakePortsOptions {
  fetch?: Ports['fetch']
  /** The time at the start, in ms since 1970. */
  now?: number
  seed?: number
}

/**
 * A world with a clock of its own. Time stands still while anything runs; when nothing does, it jumps to the next end of
 * a sleep or timer. So waits of hours take no time, sleeps end in the order of time, and a deadline only strikes when
 * what it limits really waits.
 */
export function fakePorts({ fetch = noNetwork, now = START, seed = 1 }: FakePortsOptions = {}): FakePorts {
  return { ...movingClock(now), fetch, random: seededRandom(seed) }
}

async function noNetwork(): Promise<never> {
  throw new TypeError('fetch failed: this world has no network')
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
