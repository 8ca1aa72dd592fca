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
  /** Default: `config_invalid`. */
  readonly code?: ErrorCode
}

/** `resources[1].endpoint.paginator.limit` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    if (!/^[\w$-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** “Did you mean `paginator`?”, or else `otherwise`. */
export function didYouMean(name: unknown, valid: Iterable<string>, otherwise?: string): string | undefined {
  const meant = typeof name === 'string' ? nearest(name, valid) : undefined
  return meant === undefined ? otherwise : `Did you mean \`${meant}\`?`
}

/** What a schema found, in our words. */
export function schemaIssue(issue: v.BaseIssue<unknown>): Issue {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  if (issue.type === 'never') {
    const valid = issue.message.split(' ')
    return { path, what: 'unknown option', hint: didYouMean(path.at(-1), valid, `Options here: ${valid.join(', ')}.`) }
  }
  if (issue.received === 'undefined') return { path, what: 'missing' }
  const own = /^Expected /.test(issue.message) || issue.type === 'custom'
  const expected = own ? issue.message.replace(/^Expected /, '') : (issue.expected ?? 'another value')
  const hint = didYouMean(issue.input, namesIn(expected))
  return { path, what: `expected ${plainly(expected)}${got(issue, expected)}`, hint }
}

/** `("a" | "b")` is a choice: the names in it are what may have been meant. */
const namesIn = (expected: string) => [...expected.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '')

/** valibot's words for types, as users say them. */
const plainly = (expected: string) =>
  expected.replace(/^\((.*)\)$/, '$1').replace(/^(Object|Array)$/, (word) => `an ${word.toLowerCase()}`)

/** The type of what is there instead, unless it is the right one. Never the value: it may be a secret. */
function got({ input }: v.BaseIssue<unknown>, expected: string): string {
  const type = Number.isNaN(input) ? 'NaN' : jsonType(input)
  return expected.includes(type) || expected.includes('"') === (type === 'string') ? '' : `, got ${type}`
}

/** Throws all issues as one error; its path and its code are those of the first. */
export function throwIssues(issues: readonly Issue[]): void {
  const [first, ...more] = issues
  if (first === undefined) return
  const { path, what, hint, code = 'config_invalid' } = first
  if (more.length === 0) throw new SynclineError(code, what, { path: pathText(path), hint })
  const lines = issues.map(
    (issue) => `\n- ${pathText(issue.path)}: ${issue.what}.${issue.hint ? ` ${issue.hint}` : ''}`,
  )
  throw new SynclineError(code, `the config has ${issues.length} mistakes:${lines.join('')}\nthe first`, {
    path: pathText(path),
  })
}
