/** Runs in a page of a real browser: `browser-headers.test.ts` bundles it, and calls `read` from outside. */
import { createClient, isSynclineError } from '../../src/index.ts'

type Endpoint = Parameters<ReturnType<typeof createClient>['paginate']>[0]

async function read(baseUrl: string, endpoint: Endpoint): Promise<unknown> {
  const ids: unknown[] = []
  try {
    for await (const { records } of createClient({ baseUrl, retry: { retries: 0 } }).paginate(endpoint))
      ids.push(...records)
    return ids
  } catch (error) {
    if (!isSynclineError(error)) throw error
    const { code, hint } = error
    return { code, hint }
  }
}

Object.assign(globalThis, { read })
