import { check, matching } from '../../config/checks.ts'
import { compilePath } from '../../select/path.ts'

/** Entries that the options schemas of several paginators share. */

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

/** More requests at once than this would be too many for any API. */
export const windowEntry = check<number>(
  'a whole number from 1 to 20',
  (input) => Number.isInteger(input) && Number(input) >= 1 && Number(input) <= 20,
)
