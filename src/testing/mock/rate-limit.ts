/** `requests` in each window of `perSeconds`, which begins with its first request. */
export interface MockRateLimit {
  requests: number
  perSeconds: number
}

export interface Window {
  /** Counts a request. `retryAfter`: seconds until the next window, when there were too many in this one. */
  count(): { headers: Record<string, string>; retryAfter: number | undefined }
  reset(): void
}

/** `now`: ms since 1970. */
export function createWindow(limit: MockRateLimit | undefined, now: () => number): Window {
  let end = 0
  let used = 0
  return {
    count() {
      if (limit === undefined) return { headers: {}, retryAfter: undefined }
      if (now() >= end) {
        end = now() + limit.perSeconds * 1000
        used = 0
      }
      used++
      const retryAfter = used > limit.requests ? Math.ceil((end - now()) / 1000) : undefined
      const headers = {
        'x-ratelimit-limit': String(limit.requests),
        'x-ratelimit-remaining': String(Math.max(0, limit.requests - used)),
        'x-ratelimit-reset': String(Math.ceil(end / 1000)),
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      }
      return { headers, retryAfter }
    },
    reset() {
      end = 0
    },
  }
}
