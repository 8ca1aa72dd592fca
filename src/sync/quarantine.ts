import { SynclineError } from '../errors.ts'
import type { Rejected } from './entries.ts'
import type { Pass } from './position.ts'
import type { Unit } from './unit.ts'

/** Above this share of the rows of a pass, something has changed that a run must not pass over as a success. */
const MOST_QUARANTINED = 0.1
const LEAST_ROWS = 20

/** Counts the rows of a page that went to quarantine, and remembers why the first one of the pass did. */
export function noteRejected(pass: Pass, { code, reason }: Rejected, rows: number): void {
  pass.quarantined += rows
  pass.rejection ??= { code, reason }
}

/**
 * Fails the run when too many rows of the pass are in quarantine, or, at its end, all of them. They are kept there; the
 * cursor does not move, and the next run begins the pass anew.
 */
export function judgePass({ resource }: Unit, pass: Pass): void {
  const { rows, quarantined, rejection, ended } = pass
  if (rejection === undefined) return
  const many = rows >= LEAST_ROWS && quarantined > rows * MOST_QUARANTINED
  if (!many && !(ended && quarantined === rows)) return
  pass.refused = true
  throw new SynclineError(rejection.code, `${quarantined} of ${rows} rows cannot be taken: ${rejection.reason}`, {
    resource: resource.name,
    hint: 'They are kept whole in quarantine. Check `primaryKey`, `schema` and `dataSelector` against a response.',
  })
}
