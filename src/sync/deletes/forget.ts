import { encodeKey, type Key } from '../../store/key.ts'
import { systemTable } from '../unit/position.ts'
import type { Unit } from '../unit/unit.ts'

/**
 * Deletes a row with what is noted about it. `mourned`: others may hang on it, so it is noted as gone until those are
 * deleted too.
 */
export function forget(
  { batch, resource, children, position }: Unit,
  table: string | undefined,
  key: Key,
  mourned = true,
) {
  const { name, parent } = resource
  if (table !== undefined) batch.delete(table, key)
  if (parent !== undefined) batch.delete(systemTable.parents(name), key)
  batch.delete(systemTable.missing(name), key)
  if (!mourned || children.length === 0) return
  batch.put(systemTable.gone(name), new Map([[encodeKey(key), { key, value: {} }]]))
  position.orphans = true
}
