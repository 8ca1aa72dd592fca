import { posix } from 'node:path'
import { runInNewContext } from 'node:vm'
import { type Import, readSource, type SourceFacts } from './read-source.ts'
import { ADAPTER_LINES, FORBIDDEN, type Room, rooms, WEB_GLOBALS } from './rules.ts'

/** JavaScript's own globals, of a context that has nothing else. */
const SCRIPT_GLOBALS: string[] = runInNewContext('Object.getOwnPropertyNames(globalThis)')

const PORTABLE = new Set([...SCRIPT_GLOBALS, ...WEB_GLOBALS].filter((name) => !Object.hasOwn(FORBIDDEN, name)))

/** Every violation in the files (path to text), one sentence each; empty when all rules hold. */
export function checkFences(files: Readonly<Record<string, string>>): string[] {
  const facts = new Map(Object.entries(files).map(([path, text]) => [path, readSource(path, text)]))
  return [...[...facts].flatMap(([path, fact]) => checkFile(path, fact, facts)), ...findCycles(facts)]
}

function checkFile(path: string, fact: SourceFacts, all: ReadonlyMap<string, SourceFacts>): string[] {
  const name = roomOf(path)
  const room = name === undefined ? undefined : rooms[name]
  if (name === undefined || room === undefined) {
    return [`${path}: belongs to no room. Give it a row in tools/fences/rules.ts.`]
  }
  const problems = [
    ...fact.imports.map((found) => at(path, found.line, importProblem(path, name, room, found, all))),
    ...fact.references.map((found) => at(path, found.line, globalProblem(room, found.name))),
    ...(name === 'src/cli' ? [] : fact.effects.map((found) => at(path, found.line, `${found.name}, at import time`))),
  ]
  if (name.startsWith('adapters') && fact.lines > ADAPTER_LINES) {
    problems.push(`${path}: ${fact.lines} lines, more than the ${ADAPTER_LINES} of an adapter`)
  }
  return problems.filter((problem) => problem !== undefined)
}

function at(path: string, line: number, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${path}:${line}: ${problem}`
}

/** The row of the table that is nearest to a file. */
function roomOf(path: string): string | undefined {
  for (let name = path; name !== '.'; name = posix.dirname(name)) {
    if (Object.hasOwn(rooms, name)) return name
  }
  return undefined
}

function importProblem(
  path: string,
  name: string,
  room: Room,
  { specifier, typeOnly }: Import,
  all: ReadonlyMap<string, SourceFacts>,
): string | undefined {
  if (!specifier.startsWith('.')) return packageProblem(name, room, specifier)
  const target = targetOf(path, specifier)
  if (!all.has(target)) return `${target} does not exist`
  const isIn = (allowed: readonly string[]) => allowed.some((place) => isPart(target, place))
  if (isIn([name, ...room.uses])) return undefined
  const asType = isIn(room.types ?? [])
  if (asType && typeOnly) return undefined
  return `${name} may not import ${asType ? 'more than types from ' : ''}${target}`
}

function isPart(target: string, room: string): boolean {
  return target === room || (target.startsWith(`${room}/`) && !rooms[target]?.standalone)
}

function packageProblem(name: string, { packages = [] }: Room, specifier: string): string | undefined {
  const wanted = specifier.startsWith('node:')
    ? 'node:'
    : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  const allowed = packages.includes(wanted) || (wanted !== 'node:' && packages.includes('*'))
  return allowed ? undefined : `${name} may not import ${specifier}`
}

function globalProblem({ globals = [] }: Room, name: string): string | undefined {
  const [object = name] = name.split('.')
  if (globals.includes(object)) return undefined
  const why = [name, object]
    .map((n) => (Object.hasOwn(FORBIDDEN, n) ? `${n} ${FORBIDDEN[n]}` : undefined))
    .find(Boolean)
  return why ?? (PORTABLE.has(object) ? undefined : `${object} is not a global of every runtime`)
}

function targetOf(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier)
}

/** Circles of imports, types included: files that know each other are one file. */
function findCycles(facts: ReadonlyMap<string, SourceFacts>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push(`a circle of imports: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`)
      return
    }
    if (done.has(path)) return
    done.add(path)
    for (const { specifier } of facts.get(path)?.imports ?? []) {
      if (specifier.startsWith('.')) walk(targetOf(path, specifier), [...trail, path])
    }
  }
  for (const path of facts.keys()) walk(path, [])
  return cycles
}
