import { SynclineError } from '../../errors.ts'
import type { FailureInfo, StepStatus, SyncReport } from '../../report.ts'
import type { StepResult } from './options.ts'

/** How the work on one root resource ended. */
export interface Outcome {
  status: StepStatus
  error?: SynclineError
  /** With `wait`: not before this time. */
  retryAt?: number
}

/** What an error means for the caller: only what a later call cannot mend by itself is a failure. */
export function outcomeOf(error: SynclineError): Outcome {
  const { code, retryAt } = error
  if (code === 'budget_exceeded')
    return retryAt === undefined ? { status: 'more', error } : { status: 'wait', error, retryAt }
  return { status: code === 'needs_confirmation' ? code : 'failed', error }
}

/** The result of a step: what is left to be done comes before what has failed. */
export function conclude(outcomes: readonly Outcome[], report: SyncReport): StepResult {
  const order: StepStatus[] = ['more', 'wait', 'needs_confirmation', 'failed', 'done']
  const status = order.find((each) => outcomes.some((outcome) => outcome.status === each)) ?? 'done'
  const errors = outcomes.filter((outcome) => outcome.status === status).flatMap(({ error }) => error ?? [])
  const [error] = errors
  const result: StepResult = { status, report: { ...report, status } }
  if (status === 'wait') result.retryAt = Math.min(...outcomes.flatMap(({ retryAt }) => retryAt ?? []))
  if (status === 'failed' && error !== undefined) result.error = error
  if (status === 'needs_confirmation' && error?.confirm !== undefined) {
    result.confirm = error.confirm
    result.report.confirm = error.confirm
  }
  return result
}

/** An error as the report keeps it, for later steps of the run. */
export function infoOf(error: SynclineError): FailureInfo {
  // Its report is this one, and `confirm` has a place of its own.
  const { name: _, report: __, confirm: ___, message, ...fields } = error
  return { message, ...fields }
}

export function errorOf({ code, message: _, what, ...fields }: FailureInfo): SynclineError {
  return new SynclineError(code, what, fields)
}
