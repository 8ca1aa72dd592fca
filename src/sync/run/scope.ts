import { nearest } from '../../config/nearest.ts'
import type { ResolvedSource, Resource } from '../../config/resolved.ts'
import { SynclineError } from '../../errors.ts'
import type { SyncOptions } from './options.ts'

/** Which resources a run has to do with. */
export interface Scope {
  /** Rows are kept, of these or of a resource below: their parents are noted when a page of parents is committed. */
  readonly wanted: ReadonlySet<string>
  /** Worked on in this run: those that were asked for, and the parents that they need. */
  readonly active: ReadonlySet<string>
}

/** Throws `config_invalid` for a resource that the source does not have. */
export function scopeOf(
  { resources }: ResolvedSource,
  options: Pick<SyncOptions, 'resources' | 'writeDisposition'>,
): Scope {
  const names = resources.map(({ name }) => name)
  for (const name of options.resources ?? []) {
    if (!names.includes(name)) throw unknown(name, names)
  }
  const kept = resources.filter((resource) => isStored(resource, options))
  const asked = kept.filter(({ name }) => options.resources?.includes(name) ?? true)
  return { wanted: withParents(kept, resources), active: withParents(asked, resources) }
}

/** Whether the rows of a resource are kept. */
export function isStored(
  { selected, write }: Resource,
  { writeDisposition }: Pick<SyncOptions, 'writeDisposition'>,
): boolean {
  return selected && (writeDisposition ?? write.disposition) !== 'skip'
}

/** The resources without a parent that a run works on: each with all below it is worked on by itself. */
export function rootsOf({ resources }: ResolvedSource, { active }: Scope): Resource[] {
  return resources.filter(({ name, parent }) => parent === undefined && active.has(name))
}

function withParents(some: readonly Resource[], all: readonly Resource[]): Set<string> {
  const names = new Set<string>()
  const add = (resource: Resource | undefined) => {
    if (resource === undefined) return
    names.add(resource.name)
    add(all.find(({ name }) => name === resource.parent))
  }
  some.forEach(add)
  return names
}

function unknown(name: string, names: readonly string[]): SynclineError {
  const near = nearest(name, names)
  return new SynclineError('config_invalid', `there is no resource \`${name}\` in this source`, {
    path: 'options.resources',
    hint: near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean \`${near}\`?`,
  })
}
