import type { Pass, Spent, Took, TookByKind } from './position.ts'
import type { Unit } from './unit.ts'

/** With the commit that is about to be made. */
export function spend(unit: Unit, { spent: [requests, writes] = [0, 0] }: Pass): Spent {
  const { report } = unit.position
  const asked = report.requests - unit.counted
  // What is asked for while the commit runs belongs to the next one.
  unit.counted = report.requests
  return [requests + asked, writes + 1]
}

/** Keeps what a pass took, for `plan`. One that `limit` cut short says nothing about others. */
export function noteTook(unit: Unit, pass: Pass): void {
  const took: Took = [...spend(unit, pass), pass.pages, pass.received]
  if (pass.partial !== 'limit') unit.position.took = { ...unit.position.took, [kindOf(unit)]: took }
}

/** The kind of the pass that is under way. */
export function kindOf({ changesOnly }: Unit): keyof TookByKind {
  return changesOnly ? 'changes' : 'all'
}
