import type { RateLimit } from '../config/resolved.ts'

/** A request that has started, or that is to start, at this time. */
export interface Start {
  at: number
  made: boolean
}

/**
 * When requests may start: at most `requests` in any stretch of `perSeconds`, by a log of the last starts, so that bursts are
 * allowed but two of them never fall into one stretch; and none within a pause. Times in ms since 1970.
 */
export class Schedule {
  /** In order: the starts of the last period, and those to come. */
  readonly #starts: Start[] = []
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
      for (const start of this.#starts) start.at -= back
      this.#pausedUntil -= back
    }
    this.#now = now
    return now
  }

  /** The earliest start of a request that comes now. */
  get next(): number {
    return this.#after(this.#starts.at(-this.#requests))
  }

  /** Plans a start, behind all that are planned. It may be delayed until it is made. */
  plan(at: number): Start {
    while (this.#starts[0]?.made && this.#starts[0].at + this.#periodMs <= at) this.#starts.shift()
    const start = { at, made: false }
    this.#starts.push(start)
    this.#delay()
    return start
  }

  /** Timers may be late, as in a tab in the background: those that wait count from when it really started. */
  make(start: Start): void {
    start.made = true
    start.at = Math.max(start.at, this.#now)
    this.#delay()
  }

  cancel(start: Start): void {
    this.#starts.splice(this.#starts.indexOf(start), 1)
  }

  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
    this.#delay()
  }

  /** Delays the starts to come until the pause is over, and a whole period after the start `requests` places before. */
  #delay(): void {
    const starts = this.#starts
    let i = starts.findIndex(({ made }) => !made)
    for (let start = starts[i]; start !== undefined; start = starts[++i]) {
      if (!start.made) start.at = Math.max(start.at, this.#now, this.#after(starts[i - this.#requests]))
    }
  }

  #after(start: Start | undefined): number {
    return Math.max(this.#pausedUntil, start ? start.at + this.#periodMs : 0)
  }
}
