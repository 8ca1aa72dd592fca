import type { ResolvedSource } from '../../config/resolved.ts'
import { createHttpClient } from '../../http/client.ts'
import type { Ports } from '../../ports.ts'
import type { SyncEvent } from '../../report.ts'
import type { Dataset } from '../../store/dataset.ts'
import { BudgetLeft } from '../run/budget.ts'
import type { StepOptions } from '../run/options.ts'
import { rootsOf, scopeOf } from '../run/scope.ts'
import type { FindRun, OpenedRun } from '../unit/run.ts'
import { loadUnit, type Run, type Unit } from '../unit/unit.ts'
import { needsNewRun } from './pass.ts'

/** A run, and where its resources without a parent stand. */
export interface OpenUnits extends OpenedRun {
  readonly run: Run
  readonly roots: readonly Unit[]
}

/** Loads what a call works on. `findRun` says in which run that is. */
export async function openUnits(
  source: ResolvedSource,
  dataset: Dataset,
  ports: Ports,
  options: StepOptions,
  findRun: FindRun,
): Promise<OpenUnits> {
  const scope = scopeOf(source, options)
  const shared = {
    source,
    dataset,
    http: createHttpClient(source.client, ports),
    ports,
    options,
    scope,
    left: new BudgetLeft(options.budget ?? {}, ports, () => dataset.usage()),
    emit: (event: SyncEvent) => options.onEvent?.(event),
  }
  const active = rootsOf(source, scope)
  const open = async (anew: boolean) => {
    const opened = await findRun(dataset, active, options, ports, anew)
    const run: Run = { ...shared, id: opened.id }
    return { ...opened, run, roots: await Promise.all(active.map((root) => loadUnit(run, root))) }
  }
  const found = await open(false)
  return found.roots.some((root) => needsNewRun(root, found.run)) ? open(true) : found
}
