import { SynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import type { ResourceReport } from '../../report.ts'
import type { CommitResult, TableCounts } from '../../store/dataset.ts'
import { systemTable, writePosition } from './position.ts'
import { newsOf, nextSchema } from './stored-schema.ts'
import { spend } from './took.ts'
import { passOf, type Run, type Unit } from './unit.ts'

/** Besides what the batch holds. */
interface HowToCommit {
  swap?: Record<string, string> | undefined
  /** What the batch deletes counts as swept. Rows that the API has marked as deleted are counted when they come. */
  sweeps?: boolean
}

/**
 * Commits what the batch holds together with the position that vouches for it: the only place where either is written.
 * The counts of the commit go into the report that the position carries.
 */
export async function commitUnit(unit: Unit, run: Run, { swap, sweeps = false }: HowToCommit = {}): Promise<void> {
  const { resource, batch, position, keys } = unit
  const { pass } = position
  const table = sweeps ? resource.name : unit.table
  const add = (report: ResourceReport, tables: CommitResult['tables']) =>
    addCounts(report, (table !== undefined && tables[table]) || NO_ROWS, sweeps)
  // What is staged may never be published.
  if (pass?.mode === 'replace' && keys !== undefined) pass.keys = keys
  const liveKeys = pass?.mode === 'replace' ? unit.liveKeys : keys
  const news = newsOf(unit)
  const rekeyed = JSON.stringify(liveKeys) !== JSON.stringify(unit.liveKeys)
  const schema = news || rekeyed ? nextSchema(unit, liveKeys, news, run) : unit.schema
  if (schema !== undefined && schema !== unit.schema) {
    batch.put(systemTable.schema, new Map([['', { key: resource.name, value: schema as unknown as JsonObject }]]))
  }
  const now = run.ports.now()
  position.report.durationMs += now - unit.since
  unit.since = now
  if (pass) pass.spent = spend(unit, pass)
  const before = structuredClone(position)
  unit.broken = true
  const { version, tables } = await run.dataset.commit({
    unit: resource.name,
    expect: unit.version,
    ...batch.take(),
    ...(swap && { swap }),
    position: (counted) => writePosition({ ...before, report: add(before.report, counted) }),
  })
  unit.broken = false
  unit.version = version
  unit.liveKeys = liveKeys
  unit.schema = schema
  // In place: the meter of the requests under way counts into it.
  Object.assign(position.report, add(position.report, tables))
  unit.committed = { ...position.report }
  const { added, updated, unchanged, deleted } = (table !== undefined && tables[table]) || NO_ROWS
  run.emit({ type: 'commit', resource: resource.name, added, updated, unchanged, deleted })
  if (news && schema?.version !== undefined && schema.hash !== undefined) {
    run.emit({ type: 'schema', resource: resource.name, version: schema.version, hash: schema.hash, ...news })
  }
  if ((tables[systemTable.seen(resource.name)]?.updated ?? 0) > 0) throw keyNotUnique(unit)
}

/** A row was marked as seen under another parent in this pass: one of the two has overwritten the other. */
function keyNotUnique(unit: Unit): SynclineError {
  passOf(unit).refused = true
  const { name, parent, primaryKey } = unit.resource
  return new SynclineError('key_not_unique', `rows of two ${parent} have the same \`${primaryKey.join(', ')}\``, {
    resource: name,
    hint: `Make the key composite: include a key of ${parent} with includeFromParent, and name it in primaryKey too.`,
  })
}

const NO_ROWS: TableCounts = { added: 0, updated: 0, unchanged: 0, deleted: 0 }

function addCounts(report: ResourceReport, counted: TableCounts, sweeps: boolean): ResourceReport {
  return {
    ...report,
    added: report.added + counted.added,
    updated: report.updated + counted.updated,
    unchanged: report.unchanged + counted.unchanged,
    swept: report.swept + (sweeps ? counted.deleted : 0),
  }
}

/** Items of one commit where each brings a few changes. */
const MOST_CHANGES = 1000

/** Does something with each of many items, which brings the batch a few changes, in bounded commits. */
export async function inCommits<T>(
  unit: Unit,
  run: Run,
  items: AsyncIterable<T>,
  change: (item: T) => void,
  sweeps = true,
): Promise<void> {
  let changed = 0
  for await (const item of items) {
    change(item)
    if (++changed % MOST_CHANGES > 0) continue
    await commitUnit(unit, run, { sweeps })
    run.left.requireOpen()
  }
  if (changed % MOST_CHANGES > 0) await commitUnit(unit, run, { sweeps })
}
