import type { ErrorCode } from '../error-codes.ts'
import { SynclineError } from '../errors.ts'
import type { Rejected } from './entries.ts'
import type { Pass } from './position.ts'
import type { Unit } from './unit.ts'

/** Above this share of the rows of a pass, something has changed that a run must not pass over as a success. */
const MOST_QUARANTINED = 0.1
const LEAST_ROWS = 20

/** They were understood, and put aside as the config asks: no sign that it does not fit the API. */
const ASKED_FOR: readonly ErrorCode[] = ['contract_violation', 'null_in_not_null_column']

/** Counts the rows of a page that went to quarantine, and remembers why the first one of the pass did. */
export function noteRejected(pass: Pass, rejected: readonly Rejected[]): void {
  pass.quarantined += rejected.length
  for (const { code, reason } of rejected) pass.rejection ??= { code, reason }
  if (rejected.some(({ code }) => !ASKED_FOR.includes(code))) pass.puzzling = true
}

/**
 * Fails the run when too many rows of the pass are in quarantine, or, at its end, all of them: but a few that do not fit
 * what is asked of a table that has rows are no sign of a mistake. They are kept there; the cursor does not move, and the next run begins the pass anew.
 */
export function judgePass({ resource, position }: Unit, pass: Pass): void {
  const { rows, quarantined, rejection, ended } = pass
  if (rejection === undefined) return
  const many = rows >= LEAST_ROWS && quarantined > rows * MOST_QUARANTINED
  const all = ended && quarantined === rows && (pass.puzzling || !position.contracted)
  if (!many && !all) return
  pass.refused = true
  throw new SynclineError(rejection.code, `${quarantined} of ${rows} rows cannot be taken: ${rejection.reason}`, {
    resource: resource.name,
    hint: 'They are kept whole in quarantine. Check `primaryKey`, `schema` and `dataSelector` against a response.',
  })
}
