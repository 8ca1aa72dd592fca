import type { CursorValue, ResolvedSource } from '../../config/resolved.ts'
import type { Ports } from '../../ports.ts'
import type { Dataset } from '../../store/dataset.ts'
import type { Window } from '../incremental/incremental.ts'
import type * as Parts from '../pass/parts.ts'
import type { StepOptions } from '../run/options.ts'
import type { Pass } from '../unit/position.ts'
import type { Run, Unit } from '../unit/unit.ts'
import { costOf, type PlannedCost, shareOf } from './plan-cost.ts'

/** What a run would do with one resource. */
export interface PlannedResource {
  name: string
  /** Read once per row of this resource. */
  parent?: string
  /** `read`: for the sake of its children only. */
  mode: 'append' | 'merge' | 'replace' | 'read'
  /** The first page that would be requested, from 0; more than 0 when an interrupted pass goes on. Children: their pages so far, under all parents. */
  fromPage: number
  /** Where the incremental cursor would start and end. Absent for children whose parents have a cursor each. */
  start?: CursorValue
  end?: CursorValue
  /** It would ask for the changes since the stored sync token. */
  delta?: true
  /** The run that would be gone on with has finished it, and not yet all others: nothing would be requested. */
  done?: true
  /** Rows stored now. */
  stored: number
  /**
   * What to expect: as much as the last whole pass of the same kind took (of all there is, or of what had changed), less
   * what an interrupted pass has done. Children: under all parents. Absent where there was no such pass: nobody knows.
   */
  cost?: PlannedCost
}

/** What a run over this dataset would do, parents first: all that a step does before its first request, in memory. */
export async function planRun(
  source: ResolvedSource,
  dataset: Dataset,
  ports: Ports,
  { onEvent: _, ...options }: StepOptions,
  parts: typeof Parts,
): Promise<PlannedResource[]> {
  const { openUnits, nextRun, openPass, kindOf } = parts
  const { run, roots } = await openUnits(source, dataset, ports, options, nextRun)
  const planned: PlannedResource[] = []
  let level = roots.map((unit) => ({ unit, settled: unit.position.settled === run.id, share: 1 }))
  for (const { unit, settled } of level) if (!settled) openPass(unit, run)
  while (level.length > 0) {
    const below: typeof level = []
    for (const { unit, settled, share: above } of level.filter(({ unit }) => unit.active)) {
      const took = unit.position.took?.[kindOf(unit)]
      const share = took === undefined ? above : shareOf(took, options, above)
      const { pass } = unit.position
      const opened = settled ? undefined : pass
      const cost = opened && took && costOf(took, share, opened, await leastOf(unit, run, opened, parts), options)
      planned.push({
        ...describe(unit, opened, run, parts),
        stored: await dataset.count(unit.resource.name),
        ...(cost && { cost }),
      })
      below.push(...unit.children.map((child) => ({ unit: child, settled, share })))
    }
    level = below
  }
  return planned
}

/** Without a pass, the run is done with it. */
function describe(
  { resource, cursor, changesOnly }: Unit,
  pass: Pass | undefined,
  { options }: Run,
  { modeOf, openWindow }: typeof Parts,
) {
  const { name, parent, endpoint } = resource
  const mode = pass?.mode ?? modeOf(resource, options)
  const about = { name, ...(parent !== undefined && { parent }), mode }
  if (pass === undefined) return { ...about, fromPage: 0, done: true as const, cost: { requests: 0, writes: 0 } }
  const { reading, ended, pages } = pass
  const { incremental, token } = endpoint
  const ofParents = parent !== undefined && reading.paging === undefined && incremental !== undefined
  const fresh = ofParents && !changesOnly ? openWindow(incremental, undefined) : {}
  const { start, end }: Window = token !== undefined ? {} : ofParents ? fresh : reading.window
  return {
    ...about,
    fromPage: parent !== undefined || ended ? pages : (reading.paging?.page ?? 0),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(token && parent === undefined && cursor && { delta: true as const }),
  }
}

/** Requests that are sure to come: for the next page, or, of children, for each parent that is noted. */
async function leastOf(
  { resource }: Unit,
  { dataset, options }: Run,
  pass: Pass,
  { systemTable }: typeof Parts,
): Promise<number> {
  if (resource.parent === undefined) return 1
  const room = Math.max(0, (options.limit?.pages ?? Infinity) - pass.pages)
  return pass.spent === undefined ? 0 : Math.min(room, await dataset.count(systemTable.pending(resource.name)))
}
