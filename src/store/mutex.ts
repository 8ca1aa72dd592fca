/** Runs one at a time, in the order of the calls. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  /** Waits its turn; leaves the queue with `signal.reason` when the signal aborts before that. */
  run<R>(run: () => Promise<R>, signal?: AbortSignal): Promise<R> {
    const before = this.#last
    const turn = unlessAborted(before, signal).then(run)
    this.#last = before.then(() => turn.catch(() => {}))
    return turn
  }
}

async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise.then(() => {})
  signal.throwIfAborted()
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
  signal.throwIfAborted()
}
