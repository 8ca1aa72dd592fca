import { didYouMean, type Path, type Report } from './issues.ts'
import type { MergedResource } from './merge.ts'
import type { Resource } from './resolved.ts'

/** A resource, and the parents that its placeholders name, each with a place where. */
export interface Linked {
  readonly merged: MergedResource
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
  { options, at }: MergedResource,
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

/** A pass that replaces a table must read all of it. Below a resource that is read by a cursor it meets only what is new. */
export function checkReplaced(
  index: number,
  resources: readonly Resource[],
  { at }: MergedResource,
  report: Report,
): void {
  const resource = resources[index]
  if (resource?.write.disposition !== 'replace') return
  const find = (name: string | undefined) => resources.find((each) => each.name === name)
  let above = find(resource.parent)
  while (above !== undefined && !readsWhatIsNew(above)) above = find(above.parent)
  if (above === undefined) return
  report({
    path: at('name'),
    what: `each run would replace the table by what hangs on the rows of \`${above.name}\` that are new`,
    hint: `Set \`primaryKey\`, so that rows are merged, or let \`${above.name}\` do without \`incremental\`.`,
  })
}

function readsWhatIsNew({ endpoint: { incremental, token }, write }: Resource): boolean {
  const follows = token !== undefined || (incremental !== undefined && incremental.endValue === undefined)
  return follows && write.disposition !== 'replace'
}

/** Reported once, at the first of the resources in the circle. */
function checkCycle(
  { name }: MergedResource,
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
