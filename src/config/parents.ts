import { didYouMean, type Issue, type Path } from './issues.ts'
import type { Merged } from './merge.ts'

type Report = (issue: Issue) => void

/** A resource, and the parents that its placeholders name, each with a place where. */
export interface Linked {
  readonly merged: Merged
  readonly parents: ReadonlyMap<string, Path>
}

/** Names must be unique, and parents must be there, at most one each, and never in a circle. */
export function checkLinks(resources: readonly Linked[], report: Report): void {
  const parentOf = new Map<string, string | undefined>()
  for (const { merged, parents } of resources) {
    const { name, at } = merged
    if (name.startsWith('_'))
      report({ path: at('name'), what: 'a name cannot begin with _', hint: "Those names are Syncline's own." })
    if (parentOf.has(name))
      report({ path: at('name'), what: 'a second resource of this name', hint: 'Names must be unique.' })
    parentOf.set(name, [...parents.keys()][0])
  }
  for (const { merged, parents } of resources) {
    checkParents(merged, parents, [...parentOf.keys()], report)
    checkCycle(merged, parents, parentOf, report)
  }
}

function checkParents(
  { options, at }: Merged,
  parents: Linked['parents'],
  names: readonly string[],
  report: Report,
): void {
  const [first, second] = parents.keys()
  for (const [parent, path] of parents) {
    if (!names.includes(parent))
      report({
        path,
        what: `no resource \`${parent}\``,
        hint: didYouMean(parent, names, `There are: ${names.join(', ')}.`),
      })
  }
  if (second !== undefined) {
    report({
      path: parents.get(second) ?? [],
      what: `two parents, \`${first}\` and \`${second}\``,
      hint: 'A resource can have one.',
    })
  }
  if (first === undefined && options.includeFromParent?.length) {
    report({
      path: at('includeFromParent'),
      what: 'no parent to include from',
      hint: 'Name it in a placeholder: {resources.parent.field}.',
    })
  }
}

/** Reported once, at the first of the resources in the circle. */
function checkCycle(
  { name }: Merged,
  parents: Linked['parents'],
  parentOf: ReadonlyMap<string, string | undefined>,
  report: Report,
): void {
  const names = [...parentOf.keys()]
  const way = [name]
  for (let parent = parentOf.get(name); parent !== undefined && !way.includes(parent); parent = parentOf.get(parent))
    way.push(parent)
  const closes = parentOf.get(way.at(-1) ?? '') === name
  if (!closes || way.some((other) => names.indexOf(other) < names.indexOf(name))) return
  report({ path: [...parents.values()][0] ?? [], what: `a circle of parents: ${[...way, name].join(' -> ')}` })
}
