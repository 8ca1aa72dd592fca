import type { Entry } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'
import type * as Parts from '../pass/parts.ts'
import type { Run, Unit } from '../unit/unit.ts'

/**
 * Removes what hangs on rows that were deleted, at any depth: their children, where those are merged, their cursors, and
 * the requests for children that were not made yet. What was done before an interruption is found done.
 */
export async function removeOrphans(unit: Unit, run: Run, parts: typeof Parts): Promise<void> {
  const { position, children, batch, resource } = unit
  if (position.orphans) {
    for (const child of children) await removeChildren(child, unit, run, parts)
    batch.drop(parts.systemTable.gone(resource.name))
    delete position.orphans
    await parts.commitUnit(unit, run)
  }
  for (const child of children) await removeOrphans(child, run, parts)
}

async function removeChildren(child: Unit, parent: Unit, run: Run, parts: typeof Parts): Promise<void> {
  const { cursorKey, forget, inCommits, systemTable } = parts
  const { batch, resource, position } = child
  const { dataset } = run
  const { name, endpoint } = resource
  const before = position.report.swept
  const isGone = async (entries: readonly Entry[], keyOf: (entry: Entry) => Key) => {
    const found = await dataset.getMany(systemTable.gone(parent.resource.name), entries.map(keyOf))
    return entries.filter((_, index) => found[index] !== undefined)
  }
  const gone = flat(dataset.scan(systemTable.gone(parent.resource.name)))
  // A parent that comes back has all its children again, not only those that have changed since.
  if (endpoint.incremental)
    await inCommits(child, run, gone, ({ key }) => batch.delete(systemTable.cursors, cursorKey(child, key)))
  const rows = flat(dataset.scan(systemTable.parents(name)), (entries) =>
    isGone(entries, ({ value }) => value.of as Key),
  )
  await inCommits(child, run, rows, ({ key }) => forget(child, name, key))
  const pending = flat(dataset.scan(systemTable.pending(name)), (entries) =>
    isGone(entries, ({ value }) => value.key as Key),
  )
  await inCommits(child, run, pending, ({ key }) => batch.delete(systemTable.pending(name), key))
  const swept = position.report.swept - before
  if (swept > 0) run.emit({ type: 'sweep', resource: name, swept })
}

async function* flat(
  batches: AsyncIterable<Entry[]>,
  some: (entries: Entry[]) => Entry[] | Promise<Entry[]> = (entries) => entries,
): AsyncGenerator<Entry> {
  for await (const entries of batches) yield* await some(entries)
}
