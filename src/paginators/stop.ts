import { SynclineError } from '../errors.ts'
import type { JsonValue } from '../json.ts'
import { firstMatch } from '../select/path.ts'
import type { Next, Page } from './paginator.ts'

/**
 * Reads a total: a whole number or its digits as text. With `lenient`, anything else is `undefined` instead of an error.
 *
 * @throws `paginator_missing_total` if it is `required` and there is none
 * @throws `paginator_bad_total` for anything else, negative numbers included
 */
export function totalReader(
  path: string | null,
  required: boolean,
): (page: Page, lenient?: boolean) => number | undefined {
  if (path === null) return () => undefined
  const find = firstMatch(path)
  return ({ body }, lenient = false) => {
    const found = find(body) ?? undefined
    if (found === undefined) {
      // A page without a body (204) is an empty page: it has nothing to read a total from.
      if (!required || lenient || body === undefined) return undefined
      throw new SynclineError('paginator_missing_total', `the page has no total at ${path}`, {
        hint: 'Correct totalPath, or set it to null if the API gives no total: pages are then read until one is empty.',
      })
    }
    const total = typeof found === 'string' && /^\s*\d+\s*$/.test(found) ? Number(found) : found
    if (typeof total === 'number' && Number.isSafeInteger(total) && total >= 0) return total
    if (lenient) return undefined
    throw new SynclineError('paginator_bad_total', `the total at ${path} is not a whole number of 0 or more`, {
      hint: 'Set totalPath to where the total is, or to null if the API gives none.',
    })
  }
}

const TRUE = /^(?:true|yes|y|t|1)$/i
const FALSE = /^(?:false|no|n|f|0)$/i

/**
 * Reads whether there are more pages: a boolean or one of the words true, yes, y, t, 1, false, no, n, f, 0. With
 * `lenient`, anything else is `undefined` instead of an error.
 *
 * @throws `paginator_missing_has_more`, `paginator_bad_has_more`
 */
export function hasMoreReader(path: string | undefined): (page: Page, lenient?: boolean) => boolean | undefined {
  if (path === undefined) return () => undefined
  const find = firstMatch(path)
  return ({ body }, lenient = false) => {
    if (body === undefined) return false
    const found = find(body) ?? undefined
    const value = asBoolean(found)
    if (value !== undefined || lenient) return value
    if (found === undefined) {
      throw new SynclineError('paginator_missing_has_more', `the page has nothing at ${path}`, {
        hint: 'Correct hasMorePath, or leave it out if the API does not say on every page whether there are more.',
      })
    }
    throw new SynclineError('paginator_bad_has_more', `what is at ${path} is neither true nor false`, {
      hint: 'Correct hasMorePath: it must lead to true or false, as a boolean or as text.',
    })
  }
}

function asBoolean(value: JsonValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  return TRUE.test(value) || (FALSE.test(value) ? false : undefined)
}

/**
 * The end of the pages. An API that says at the same time that there are more has contradicted itself, so nothing is
 * proved.
 */
export function endUnless(hasMore: boolean | undefined): Next<never> {
  return { end: hasMore === true ? 'unproved' : 'complete' }
}
