import { SynclineError } from '../errors.ts'
import { isJsonObject, type JsonValue, own } from '../json.ts'

/**
 * The common subset of JSONPath, compiled once to a function that finds all matches. A path is made of
 *
 * - `$`, the value itself; optional in front of anything else;
 * - keys: `data.many-items`; any sign but letters, digits, `_` and `-` needs quotes: `['@odata.nextLink']`, `"a.b".c`;
 * - places in a list: `[0]`, and `[-1]` from its end;
 * - every element of a list or value of an object: `[*]`, `.*`;
 * - a key, a place or everything at any depth: `..id`, `..[0]`, `..*`.
 *
 * Only own properties count, a key never matches in a list, and every place is found once, in document order. The work
 * is at most the steps of the path times the size of the value. Filters and slices are in `syncline/jsonpath`.
 *
 * @example
 * compilePath('data[*].id')({ data: [{ id: 1 }, { id: 2 }] }) // [1, 2]
 * @throws `selector_invalid` with the position, counted from 1
 */
export function compilePath(path: string): (value: JsonValue) => JsonValue[] {
  const steps = parsePath(path)
  return (value) => evaluatePath(steps, value) ?? []
}

/** As `compilePath`, but the function finds the first match only: `undefined` if there is none. */
export function firstMatch(path: string): (value: JsonValue | undefined) => JsonValue | undefined {
  const steps = parsePath(path)
  if (steps.some((step) => step.deep || step.pick === ALL)) {
    return (value) => (value === undefined ? undefined : evaluatePath(steps, value)?.[0])
  }
  // The usual case, read once per record for cursors and keys: makes no lists.
  return (value) => {
    let found = value
    for (const { pick } of steps) found = found === undefined ? undefined : child(found, pick)
    return found
  }
}

const ALL = Symbol('*')

/** One step of a path: the key, the place in a list or all of them; at any depth if `deep`. */
export interface Step {
  readonly pick: string | number | typeof ALL
  readonly deep: boolean
}

const LONGEST_PATH = 4096
const ESCAPE = String.raw`\\(?:["'\\/bfnrt]|u[\da-fA-F]{4})`
const QUOTED = String.raw`"(?:[^"\\]|${ESCAPE})*"|'(?:[^'\\]|${ESCAPE})*'`
const STEP = String.raw`(\.\.?)?(?:([\w\u0080-\uffff-]+)|(${QUOTED})|\*|(\[)\s*(?:(0|-?[1-9]\d{0,14})|(${QUOTED})|\*)\s*\])`

/** The steps of a path. */
export function parsePath(path: string): readonly Step[] {
  const steps: Step[] = []
  const step = new RegExp(STEP, 'y')
  const start = /^\$(?![^.[])/.test(path) ? 1 : 0
  step.lastIndex = start
  if (path.length > LONGEST_PATH) throw invalid(path, LONGEST_PATH)
  for (let at = start; at < path.length || (at === 0 && start === 0); at = step.lastIndex) {
    const [all, dots, key, quoted, bracket, index, inBrackets = quoted] = step.exec(path) ?? []
    const separated = at === 0 ? dots !== '.' : dots !== undefined || bracket !== undefined
    if (all === undefined || !separated) throw invalid(path, at)
    const place = index === undefined ? ALL : Number(index)
    steps.push({ pick: key ?? (inBrackets === undefined ? place : unquote(inBrackets)), deep: dots === '..' })
  }
  return steps
}

/**
 * All matches. `undefined` if the value has no such place; an empty list if it has, but there was nothing to be found:
 * `[*]` over empty lists, empty objects and nulls only.
 */
export function evaluatePath(steps: readonly Step[], value: JsonValue): JsonValue[] | undefined {
  let nodes = [value]
  for (const { pick, deep } of steps) {
    const found: JsonValue[] = []
    for (const node of deep ? containers(nodes) : nodes) {
      if (pick === ALL) for (const each of children(node)) found.push(each)
      else {
        const match = child(node, pick)
        if (match !== undefined) found.push(match)
      }
    }
    if (found.length === 0) return pick === ALL && nodes.every(isEmpty) ? [] : undefined
    nodes = found
  }
  return nodes
}

function child(value: JsonValue, pick: Step['pick']): JsonValue | undefined {
  if (typeof pick === 'string') return isJsonObject(value) ? own(value, pick) : undefined
  return typeof pick === 'number' && Array.isArray(value) ? value.at(pick) : undefined
}

function children(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value
  return isJsonObject(value) ? Object.values(value) : []
}

function isEmpty(value: JsonValue): boolean {
  return value === null || (typeof value === 'object' && children(value).length === 0)
}

/** The lists and objects among `nodes` and below them, each once, parents first; without recursion: data may be deep. */
function* containers(nodes: JsonValue[]): Iterable<JsonValue> {
  const seen = new Set<JsonValue>()
  const stack = nodes.slice().reverse()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    yield node
    const below = children(node).filter((each) => typeof each === 'object')
    for (const each of below.reverse()) stack.push(each)
  }
}

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(?:u(.{4})|(.))/g, (_, hex: string | undefined, sign: string) =>
      hex === undefined ? (CONTROLS[sign] ?? sign) : String.fromCharCode(Number.parseInt(hex, 16)),
    )
}

function invalid(path: string, at: number): SynclineError {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path
  return new SynclineError('selector_invalid', `the selector ${shown} cannot be read at position ${at + 1}`, {
    hint: "Keys with other signs than letters, digits, '_' and '-' need quotes, as in ['a.b']. For filters and slices use jsonpath() of syncline/jsonpath.",
  })
}
