import { JSONPathEnvironment, JSONPathError, JSONPathQuery, jsonpath as p3 } from 'json-p3'
import { SynclineError } from '../errors.ts'
import { type JsonValue, MAX_JSON_DEPTH } from '../json.ts'
import { recordsOf, type Selector } from './selector.ts'

export type { Selector }

/** Options of `jsonpath`. */
export interface JsonPathOptions {
  /**
   * Allows the functions `match` and `search`. Their regular expressions run in the engine of the platform, which has no
   * limit of time: only for patterns that you wrote yourself. @default false
   */
  regexp?: boolean
}

const { InfixExpression, PrefixExpression } = p3.expressions

const VISITS_PER_VALUE = 10
const MOST_VISITS = 5_000_000
/** Enough for any small body: it need not be counted. */
const FREE_VISITS = 10_000
const LONGEST_EXPRESSION = 4096

/**
 * A `dataSelector` in full JSONPath (RFC 9535): filters, slices, unions, functions. Needs the package `json-p3`. What is
 * found becomes records as with the paths of the core. A query with filters or slices that finds nothing is an empty
 * page if the list that it looks through is there.
 *
 * A page may cost ten visits for each of its values and at most five million; then it is `selector_budget`.
 *
 * @example
 * import { jsonpath } from 'syncline/jsonpath'
 *
 * endpoint: { path: '/v1/orders', dataSelector: jsonpath('$.orders[?@.status != "draft"]') }
 *
 * @throws `selector_invalid` when it is made
 */
export function jsonpath(expression: string, { regexp = false }: JsonPathOptions = {}): Selector {
  const query = compile(environmentOf(regexp), expression)
  const run = meterQuery(query)
  const isEmptyIn = emptiness(query)
  return (body) => {
    const found = run(body)
    if (found.length === 0) return isEmptyIn(body) ? [] : undefined
    return found.length === 1 ? recordsOf(found[0]) : found
  }
}

function environmentOf(regexp: boolean): JSONPathEnvironment {
  const environment = new JSONPathEnvironment({ maxRecursionDepth: MAX_JSON_DEPTH })
  const functions = environment.functionRegister
  if (!regexp) for (const name of ['match', 'search']) functions.delete(name)
  // RFC 9535, 2.4.4 counts characters, json-p3 UTF-16 units.
  const length = functions.get('length')
  const call = (value: unknown) => length?.call(typeof value === 'string' ? value.replace(PAIRS, '_') : value)
  if (length) functions.set('length', { argTypes: length.argTypes, returnType: length.returnType, call })
  return environment
}

const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/g

function compile(environment: JSONPathEnvironment, expression: string): JSONPathQuery {
  if (expression.length > LONGEST_EXPRESSION) throw invalid(expression, LONGEST_EXPRESSION)
  try {
    const query = environment.compile(expression)
    for (const part of partsOf(query)) requireOperands(part)
    return query
  } catch (error) {
    throw invalid(expression, error instanceof JSONPathError ? error.token.index : 0)
  }
}

/** json-p3 reads `!@.a == 1` and `@.a == 1 == 2`, which the RFC does not have: they could mean one thing or another. */
function requireOperands(part: object): void {
  if (!(part instanceof InfixExpression) || part.logical) return
  for (const side of [part.left, part.right]) {
    if (side instanceof InfixExpression || side instanceof PrefixExpression) {
      throw new JSONPathError('a comparison has no comparison within', side.token)
    }
  }
}

/**
 * Tells, for a body in which nothing was found, whether that is no records or not the body that was expected: the part
 * of the query before its first wildcard, slice or filter must lead to a list, an object or null. It must be empty if
 * nothing in the query leaves values out.
 */
function emptiness({ environment, segments }: JSONPathQuery): (body: JsonValue) => boolean {
  const { NameSelector, IndexSelector, WildcardSelector, FilterSelector, SliceSelector } = p3.selectors
  const at = segments.findIndex(({ selectors }) =>
    selectors.some((each) => !(each instanceof NameSelector || each instanceof IndexSelector)),
  )
  const way = new JSONPathQuery(environment, segments.slice(0, Math.max(at, 0)))
  const choosy = segments.some(({ selectors }) =>
    selectors.some((each) => each instanceof FilterSelector || each instanceof SliceSelector),
  )
  const wild = segments[at]?.selectors.every((each) => each instanceof WildcardSelector) ?? false
  return (body) => {
    if (at < 0 || !(choosy || wild)) return false
    const found = Array.from(way.lazyQuery(body), ({ value }) => value)
    if (found.length === 0 || found.some((value) => typeof value !== 'object')) return false
    return choosy || found.every((value) => Object.keys(value ?? {}).length === 0)
  }
}

function invalid(expression: string, at: number): SynclineError {
  const shown = expression.length > 100 ? `${expression.slice(0, 100)}…` : expression
  return new SynclineError('selector_invalid', `the JSONPath ${shown} cannot be read at position ${at + 1}`, {
    hint: 'RFC 9535 is the reference. The functions match and search need { regexp: true }.',
  })
}

type Spend = (visits: number) => void

/**
 * Runs a query, but stops it with `selector_budget` when it visits more than ten times the values of the body. Every
 * selector in the query, in its filters too, is made to count the values that it is applied to.
 */
function meterQuery(query: JSONPathQuery): (body: JsonValue) => JsonValue[] {
  let visits = 0
  let limit = 0
  let root: JsonValue = null
  const spend: Spend = (more) => {
    visits += more
    if (visits <= limit) return
    if (limit === FREE_VISITS) limit = Math.max(FREE_VISITS, Math.min(MOST_VISITS, VISITS_PER_VALUE * sizeOf(root)))
    if (visits > limit) throw exhausted()
  }
  for (const part of partsOf(query)) {
    if (part instanceof p3.JSONPathSelector) countVisits(part, spend)
    if (part instanceof InfixExpression && !part.logical) countComparisons(part, spend)
  }
  return (body) => {
    visits = 0
    limit = FREE_VISITS
    root = body
    try {
      return Array.from(query.lazyQuery(body), ({ value }) => value as JsonValue)
    } catch (error) {
      // Else the body is too deep: for the limit of descents, or for the stack.
      throw error instanceof SynclineError ? error : exhausted()
    } finally {
      root = null
    }
  }
}

/** The parts of a compiled query, those of the queries within it too. */
function* partsOf(part: unknown): Iterable<object> {
  if (typeof part !== 'object' || part === null) return
  yield part
  for (const [name, each] of Object.entries(part)) if (name !== 'environment' && name !== 'token') yield* partsOf(each)
}

function countVisits(selector: p3.JSONPathSelector, spend: Spend): void {
  const resolve = selector.resolve.bind(selector)
  const one = selector instanceof p3.selectors.NameSelector || selector instanceof p3.selectors.IndexSelector
  selector.resolve = (node) => {
    const children = one ? 0 : childCount(node.value)
    // json-p3 copies the way to each value that it visits, so that deep ones cost more.
    spend((1 + children) * (1 + (node.location.length >> 3)))
    return resolve(node)
  }
}

/** Lists and objects are compared as a whole, for each value that a filter looks at. */
function countComparisons(comparison: InstanceType<typeof InfixExpression>, spend: Spend): void {
  const evaluate = comparison.evaluate.bind(comparison)
  comparison.evaluate = (context) => {
    const [left, right] = [comparison.left, comparison.right].map((side) => {
      const value = side.evaluate(context)
      return value instanceof p3.JSONPathNodeList ? value.nodes[0]?.value : value
    })
    if (childCount(left) > 0 && childCount(right) > 0 && left !== right) spend(sizeOf(left))
    return evaluate(context)
  }
}

function childCount(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Array.isArray(value) ? value.length : Object.keys(value).length
}

/** The values in a value, itself included. */
function sizeOf(value: unknown): number {
  let size = 0
  const stack = [value]
  while (stack.length > 0 && size < MOST_VISITS) {
    const each = stack.pop()
    size++
    if (typeof each === 'object' && each !== null) for (const child of Object.values(each)) stack.push(child)
  }
  return size
}

function exhausted(): SynclineError {
  return new SynclineError('selector_budget', 'the JSONPath visits too many values of this response', {
    hint: 'Name the way to the records instead of searching with .., or select with a function.',
  })
}
