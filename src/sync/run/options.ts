import type { SchemaContractConfig } from '../../config/contract.ts'
import type { SynclineError } from '../../errors.ts'
import type { Ports } from '../../ports.ts'
import type { StepStatus, SyncEvent, SyncReport } from '../../report.ts'

/** What every entry that sends requests takes. */
export interface RunOptions {
  /** Stops at the next await; what was committed stays. The rejection is `signal.reason`. */
  signal?: AbortSignal
  /** Replaces the platform's `fetch`, clock, sleep and randomness. */
  ports?: Partial<Ports>
  onEvent?: (event: SyncEvent) => void
}

/** Which resources, and how much of them. */
export interface SelectOptions<Name extends string = string> {
  /** Only these, and the parents they need. @default all that are `selected` */
  resources?: readonly NoInfer<Name>[]
  /** For a first try: stop each resource after so many records or pages. The pass is then not complete. */
  limit?: { records?: number; pages?: number }
}

/** Options of `extract`. */
export interface ExtractOptions<Name extends string = string> extends RunOptions, SelectOptions<Name> {}

/** What a step may cost. It stops at the first commit boundary after which nothing more fits. */
export interface Budget {
  /** HTTP requests: retries, redirects and token refreshes included. */
  requests?: number
  /** Operations on the store. */
  storageOps?: number
  /** Records received. */
  records?: number
  /** Decoded bytes received: what bounds CPU time where clocks stand still. */
  bytes?: number
  /** Milliseconds. A wait that does not fit is not begun: the step returns `wait`. */
  wallMs?: number
}

/** Options of `sync`, `step` and `plan`. */
export interface SyncOptions<Name extends string = string> extends RunOptions, SelectOptions<Name> {
  /** Where the copy lives. Set it per user or tenant. @default the source's name */
  dataset?: string
  /** Read everything again, without the stored cursors, and sweep rows that the API no longer has. */
  full?: boolean
  /** Overrides the resources' own. */
  writeDisposition?: 'append' | 'merge' | 'replace' | 'skip'
  /** Overrides the resources' own. */
  schemaContract?: SchemaContractConfig
  /** Resources read at the same time. @default 4 */
  concurrency?: number
  /** The token of a `needs_confirmation`: lets a full refresh remove more of a table than `maxDeleteRatio`. */
  confirm?: string
}

/** Options of `replayQuarantine`. */
export interface ReplayOptions<Name extends string = string> {
  /** Which copy. @default the source's name */
  dataset?: string
  /** Only records of these. @default all */
  resources?: readonly NoInfer<Name>[]
  /** In the place of the resources' own: `'evolve'` takes what a contract has refused. */
  schemaContract?: SchemaContractConfig
  /** Stops before the next commit; what was committed stays. */
  signal?: AbortSignal
  ports?: Partial<Ports>
}

/** Options of `step`. */
export interface StepOptions<Name extends string = string> extends SyncOptions<Name> {
  /** What a step may use up. @default no limit: the step ends when the run does */
  budget?: Budget
}

/** How a step ended, and what is to be done next. */
export interface StepResult {
  /** `more`: call again; `wait`: call again after `retryAt`; `needs_confirmation`: call again with `confirm`. */
  status: StepStatus
  /** With `wait`: not before this time, in ms since 1970. */
  retryAt?: number
  /** With `needs_confirmation`: the token that lets the run go on. */
  confirm?: string
  /** With `failed`: why, of the first resource that failed. */
  error?: SynclineError
  /** What the run has done so far, over all its steps. */
  report: SyncReport
}
