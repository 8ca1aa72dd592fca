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
    return { path, what: 'unknown option', hint: didYouMean(path.at(-1), valid, `There are: ${valid.join(', ')}.`) }
  }
  const expected = issue.kind === 'schema' && issue.type !== 'custom' ? (issue.expected ?? '') : issue.message
  if (issue.input === undefined || isMissingKey(issue)) return { path, what: 'missing' }
  return {
    path,
    what: `expected ${plainly(expected)}, got ${got(issue.input)}`,
    hint: nearestOf(issue.input, expected),
  }
}

/** An object schema reports a key that is not there by the key's name, with the object as input. */
const isMissingKey = (issue: v.BaseIssue<unknown>) => issue.received === 'undefined'

/** `("a" | "b")` is a choice: the names in it are what may have been meant. */
const nearestOf = (input: unknown, expected: string) =>
  didYouMean(
    input,
    [...expected.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? ''),
  )

/** valibot's words for types, as users say them. */
const plainly = (expected: string) =>
  expected.replace(/^\((.*)\)$/, '$1').replace(/^(Object|Array)$/, (word) => `an ${word.toLowerCase()}`)

const got = (input: unknown) => (Number.isNaN(input) ? 'NaN' : input instanceof Date ? 'a Date' : jsonType(input))

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
