import type { RequestHandler } from 'msw'
import { createDatabase, type Database } from './database.ts'
import { createFaults, type Fault, type Flaky } from './faults.ts'
import { createHandlers, type LogEntry } from './handlers.ts'
import { DEFAULT_SIZES, type Sizes } from './tables.ts'

export interface DemoApiOptions {
  /** @default 1 */
  seed?: number
  /** How many rows. Default: `DEFAULT_SIZES`, with 25,000 transactions. */
  sizes?: Partial<Sizes>
  /** What `api_key` must be. @default 'demo-key' */
  apiKey?: string
  /** Before each answer, in ms. @default 0 */
  latencyMs?: number
  /** Default: nothing fails. */
  flaky?: Flaky
  /** A row before the page disappears after every so many pages of a list: later rows move up under the reader. */
  driftEvery?: number
}

/** A communications API: customers, calls, messages, transactions. Runs on Node and in a browser. */
export interface DemoApi {
  /** For msw's `setupWorker`, `setupServer` or `getResponse`; any origin. */
  readonly handlers: RequestHandler[]
  readonly database: Database
  /** Every request, oldest first. */
  readonly log: LogEntry[]
  /** From now on, requests that fit get this answer. */
  inject(fault: Fault): void
}

/**
 * @example
 * const api = createDemoApi({ sizes: { transactions: 1_000 } })
 * const { origin } = await serve(api)
 * await fetch(`${origin}/v1/transactions?api_key=demo-key&offset=0&limit=100`)
 * api.database.update('transactions', 't_000001', { amount: 1 })
 */
export function createDemoApi(options: DemoApiOptions = {}): DemoApi {
  const { seed = 1, sizes = {}, apiKey = 'demo-key', latencyMs = 0, flaky, driftEvery } = options
  const database = createDatabase(seed, { ...DEFAULT_SIZES, ...sizes })
  const faults = createFaults(seed, flaky)
  const log: LogEntry[] = []
  const handlers = createHandlers({ database, faults, log, apiKey, latencyMs, driftEvery })
  return { handlers, database, log, inject: faults.inject }
}
