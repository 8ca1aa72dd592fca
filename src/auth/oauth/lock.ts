/**
 * Runs under a lock (Web Locks), which tabs, workers and other sources of the same origin share by its name. Where there
 * are no locks, or they may not be used, as in a sandboxed frame, it runs at once.
 */
export async function withLock<T>(name: string, run: () => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined
  try {
    await globalThis.navigator?.locks?.request(name, () => {
      result = run()
      return result
    })
  } catch {
    // Either `run` has failed, which its caller is told below, or there is no lock to be had.
  }
  return result ?? run()
}
