import { SynclineError } from '../errors.ts'
import type { Ports } from '../ports.ts'

const ATTEMPTS = 5
const DEADLINE_MS = 30_000

/** Calls of a platform that may fail or never answer: with a deadline, and with errors of our own. */
export class Calls {
  readonly ports: Required<Ports>
  readonly #coded: (message: string) => SynclineError

  /** `coded` makes an error of the message of a foreign one; `retryable` says whether the call is worth repeating. */
  constructor(ports: Required<Ports>, coded: (message: string) => SynclineError) {
    this.ports = ports
    this.#coded = coded
  }

  /** Repeats the call when it fails, after 1 to 2, 2 to 4, 3 to 6 and 4 to 8 s: it must do the same each time. */
  async run<R>(call: () => Promise<R>): Promise<R> {
    const { sleep, random } = this.ports
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(call)
      } catch (error) {
        if (attempt === ATTEMPTS || !(error as SynclineError).retryable) throw error
        await sleep(1000 * attempt * (1 + random()))
      }
    }
  }

  once<R>(call: () => Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(error instanceof SynclineError ? error : this.#coded(messageOf(error)))
      const stop = this.ports.timer(DEADLINE_MS, () => fail('no answer'))
      new Promise<R>((started) => started(call())).then(resolve, fail).finally(stop)
    })
  }

  /** For each item, a few at a time; in the order of the items they begin. */
  async each<T>(items: Iterable<T> | AsyncIterable<T>, call: (item: T) => Promise<void>): Promise<void> {
    const running: Promise<void>[] = []
    for await (const item of items) {
      const job = this.run(() => call(item))
      job.catch(() => {}) // until it is waited for
      running.push(job)
      if (running.length >= 4) await running.shift()
    }
    await Promise.all(running)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
