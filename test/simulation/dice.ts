import { seededRandom } from '../support/ports.ts'

/** All randomness of a history: the same seed throws the same numbers. */
export class Dice {
  readonly next: () => number

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this.next = seededRandom(Math.imul(seed ^ (seed >>> 16), 0x9e3779b1) ^ 0x51ed270b)
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<const T>(items: readonly [T, ...T[]]): T {
    return items[this.int(0, items.length - 1)] as T
  }
}
