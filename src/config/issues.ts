import type * as v from 'valibot'
import { type ErrorCode, SynclineError } from '../errors.ts'
import { jsonType } from '../json.ts'
import { nearest } from './nearest.ts'

export type Path = readonly (string | number)[]

/** One mistake in a config. Says which option and what was expected, never what the value is. */
export interface Issue {
  readonly path: Path
  readonly what: string
  readonly hint?: string | undefined
  /** @default 'config_invalid' */
  readonly code?: ErrorCode
}

/** Takes the mistakes as they are found: a config is checked to its end. */
export type Report = (issue: Issue) => void

/** How a config spells the options: as ours, or as dlt's. */
export type Spell = (option: string) => string

/** Below these, keys are the user's: the names of parameters, headers and columns, and whatever is in a body. */
const FREE_KEYS = /^(?:params|headers|columns)$/
const FREE_VALUES = /^(?:json|data)$/

/** `resources[1].endpoint.paginator.limit` */
export function pathText(path: Path, spell: Spell = (option) => option): string {
  let text = ''
  for (const [i, key] of path.entries()) {
    const free =
      FREE_KEYS.test(String(path[i - 1])) || path.slice(0, i).some((above) => FREE_VALUES.test(String(above)))
    const name = typeof key === 'number' || free ? key : spell(key)
    if (typeof name === 'string' && /^[\w$-]+$/.test(name)) text += text === '' ? name : `.${name}`
    else text += `[${typeof name === 'number' ? name : JSON.stringify(name)}]`
  }
  return text
}

/** “Did you mean `paginator`?”, or else `otherwise`. */
export function didYouMean(name: unknown, valid: Iterable<string>, otherwise?: string): string | undefined {
  const meant = typeof name === 'string' ? nearest(name, valid) : undefined
  return meant === undefined ? otherwise : `Did you mean \`${meant}\`?`
}

/** What a schema found, in our words. */
export function schemaIssue(issue: v.BaseIssue<unknown>, spell: Spell): Issue {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  if (issue.type === 'never') {
    const valid = issue.message.split(' ').map(spell)
    const name = spell(String(path.at(-1)))
    return { path, what: 'unknown option', hint: didYouMean(name, valid, `Options here: ${valid.join(', ')}.`) }
  }
  // valibot's own messages begin so, and quote the value. Ours say what was expected.
  if (/^Invalid key:/.test(issue.message)) return { path, what: 'missing' }
  const own = !/^Invalid /.test(issue.message)
  const expected = own ? issue.message : (issue.expected ?? 'another value')
  const hint = didYouMean(issue.input, namesIn(expected))
  return { path, what: `expected ${plainly(expected)}${got(issue, expected)}`, hint }
}

/** `("a" | "b")` is a choice: the names in it are what may have been meant. */
const namesIn = (expected: string) => [...expected.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '')

/** valibot's words for types, as users say them. */
const plainly = (expected: string) =>
  expected.replace(/^\((.*)\)$/, '$1').replace(/^(Object|Array)$/, (word) => `an ${word.toLowerCase()}`)

/** The type of what is there instead, where that says more. Never the value: it may be a secret. */
function got({ input, type: check }: v.BaseIssue<unknown>, expected: string): string {
  // The type was right, and something within it is not.
  if (check === 'check') return ''
  const type = Number.isNaN(input) ? 'NaN' : jsonType(input)
  return expected.includes(type) || (type === 'string' && expected.includes('"')) ? '' : `, got ${type}`
}

/** Throws all issues as one error: the first, with the others below it. */
export function throwIssues(issues: readonly Issue[], spell: Spell): void {
  const [first, ...more] = issues
  if (first === undefined) return
  const others = more.map(({ path, what, hint }) => `\n- ${pathText(path, spell)}: ${sentences(what, hint)}`)
  const rest = more.length > 0 && `${more.length} more ${more.length > 1 ? 'mistakes' : 'mistake'}:${others.join('')}`
  const hint = [first.hint, rest].filter(Boolean).join(' ') || undefined
  throw new SynclineError(first.code ?? 'config_invalid', first.what, { path: pathText(first.path, spell), hint })
}

const sentences = (what: string, hint: string | undefined) => (hint === undefined ? `${what}.` : `${what}. ${hint}`)
