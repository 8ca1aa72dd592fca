import { callUser } from '../call-user.ts'
import type { JsonValue } from '../json.ts'
import { evaluatePath, parsePath } from './path.ts'
import { recordsOf, type Selector } from './selector.ts'

/** A selector as users write it in code. `undefined` says that the body is not what was expected. */
export type SelectorFunction = (body: JsonValue) => JsonValue | undefined

/**
 * Makes the selector of a `dataSelector`: a path (see `compilePath`) or a function. As in dlt, a single match is the
 * list of records itself, an object is one record, several matches are the records, and `null` is no records. Where dlt
 * takes a missing place for “no records”, the result is `undefined`, since a renamed key looks the same.
 *
 * @throws `selector_invalid`
 */
export function selectorOf(selector: string | SelectorFunction): Selector {
  if (typeof selector === 'function')
    return (body) => recordsOf(callUser('endpoint.dataSelector', () => selector(body)))
  const steps = parsePath(selector)
  return (body) => {
    const found = evaluatePath(steps, body)
    return found?.length === 1 ? recordsOf(found[0]) : found
  }
}
