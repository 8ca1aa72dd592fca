import type { Resource } from '../../config/resolved.ts'
import { SynclineError } from '../../errors.ts'
import { type JsonObject, own } from '../../json.ts'
import { firstMatch } from '../../select/path.ts'
import type { Entry } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'
import { type Pass, type PendingKey, systemTable } from './position.ts'
import type { Run, Unit } from './unit.ts'

/** A parent whose children have not been fetched: what `_pending` holds. */
export interface Pending {
  readonly key: Key
  /** What the child's placeholders need, by path into the parent's record. */
  readonly bindings: JsonObject
  /** Fields of the parent for each child row, under the name that they get there. */
  readonly fields: JsonObject
}

/**
 * What a parent's rows mean for the resources below it, by table. Committed with the rows, so that no parent is
 * forgotten; in the order of rows, so that reading goes on where it was.
 */
export function planChildren(
  children: readonly Unit[],
  { id, pages }: Pick<Pass, 'id' | 'pages'>,
  entries: Iterable<Entry>,
): Map<string, Map<string, Entry>> {
  const tables = new Map(children.map(({ resource }) => [systemTable.pending(resource.name), new Map<string, Entry>()]))
  if (children.length === 0) return tables
  let index = 0
  for (const { key, value } of entries) {
    const at: PendingKey = [id, pages, index++]
    for (const { resource } of children) {
      const pending: Pending = { key, bindings: bindingsOf(resource, value), fields: fieldsOf(resource, value) }
      const entry = { key: at, value: pending as unknown as JsonObject }
      tables.get(systemTable.pending(resource.name))?.set(at.join('.'), entry)
    }
  }
  return tables
}

/** The values that the child's placeholders take from this row. */
export function bindingsOf(child: Resource, row: JsonObject): JsonObject {
  const bindings = child.bindings.map((path) => {
    const value = firstMatch(path)(row)
    if (value === undefined) throw missing(child, path)
    return [path, value] as const
  })
  return Object.fromEntries(bindings)
}

/** The fields that `includeFromParent` names, as `_<parent>_<field>`. */
export function fieldsOf(child: Resource, row: JsonObject): JsonObject {
  const fields = child.includeFromParent.map((field) => {
    const value = own(row, field)
    if (value === undefined) throw missing(child, field)
    return [`_${child.parent}_${field}`, value] as const
  })
  return Object.fromEntries(fields)
}

function missing(child: Resource, path: string): SynclineError {
  return new SynclineError('parent_field_missing', `a record of ${child.parent} has no \`${path}\``, {
    resource: child.name,
    hint: `Bind to a field that every record of ${child.parent} has, or filter the others out with a processing step.`,
  })
}

/** The parents whose children are still to be fetched, in order. */
export async function* pendingOf({ resource }: Unit, run: Run): AsyncGenerator<{ at: PendingKey; parent: Pending }> {
  for await (const entries of run.dataset.scan(systemTable.pending(resource.name))) {
    for (const { key, value } of entries) yield { at: key as PendingKey, parent: value as unknown as Pending }
  }
}

/** Where the cursor of one parent's children is. */
export function cursorKey({ resource }: Unit, parent: Key): Key {
  return [resource.name, ...[parent].flat()]
}
