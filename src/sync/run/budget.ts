import { SynclineError } from '../../errors.ts'
import type { RequestMeter } from '../../http/request.ts'
import type { Ports } from '../../ports.ts'
import type { ResourceReport, SyncEvent } from '../../report.ts'
import type { Usage } from '../../store/dataset.ts'
import type { Budget } from './options.ts'

/** What is left of a step's budget. Shared by all resources of the step. */
export class BudgetLeft {
  readonly #budget: Budget
  readonly #ports: Ports
  readonly #usage: () => Usage
  readonly #startedAt: number
  readonly #operationsBefore: number
  #begun = false
  #requests = 0
  #records = 0
  #bytes = 0

  constructor(budget: Budget, ports: Ports, usage: () => Usage) {
    this.#budget = budget
    this.#ports = ports
    this.#usage = usage
    this.#startedAt = ports.now()
    this.#operationsBefore = usage().operations
  }

  /**
   * Throws `budget_exceeded` when nothing more may be begun. The first thing always may: what loading the position costs
   * must not use up a small budget again and again, with nothing done. `asked`: its request is under way.
   */
  requireOpen(asked = false): void {
    if (!this.#begun) {
      this.#begun = true
      return
    }
    if (!this.#isOpen(asked)) throw exceeded()
  }

  /** Whether the next page may be asked for while a commit runs, whose operations are not known yet. */
  mayAskAhead(): boolean {
    return this.#budget.storageOps === undefined && this.#isOpen(false)
  }

  #isOpen(asked: boolean): boolean {
    const { requests, records, bytes, wallMs, storageOps } = this.#budget
    return (
      (asked || this.#requests < (requests ?? Infinity)) &&
      this.#records < (records ?? Infinity) &&
      this.#bytes < (bytes ?? Infinity) &&
      this.#ports.now() - this.#startedAt < (wallMs ?? Infinity) &&
      this.#usage().operations - this.#operationsBefore < (storageOps ?? Infinity)
    )
  }

  takeRequest(): void {
    if (this.#requests >= (this.#budget.requests ?? Infinity)) throw exceeded()
    this.#requests++
  }

  /** A wait must be followed by a request. */
  mayWait(ms: number): boolean {
    if (this.#requests >= (this.#budget.requests ?? Infinity)) return false
    return this.#ports.now() - this.#startedAt + ms <= (this.#budget.wallMs ?? Infinity)
  }

  addRecords(records: number): void {
    this.#records += records
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes
  }
}

function exceeded(): SynclineError {
  return new SynclineError('budget_exceeded', 'the budget of this step is used up', { retryable: true })
}

/** Counts the requests of one resource into its report, and against the budget. */
export function meterFor(
  resource: string,
  counts: Pick<ResourceReport, 'requests' | 'retries' | 'waitedMs' | 'bytes'>,
  left: BudgetLeft | undefined,
  onEvent: ((event: SyncEvent) => void) | undefined,
): RequestMeter {
  return {
    takeRequest() {
      left?.takeRequest()
      counts.requests++
    },
    mayWait: (ms) => left?.mayWait(ms) ?? true,
    onRetry({ attempt, waitMs, reason, status }) {
      counts.retries++
      counts.waitedMs += waitMs
      onEvent?.({ type: 'retry', resource, attempt, waitMs, reason, ...(status !== undefined && { status }) })
    },
    onWait(waitMs) {
      counts.waitedMs += waitMs
      onEvent?.({ type: 'wait', resource, waitMs, reason: 'rate_limit' })
    },
    addBytes(bytes) {
      counts.bytes += bytes
      left?.addBytes(bytes)
    },
  }
}
