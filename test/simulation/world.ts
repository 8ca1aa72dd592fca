import type { Dice } from './dice.ts'

/** 2026-01-01T00:00:00Z */
export const START = Date.UTC(2026, 0, 1)

interface Event {
  readonly at: number
  /** Decides between events of one instant: the scheduler's choice, made by the seed. */
  readonly tie: number
  readonly run: () => void
  cancelled: boolean
}

/** The end of a run that hangs: nothing will ever happen any more, or it takes longer than any run may. */
export class Stuck extends Error {}

/** More events than any history needs: ends those that go in circles. */
const MOST_EVENTS = 60_000

/**
 * Time and chance of one history. Nothing happens by itself: everything that takes time is an event, and one event runs
 * only when every promise that the one before has settled has been followed to its end.
 */
export class World {
  now = START
  readonly dice: Dice
  readonly trace: ((line: string) => void) | undefined
  readonly #events: Event[] = []
  #count = 0

  constructor(dice: Dice, trace?: (line: string) => void) {
    this.dice = dice
    this.trace = trace && ((line) => trace(`${this.#stamp()} ${line}`))
  }

  /** Runs `run` after so many ms; the function returned cancels that. */
  after(ms: number, run: () => void): () => void {
    const event: Event = { at: this.now + Math.ceil(Math.max(0, ms)), tie: this.dice.next(), run, cancelled: false }
    const events = this.#events
    let at = events.length
    // Sorted, the next one last.
    while (at > 0 && isBefore(events[at - 1] as Event, event)) at--
    events.splice(at, 0, event)
    return () => {
      event.cancelled = true
    }
  }

  /** Lets events happen until the promise has settled. */
  async settle<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
    let result: PromiseSettledResult<T> | undefined
    promise.then(
      (value) => {
        result = { status: 'fulfilled', value }
      },
      (reason) => {
        result = { status: 'rejected', reason }
      },
    )
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (result !== undefined) return result
      this.#step()
    }
  }

  #step(): void {
    for (;;) {
      const event = this.#events.pop()
      if (event === undefined) throw new Stuck('nothing will ever happen any more')
      if (event.cancelled) continue
      if (++this.#count > MOST_EVENTS) throw new Stuck('too many events: something goes in circles')
      this.now = Math.max(this.now, event.at)
      event.run()
      return
    }
  }

  #stamp(): string {
    return `${String(this.now - START).padStart(10)} ms`
  }
}

/** True when `a` runs after `b`: events are kept with the next one last. */
function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie)
}
