import type { ResolvedSource } from '../config/resolved.ts'
import { isSynclineError, SynclineError } from '../errors.ts'
import { loaded } from '../loaded.ts'
import type { Ports } from '../ports.ts'
import { emptyReport, type ResourceReport, type SyncReport } from '../report.ts'
import { resolve, type Source } from '../source.ts'
import type { Dataset } from '../store/dataset.ts'
import { finishPass } from './pass/finish.ts'
import { openUnits } from './pass/open-units.ts'
import * as parts from './pass/parts.ts'
import { openPass } from './pass/pass.ts'
import { readRoot } from './pass/read.ts'
import type { StepOptions, StepResult } from './run/options.ts'
import { conclude, errorOf, infoOf, type Outcome, outcomeOf } from './run/outcome.ts'
import { commitUnit } from './unit/commit.ts'
import { openRun } from './unit/run.ts'
import { fullReport } from './unit/stored-schema.ts'
import { descend, type Run, type Unit } from './unit/unit.ts'

/** One step over an open dataset, whose lease is held. */
export async function runStep(
  source: Source<object>,
  dataset: Dataset,
  name: string,
  ports: Ports,
  options: StepOptions,
): Promise<StepResult> {
  const resolved = resolve(source)
  requireRoom(resolved, options)
  const began = ports.now()
  const { id, startedAt, resumed, run, roots } = await openUnits(resolved, dataset, ports, options, openRun)
  const units = roots.flatMap(descend).filter(({ active }) => active)
  run.emit({ type: 'start', dataset: name, run: id, resources: units.map(({ resource }) => resource.name), resumed })
  const outcomes = await inParallel(roots, options.concurrency ?? 4, (root) => workOn(root, run))
  const report: SyncReport = {
    dataset: name,
    run: id,
    status: 'done',
    startedAt,
    durationMs: ports.now() - began,
    resources: Object.fromEntries(
      resolved.resources.map((resource) => [resource.name, reportOf(resource.name, units)]),
    ),
  }
  const result = conclude(outcomes, report)
  run.emit({ type: 'end', report: result.report })
  return result
}

/** A step in a new process has to ask for a token first, and would do nothing else for ever. */
function requireRoom({ resources }: ResolvedSource, { budget }: StepOptions): void {
  if (budget?.requests !== 1 || !resources.some(({ endpoint }) => endpoint.auth?.refresh)) return
  throw new SynclineError(
    'config_invalid',
    'a budget of one request leaves none for a page beside the one for a token',
    {
      path: 'options.budget.requests',
      hint: 'Give a step at least 2 requests; more than 4 if they may have to be repeated.',
    },
  )
}

/** One root resource and what hangs on it. Rows that were read are committed, whatever stops the work. */
async function workOn(root: Unit, run: Run): Promise<Outcome> {
  if (root.position.settled === run.id) {
    const { error } = root.position.report
    return error === undefined ? { status: 'done' } : { status: 'failed', error: errorOf(error) }
  }
  try {
    openPass(root, run)
    await readRoot(root, run).catch((error) => readAgain(root, run, error))
    await finishPass(root, run)
    return { status: 'done' }
  } catch (error) {
    if (run.options.signal?.aborted) throw run.options.signal.reason
    if (!isSynclineError(error)) throw error
    return stop(root, run, error)
  }
}

/** In a full refresh, if the API refused the sync token. */
async function readAgain(root: Unit, run: Run, error: unknown): Promise<void> {
  if (!root.resource.endpoint.token) throw error
  const { renew } = await loaded(import('./pass/sync-token.ts'))
  if (!(await renew(root, run, error, parts))) throw error
  openPass(root, run)
  // However small the budget of a step is: the next one must not be refused again.
  await commitUnit(root, run)
  await readRoot(root, run)
}

async function stop(root: Unit, run: Run, reason: SynclineError): Promise<Outcome> {
  const units = descend(root)
  let error = reason
  for (const unit of units) {
    const counted = unit.position.report.requests === unit.committed.requests
    if (unit.broken || (counted && !unit.batch.pending)) continue
    await commitUnit(unit, run).catch((failure) => {
      if (!isSynclineError(failure)) throw failure
      error = failure
    })
  }
  const broken = units.find((unit) => unit.broken)
  if (broken) return { status: 'failed', error: error.with({ resource: broken.resource.name }) }
  const failed = units.find(({ resource }) => resource.name === error.resource) ?? root
  const named = error.with({ resource: failed.resource.name })
  const outcome = outcomeOf(named)
  if (outcome.status === 'failed') {
    failed.position.report.status = 'failed'
    failed.position.report.error = infoOf(named)
    root.position.report.error ??= infoOf(named)
    root.position.settled = run.id
    const deadEnd = isDeadEnd(failed, error)
    if (deadEnd) beginAnew(failed)
    if (units.some(({ position }) => position.pass?.refused) || (deadEnd && failed === root)) delete root.position.pass
    if (failed !== root) await commitUnit(failed, run)
    await commitUnit(root, run)
  } else if (outcome.status === 'wait') failed.position.report.status = 'waiting'
  return outcome
}

/** Reads all pages again. What one parent has brought goes to the same places: rows without a key are there once. */
function beginAnew({ position, keys }: Unit): void {
  const { pass } = position
  delete pass?.reading.paging
  if (pass?.reading.before === undefined) return
  const [rows, quarantined] = pass.reading.before
  position.pass = { ...pass, rows, quarantined, again: keys?.fields.length === 0 }
}

/**
 * The page to be read next is none: the pages go in circles or have shifted, or the API refuses the token of the page
 * where an earlier step had stopped. Who asks for it again fails again, so reading starts anew.
 */
function isDeadEnd({ position, pagesBefore }: Unit, { code, status = 0 }: SynclineError): boolean {
  // What was to prove a guess may have failed because rows moved.
  if (code === 'paginator_unproved') return true
  if (code === 'pagination_loop' || code === 'pagination_no_progress') return true
  return code === 'http_status' && REFUSED.includes(status) && position.pass?.pages === pagesBefore
}

const REFUSED = [400, 404, 410, 422]

function reportOf(name: string, units: readonly Unit[]): ResourceReport {
  const unit = units.find(({ resource }) => resource.name === name)
  if (unit === undefined) return { ...emptyReport(), status: 'skipped' }
  return fullReport(unit)
}

/** Runs `work` on all items, at most `limit` at a time, and all to their end; then the first rejection is thrown. */
async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) {
      try {
        results[index] = await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, limit) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
