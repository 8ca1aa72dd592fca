import * as v from 'valibot'
import { check, matching } from '../../config/checks.ts'
import { compilePath } from '../../select/path.ts'

/** What the options schemas of several paginators share. */

/** Where in a body; see `compilePath`. */
export const pathEntry = check<string>('a path such as meta.total', isPath)

/** Where to write in a JSON body: keys and dots. */
export const bodyPathEntry = matching(/^[^.]+(?:\.[^.]+)*$/, 'keys with dots between them, such as page.size')

function isPath(path: unknown): boolean {
  try {
    return typeof path === 'string' && compilePath(path) !== undefined
  } catch {
    return false
  }
}

/** The largest window: more requests at once would be too many for any API. */
export const MOST_PAGES = 20

export const windowEntry = check<number>(
  `a whole number from 1 to ${MOST_PAGES}`,
  (input) => Number.isInteger(input) && Number(input) >= 1 && Number(input) <= MOST_PAGES,
)

/** A parameter goes to one place. */
export const notBoth = <Options>(param: keyof Options & string, bodyPath: keyof Options & string) =>
  v.check<Options, string>((options) => !(options[param] && options[bodyPath]), `${param} or ${bodyPath}, not both`)

interface EndRules {
  totalPath?: string | null
  stopAfterEmptyPage?: boolean
  hasMorePath?: string
}

/** Numbers have no last one: a rule must end the pages. */
export const endsByRule = <Options extends EndRules>(maximum: keyof Options & string) =>
  v.check<Options, string>(
    (options) =>
      options.totalPath !== null ||
      options.stopAfterEmptyPage !== false ||
      !!options.hasMorePath ||
      options[maximum] !== undefined,
    `a rule that ends the pages: totalPath, stopAfterEmptyPage, hasMorePath or ${maximum}`,
  )
