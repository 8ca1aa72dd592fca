import { contractFor } from '../../config/contract.ts'
import type { ResolvedSource, Resource } from '../../config/resolved.ts'
import type { HttpClient } from '../../http/client.ts'
import { loaded } from '../../loaded.ts'
import type { Ports } from '../../ports.ts'
import { emptyReport, type ResourceReport, type SyncEvent } from '../../report.ts'
import { BIT, type InferredTable, impliedBy, widen } from '../../schema/column.ts'
import type { ColumnContract } from '../../schema/contract.ts'
import { Inference, type SchemaNews } from '../../schema/infer.ts'
import { bitOf } from '../../schema/shape.ts'
import { firstMatch } from '../../select/path.ts'
import type { Dataset, Version } from '../../store/dataset.ts'
import type { CursorReader, StoredCursor } from '../incremental/incremental.ts'
import type { TableKeys } from '../rows/entries.ts'
import type { BudgetLeft } from '../run/budget.ts'
import type { StepOptions } from '../run/options.ts'
import type { Scope } from '../run/scope.ts'
import { Batch } from './batch.ts'
import { newPosition, type Pass, type Position, readPosition, systemTable } from './position.ts'

/** What all units of a step share. */
export interface Run {
  readonly id: number
  readonly source: ResolvedSource
  readonly dataset: Dataset
  readonly http: HttpClient
  readonly ports: Ports
  readonly options: StepOptions
  readonly scope: Scope
  readonly left: BudgetLeft
  emit(event: SyncEvent): void
}

/**
 * One resource while a step works on it: its position, what the next commit will bring, and the resources below it.
 * A unit is sequential: page after page, committed in their order.
 */
export interface Unit {
  readonly resource: Resource
  readonly children: readonly Unit[]
  /** False: not asked for in this run. Its parents are noted as pending, but not worked on. */
  readonly active: boolean
  readonly readCursor: CursorReader | undefined
  /** Of its own, or of a resource above: rows whose parents stay for the time being stay as well. */
  readonly twoStrike: boolean
  /** As the next commit will leave it. */
  readonly position: Position
  version: Version
  /** Pages that the pass had read before this step; undefined when it had not begun. */
  readonly pagesBefore: number | undefined
  /** When the time that no commit has counted began. */
  since: number
  /** A commit failed: what is in memory is ahead of the store, and must not be committed any more. */
  broken: boolean
  /** The report as of the last commit: what there is to say when one has failed. */
  committed: ResourceReport
  readonly batch: Batch
  /** Requests of the report that the pass has counted as spent. */
  counted: number
  /** The pass reads what has changed since an earlier one: other than one that reads all there is, for `plan`. */
  changesOnly: boolean
  /** Where the rows of the pass go; undefined where they are only read for the sake of the children. */
  table: string | undefined
  /** The stored cursor that applies: of the resource, or of the parent whose children are being read. */
  cursor: StoredCursor | undefined
  /** The API refused the sync token in this pass, after so many pages: all is read again. */
  renewed?: number
  readonly inference: Inference
  /** Where `columns` or `schemaContract` have a say. */
  readonly contract: ColumnContract | undefined
  /** As the store has it. */
  schema: StoredSchema | undefined
  /** How the rows of the table that the pass writes are keyed; undefined while it has none. */
  keys: TableKeys | undefined
  /** How those of the live table are, as the store has it. */
  liveKeys: TableKeys | undefined
}

/** What `_schema` holds of a table. */
export interface StoredSchema extends InferredTable {
  keys?: TableKeys
  /** Counts up with every commit that changes what is known. Absent in what was stored before there were versions. */
  version?: number
  /** The same for the same knowledge, whatever the order in which it came. */
  hash?: string
  /** The last run that learned something, and what. In this row, since a position may not grow. */
  diff?: SchemaNews & { run: number }
}

/** Loads a resource and those below it that are, or may once be, synced. */
export async function loadUnit(run: Run, resource: Resource, above = false): Promise<Unit> {
  const { dataset, source, scope } = run
  const below = source.resources.filter(({ name, parent }) => parent === resource.name && scope.wanted.has(name))
  const { value, version } = await dataset.position(resource.name)
  const stored = (await dataset.get(systemTable.schema, resource.name)) as StoredSchema | undefined
  const position = structuredClone(readPosition(value)) ?? newPosition(resource.fingerprint)
  if (position.run !== run.id) {
    position.run = run.id
    position.report = emptyReport()
  }
  const { incremental } = resource.endpoint
  const inference = new Inference(stored)
  const twoStrike = above || resource.write.twoStrike
  return {
    resource,
    children: await Promise.all(below.map((child) => loadUnit(run, child, twoStrike))),
    active: scope.active.has(resource.name),
    readCursor: incremental && firstMatch(incremental.cursorPath),
    twoStrike,
    position,
    version,
    pagesBefore: position.pass?.pages,
    since: run.ports.now(),
    broken: false,
    committed: { ...position.report },
    batch: new Batch(),
    counted: position.report.requests,
    changesOnly: false,
    table: undefined,
    cursor: undefined,
    inference,
    contract: await contractOf(resource, run, position, inference),
    schema: stored,
    keys: stored?.keys,
    liveKeys: stored?.keys,
  }
}

/** The first load of a table is free: a contract holds from the first complete pass with rows on. */
async function contractOf(resource: Resource, { options }: Run, { contracted }: Position, inference: Inference) {
  const { columns, dataType } = contractFor(resource, options.schemaContract)
  const modes = contracted && (columns !== 'evolve' || dataType !== 'evolve') ? { columns, dataType } : undefined
  if (!modes && !Object.values(resource.columns).some((hint) => hint.dataType)) return undefined
  const { ColumnContract } = await loaded(import('../../schema/contract.ts'))
  return new ColumnContract(resource, inference, modes, { BIT, bitOf, impliedBy, widen })
}

/** This unit and all below it, children first. */
export function descend(unit: Unit): Unit[] {
  return [...unit.children.flatMap(descend), unit]
}

/** The pass that is under way. */
export function passOf({ position, resource }: Unit): Pass {
  /* v8 ignore if -- @preserve: `openPass` begins one for every unit that is worked on; the types cannot say so */
  if (position.pass === undefined) throw new TypeError(`no pass of ${resource.name} is under way`)
  return position.pass
}
