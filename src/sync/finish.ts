import { SynclineError } from '../errors.ts'
import { hash64 } from '../hash.ts'
import { compareKeys, type Key } from '../store/key.ts'
import { commitUnit } from './commit.ts'
import { advance } from './incremental.ts'
import { type Pass, systemTable } from './position.ts'
import { judgePass } from './quarantine.ts'
import { fullReport } from './stored-schema.ts'
import { passOf, type Run, type Unit } from './unit.ts'

/** Above this share of a table, a full refresh asks before it deletes. */
const MAX_DELETE_RATIO = 0.5
/** Rows deleted in one commit. */
const SWEEP_ROWS = 1000

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
    if (pass.unswept === undefined) await sweep(unit, run, pass)
    else position.report.unswept = pass.unswept
  }
  batch.drop(systemTable.seen(name))
  const swap =
    pass.mode === 'replace' && (await mayPublish(unit, run, pass)) ? { [name]: systemTable.staged(name) } : undefined
  if (pass.mode === 'replace' && swap === undefined) {
    // Rows that are dropped before they were committed would be in no count.
    if (batch.pending) await commitUnit(unit, run)
    batch.drop(systemTable.staged(name))
    unit.keys = unit.liveKeys
  }

  const { incremental } = endpoint
  if (incremental !== undefined && parent === undefined) {
    const before = position.cursor
    const { best, sourceTime } = pass.reading
    if (complete) {
      const cursor = advance(incremental, pass.full ? undefined : before, best, sourceTime)
      if (cursor === undefined) delete position.cursor
      else position.cursor = cursor
    }
    position.report.cursor = { before: before?.last ?? null, after: position.cursor?.last ?? null }
  }
  position.report.status = 'done'
  position.report.complete = complete
  if (pass.incomplete !== undefined) position.report.incomplete = pass.incomplete
  if (complete && pass.below !== undefined) position.below = pass.below
  position.passed = pass.id
  position.settled = run.id
  delete position.pass
  await commitUnit(unit, run, swap)
  run.emit({ type: 'resource', resource: name, report: fullReport(unit) })
}

/** Neither a trial with `limit` nor rows that moved may replace a whole table by a part of it. */
async function mayPublish({ resource }: Unit, { dataset }: Run, pass: Pass): Promise<boolean> {
  return pass.partial === undefined || (await dataset.count(resource.name)) === 0
}

/** Deletes what a complete pass did not see, in bounded commits, each of which says how far it got. */
async function sweep(unit: Unit, run: Run, pass: Pass): Promise<void> {
  const { resource, batch } = unit
  const { name } = resource
  if (pass.stage === 'read') {
    if (batch.pending) await commitUnit(unit, run)
    await requireConsent(unit, run, pass)
    pass.stage = 'sweep'
  }
  let swept = 0
  for await (const key of unseen(unit, run, pass.sweptTo)) {
    batch.delete(name, key)
    pass.sweptTo = key
    if (++swept % SWEEP_ROWS > 0) continue
    await commitUnit(unit, run)
    run.left.requireOpen()
  }
  if (swept % SWEEP_ROWS > 0) await commitUnit(unit, run)
  if (swept > 0) run.emit({ type: 'sweep', resource: name, swept })
}

/** Where a row came twice, another may not have come at all. Processing steps may make one row of several. */
async function noteMoved(unit: Unit, run: Run, pass: Pass): Promise<void> {
  const { batch, position, resource } = unit
  if (!pass.full || pass.mode !== 'merge' || pass.stage !== 'read' || resource.processingSteps.length > 0) return
  if (batch.pending) await commitUnit(unit, run)
  if ((await run.dataset.count(systemTable.seen(resource.name))) >= pass.kept) return
  position.report.drift++
  pass.unswept ??= 'rows came on two pages: they moved while they were read'
}

async function requireConsent({ resource: { name } }: Unit, { dataset, options }: Run, pass: Pass): Promise<void> {
  const live = await dataset.count(name)
  const gone = live - (await dataset.count(systemTable.seen(name)))
  const token = hash64(`${name} ${pass.id} ${gone}`)
  if (gone <= live * MAX_DELETE_RATIO || options.confirm === token) return
  throw new SynclineError('needs_confirmation', `the API no longer has ${gone} of ${live} rows`, {
    resource: name,
    confirm: token,
    hint: 'If that is right, run again with `confirm` set to the token; nothing is deleted until then.',
  })
}

/** The rows of the table whose keys the pass did not see: both tables are in key order, so one walk finds them. */
async function* unseen({ resource: { name } }: Unit, { dataset }: Run, after: Key | undefined): AsyncGenerator<Key> {
  const from = after === undefined ? {} : { after }
  const marks = keysOf(dataset.scan(systemTable.seen(name), from))
  let mark = await marks.next()
  for await (const key of keysOf(dataset.scan(name, from))) {
    while (!mark.done && compareKeys(mark.value, key) < 0) mark = await marks.next()
    if (mark.done || compareKeys(mark.value, key) !== 0) yield key
  }
}

async function* keysOf(batches: AsyncIterable<{ key: Key }[]>): AsyncGenerator<Key> {
  for await (const entries of batches) for (const { key } of entries) yield key
}
