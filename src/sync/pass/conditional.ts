import type { Pass } from '../unit/position.ts'
import type { Run, Unit } from '../unit/unit.ts'

/**
 * Whether an answer 304 may stand for rows in this pass. It has no rows, so there must be nothing that needs them: no
 * sweep, no staged table, no children. And what is stored must still be what the last answer brought: rows of a child
 * that can move from one parent to another may have been overwritten since.
 */
export function mayBeUnmodified({ resource, children }: Unit, { source, options }: Run, pass: Pass): boolean {
  const { endpoint, parent, primaryKey, includeFromParent } = resource
  if (!endpoint.conditional || endpoint.token || children.length > 0 || options.limit) return false
  if (pass.mode !== 'merge' || pass.full || source.client.redirect === 'follow') return false
  if (parent === undefined) return true
  const above = source.resources.flatMap((resource) => (resource.name === parent ? resource.primaryKey : []))
  const included = (key: string) => includeFromParent.includes(key) && primaryKey.includes(`_${parent}_${key}`)
  return above.length > 0 && above.every(included)
}
