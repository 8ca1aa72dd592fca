/** Takes a place, when there is one. The function that it resolves to gives it back, once. */
export type Semaphore = (signal: AbortSignal | undefined) => Promise<() => void>

/** So many places at once. Those that wait are served in order, and leave the queue when their signal aborts. */
export function createSemaphore(count: number): Semaphore {
  let free = count
  const queue = new Set<() => void>()
  const leave = () => {
    const [next] = queue
    if (next === undefined) free++
    else next()
  }
  return async (signal) => {
    signal?.throwIfAborted()
    if (free > 0) {
      free--
      return leave
    }
    return new Promise((resolve, reject) => {
      const enter = () => {
        done()
        resolve(leave)
      }
      const onAbort = () => {
        done()
        reject(signal?.reason)
      }
      const done = () => {
        queue.delete(enter)
        signal?.removeEventListener('abort', onAbort)
      }
      queue.add(enter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
