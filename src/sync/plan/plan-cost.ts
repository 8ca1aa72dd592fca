import type { StepOptions } from '../run/options.ts'
import type { Pass, Spent, Took } from '../unit/position.ts'

/** What a pass is expected to cost, or the rest of one that was interrupted. */
export interface PlannedCost {
  /** HTTP requests, retries and token refreshes included. */
  requests: number
  /** Commits to the store. */
  writes: number
}

/** How much of a whole pass `limit` lets through. `above`: of the parents' pass. */
export function shareOf([, , pages, received]: Took, { limit }: StepOptions, above: number): number {
  return Math.min(above, part(limit?.pages, pages), part(limit?.records, received))
}

/**
 * What is left of a pass that takes as much as the last one did. `least`: requests that are sure to come. A budget bounds
 * it: what the next step costs, if it has nothing else to do.
 */
export function costOf(took: Took, share: number, pass: Pass, least: number, { budget }: StepOptions): PlannedCost {
  const [requests, writes] = leftOf(took, share, pass.spent)
  const all = { requests: pass.ended ? 0 : Math.max(requests, least), writes: Math.max(writes, 1) }
  const step = Math.min(part(budget?.requests, all.requests), part(budget?.records, took[3] * share - pass.received))
  return {
    requests: whole(all.requests * step),
    writes: Math.min(whole(all.writes * step), budget?.storageOps ?? Infinity),
  }
}

function leftOf([requests, writes]: Took, share: number, [asked, written]: Spent = [0, 0]): Spent {
  return [whole(requests * share) - asked, whole(writes * share) - written]
}

function part(bound: number | undefined, of: number): number {
  return bound === undefined || of <= bound ? 1 : bound / of
}

/** Up, but not for what floating point adds. */
function whole(count: number): number {
  return Math.max(0, Math.ceil(count - 1e-9))
}
