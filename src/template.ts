import { SynclineError } from './errors.ts'
import { parsePath } from './select/path.ts'

/** What stands between braces in a template. */
export type Placeholder =
  /** `{name}`: a parameter of the endpoint, for its path. */
  | { readonly kind: 'param'; readonly expression: string; readonly name: string }
  /** `{resources.posts.author.id}`: what the path `author.id` finds in the parent's record. */
  | { readonly kind: 'resource'; readonly expression: string; readonly resource: string; readonly field: string }
  /** `{incremental.start_value}` */
  | { readonly kind: 'incremental'; readonly expression: string; readonly name: string }

/**
 * The placeholders of a text, in order. `{{` and `}}` stand for braces.
 *
 * @throws `config_invalid` for a brace without its partner and for what is no placeholder
 */
export function placeholdersOf(text: string): Placeholder[] {
  return parseTemplate(text).filter((part) => typeof part !== 'string')
}

/**
 * Whether a path leads to one thing rather than a list: its last segment has a placeholder. dlt's rule: such an endpoint
 * is a single page whose whole body is the record, if nothing else is said.
 */
export function isSingleEntityPath(path: string): boolean {
  const segments = path.replaceAll(/\{\{|\}\}/g, '').split('/')
  return /\{[^{}\s]+\}/.test(segments.filter(Boolean).at(-1) ?? '')
}

/** The literal parts and the placeholders of a text, in order. At least one part. */
export function parseTemplate(template: string): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = []
  let literal = ''
  for (let at = 0; at < template.length; at++) {
    const sign = template.charAt(at)
    const doubled = template.charAt(at + 1) === sign
    if ((sign !== '{' && sign !== '}') || doubled) {
      literal += sign
      if (sign === '{' || sign === '}') at++
      continue
    }
    const end = template.indexOf('}', at)
    if (sign === '}' || end < 0) throw templateInvalid(`a single '${sign}' at position ${at + 1}`)
    if (literal) parts.push(literal)
    literal = ''
    parts.push(placeholder(template.slice(at + 1, end), at + 1))
    at = end
  }
  if (literal || parts.length === 0) parts.push(literal)
  return parts
}

function placeholder(expression: string, position: number): Placeholder {
  const [, resource, dot, rest = ''] = /^resources\.([^.[]+)(\.|(?=\[))(.+)$/s.exec(expression) ?? []
  if (resource !== undefined && dot !== undefined) {
    parsePath(rest)
    return { kind: 'resource', expression, resource, field: rest }
  }
  if (/^(?:resources\.|.*[\s{[\]:!])|^$/s.test(expression)) {
    throw templateInvalid(`no placeholder at position ${position}`)
  }
  const name = expression.replace(/^incremental\./, '')
  return { kind: name === expression ? 'param' : 'incremental', expression, name }
}

export function templateInvalid(what: string): SynclineError {
  return new SynclineError('config_invalid', `a template has ${what}`, {
    hint: "Placeholders are {name}, {resources.parent.field} and {incremental.start_value}; write '{{' and '}}' for braces.",
  })
}
