import type { PageRead } from '../pages/paging.ts'
import { commitUnit } from '../unit/commit.ts'
import { type Pass, type Position, systemTable } from '../unit/position.ts'
import type { Run, Unit } from '../unit/unit.ts'
import { leaveOut } from './incomplete.ts'

const ADDED = 'rows were added while they were read'

/**
 * What shows that rows moved between pages while they were read, so that some were not seen: the paginator's anchors, or
 * else a total that changes or is not what came.
 */
export function noteDrift(pass: Pass, { run, report }: Position, { total, received, end, drift }: PageRead): void {
  const { reading } = pass
  if (drift !== undefined && drift !== 'none') report.drift++
  if (drift === 'lost') leaveOut(pass, 'moved')
  if (drift === 'added') pass.unswept ??= ADDED
  if (drift === undefined && total !== undefined && reading.total !== undefined && reading.total !== total) {
    report.drift++
    pass.unswept ??= ADDED
    // Those behind a row that went have moved up, and may have slipped from the next page into the last. Between two
    // runs much may have changed: then it only keeps rows from being swept.
    if (total < reading.total && reading.countedIn === run) reading.shrunk = true
    if (reading.shrunk) leaveOut(pass, 'removed')
  }
  if (total !== undefined) {
    reading.total = total
    reading.countedIn = run
    reading.most = Math.max(reading.most ?? 0, total)
  }
  // Rows that went after they were read are counted no more.
  const { most = 0 } = reading
  if (end !== 'complete' || reading.total === undefined || (received >= reading.total && received <= most)) return
  pass.unswept ??= `${received} rows came where the API counts ${reading.total}`
}

/** Where a row came twice, another may not have come at all. Processing steps may make one row of several. */
export async function noteMoved(unit: Unit, run: Run, pass: Pass): Promise<void> {
  const { batch, position, resource } = unit
  if (!pass.full || pass.mode !== 'merge' || pass.stage !== 'read' || resource.processingSteps.length > 0) return
  if (batch.pending) await commitUnit(unit, run)
  const { kept, deleted = 0 } = pass
  if ((await run.dataset.count(systemTable.seen(resource.name))) >= kept - deleted) return
  position.report.drift++
  pass.unswept ??= 'rows came on two pages: they moved while they were read'
}
