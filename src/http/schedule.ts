import type { RateLimit } from '../config/resolved.ts'

/** A request that is to start at this time, or later. */
export interface Start {
  at: number
}

/**
 * When requests may start: at most `requests` in any stretch of `perSeconds`, by a log of the last starts, so that bursts are
 * allowed but two of them never fall into one stretch; and none within a pause. Times in ms since 1970.
 */
export class Schedule {
  /** The starts of the last period. */
  readonly #made: Start[] = []
  /** Those to come, in order. */
  readonly #planned: Start[] = []
  readonly #requests: number
  readonly #periodMs: number
  #pausedUntil = 0
  #now = 0

  constructor({ requests, perSeconds }: RateLimit) {
    this.#requests = requests
    this.#periodMs = perSeconds * 1000
  }

  /** Says what time it is. A clock that is set back moves what was planned with it: nobody waits for hours that do not pass. */
  tell(now: number): number {
    const back = this.#now - now
    if (back > 0) {
      for (const start of [...this.#made, ...this.#planned]) start.at -= back
      this.#pausedUntil -= back
    }
    this.#now = now
    return now
  }

  /** The earliest start of a request that comes now. */
  get next(): number {
    return this.#earliest(this.#planned.length)
  }

  /** Plans a start, behind all that are planned. It may be delayed until it is made. */
  plan(at: number): Start {
    while (this.#made[0] && this.#made[0].at + this.#periodMs <= at) this.#made.shift()
    const start = { at }
    this.#planned.push(start)
    this.#delay()
    return start
  }

  /** Timers may be late, as in a tab in the background: those that wait count from when it really started. */
  make(start: Start): void {
    this.cancel(start)
    this.#made.push({ at: Math.max(start.at, this.#now) })
    this.#delay()
  }

  cancel(start: Start): void {
    this.#planned.splice(this.#planned.indexOf(start), 1)
  }

  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
    this.#delay()
  }

  /** Delays the starts to come until the pause is over, and a whole period after the start `requests` places before. */
  #delay(): void {
    for (const [i, start] of this.#planned.entries()) start.at = Math.max(start.at, this.#now, this.#earliest(i))
  }

  /** How early the planned start in this place may be. */
  #earliest(place: number): number {
    const at = this.#made.length + place - this.#requests
    const before = at < this.#made.length ? this.#made[at] : this.#planned[at - this.#made.length]
    return Math.max(this.#pausedUntil, before ? before.at + this.#periodMs : 0)
  }
}
