import { loaded } from '../../loaded.ts'
import { cursorAfter } from '../incremental/incremental.ts'
import { commitUnit } from '../unit/commit.ts'
import { type Pass, passInKeys, systemTable } from '../unit/position.ts'
import { fullReport } from '../unit/stored-schema.ts'
import { noteTook } from '../unit/took.ts'
import { descend, passOf, type Run, type Unit } from '../unit/unit.ts'
import { noteMoved } from './drift.ts'
import * as parts from './parts.ts'
import { forgetValidators, noteAppending } from './pass.ts'
import { judgePass } from './quarantine.ts'

/**
 * Completes the pass of a resource and of those below it, children first: replaced tables are published, unseen rows
 * swept, cursors moved. A step that was done before an interruption is not done again.
 */
export async function finishPass(root: Unit, run: Run): Promise<void> {
  const pass = passOf(root)
  judgePass(root, pass)
  await noteMoved(root, run, pass)
  await finishChildren(root, run, pass)
  await finishUnit(root, run, pass)
}

async function finishChildren({ children }: Unit, run: Run, parent: Pass): Promise<void> {
  for (const child of children) {
    const { pass } = child.position
    // Without a pass, the child was not asked for, or is completed already.
    if (!child.active || pass === undefined) continue
    // Parents that were not read, or that are in quarantine, prove nothing about their children.
    if (parent.incomplete !== undefined) pass.incomplete ??= parent.incomplete
    if (parent.partial !== undefined) pass.partial ??= parent.partial
    if (parent.unswept !== undefined) pass.unswept ??= parent.unswept
    if (parent.quarantined > 0 || parent.unread) pass.unread = true
    pass.ended = true
    judgePass(child, pass)
    await noteMoved(child, run, pass)
    await finishChildren(child, run, pass)
    await finishUnit(child, run, pass)
  }
}

async function finishUnit(unit: Unit, run: Run, pass: Pass): Promise<void> {
  const { resource, position, batch } = unit
  const { name, endpoint, parent } = resource
  const complete = pass.incomplete === undefined
  if (complete && pass.full && pass.mode === 'merge') {
    if (endpoint.incremental?.endValue !== undefined) pass.unswept ??= 'only the range up to `endValue` was read'
    if (pass.unswept !== undefined) position.report.unswept = pass.unswept
    else {
      const { sweep } = await loaded(import('../deletes/sweep.ts'))
      await sweep(unit, run, pass, parts)
      if (!unit.twoStrike) position.swept = pass.id
    }
  }
  // What hangs on rows of resources above that have gone is removed once those are swept.
  if (parent === undefined && descend(unit).some(({ position }) => position.orphans)) {
    await forgetAllValidators(unit, run)
    const { removeOrphans } = await loaded(import('../deletes/orphans.ts'))
    await removeOrphans(unit, run, parts)
  }
  await deleteLeft(unit, run, pass)
  batch.drop(systemTable.seen(name))
  const swap =
    pass.mode === 'replace' && (await mayPublish(unit, run, pass)) ? { [name]: systemTable.staged(name) } : undefined
  if (swap !== undefined) {
    batch.drop(systemTable.parents(name))
    batch.drop(systemTable.missing(name))
    if (complete || !pass.byPlace || parent !== undefined) delete position.appending
    else noteAppending(position, pass)
  } else if (pass.mode === 'replace') {
    // Rows that are dropped before they were committed would be in no count.
    if (batch.pending) await commitUnit(unit, run)
    batch.drop(systemTable.staged(name))
    unit.keys = unit.liveKeys
  }

  const { incremental, token } = endpoint
  if ((incremental ?? token) && parent === undefined) {
    const before = position.cursor
    if (complete) {
      const cursor = cursorAfter(resource, pass.full ? undefined : before, pass.reading)
      if (cursor === undefined) delete position.cursor
      else position.cursor = cursor
    }
    if (incremental) position.report.cursor = { before: before?.last ?? null, after: position.cursor?.last ?? null }
  }
  position.report.status = 'done'
  position.report.complete = complete
  if (pass.incomplete !== undefined) position.report.incomplete = pass.incomplete
  if (complete && pass.below !== undefined) position.below = pass.below
  if (complete && unit.inference.root.types > 0) position.contracted = true
  noteTook(unit, pass)
  position.passed = pass.id
  position.settled = run.id
  delete position.pass
  await commitUnit(unit, run, { swap })
  run.emit({ type: 'resource', resource: name, report: fullReport(unit) })
}

/** What hung on a row that comes back is to be read again, although it may be the same. */
async function forgetAllValidators(root: Unit, run: Run): Promise<void> {
  for (const unit of descend(root)) {
    if (!unit.position.validators) continue
    forgetValidators(unit)
    await commitUnit(unit, run)
  }
}

/** The rows of a complete pass are a sure part of the table. Those of a reading that it has repeated are not. */
async function deleteLeft(unit: Unit, run: Run, pass: Pass): Promise<void> {
  const { table, position } = unit
  const appended = pass.mode === 'append' && pass.incomplete === undefined
  const named = passInKeys(unit, pass)
  if (table && (pass.again || (appended && named !== pass.id))) {
    const { deleteFrom } = await loaded(import('../deletes/leftovers.ts'))
    await deleteFrom(unit, run, table, named, pass.rows, parts)
  }
  if (appended) delete position.appending
}

/**
 * A trial with `limit` or a pass whose rows moved must not replace a whole table by a part of it, nor must any part
 * replace one whose cursor has passed the rest (an appended one), nor a pass that did not read what hangs on parents in
 * quarantine: those are kept there, but their children would be nowhere.
 */
async function mayPublish({ resource, position }: Unit, { dataset }: Run, pass: Pass): Promise<boolean> {
  const partial = (pass.partial || pass.byPlace) && pass.incomplete !== undefined
  if ((!partial && !pass.unread) || (await dataset.count(resource.name)) === 0) return true
  if (!partial) position.report.unswept = 'parents are in quarantine: what hangs on them was not read'
  return false
}
