import * as v from 'valibot'
import { compilePath } from '../select/path.ts'

/** Entries that the options schemas of several paginators share. */

/** The name of a query parameter or a header. */
export const nameEntry = v.pipe(v.string(), v.nonEmpty('a name that is not empty'))

/** Where in a body; see `compilePath`. */
export const pathEntry = v.pipe(v.string(), v.check(isPath, 'a path such as meta.total'))

/** Where to write in a JSON body: keys and dots. */
export const bodyPathEntry = v.pipe(
  v.string(),
  v.regex(/^[^.]+(?:\.[^.]+)*$/, 'keys with dots between them, such as page.size'),
)

/** 0, 1, 2, … */
export const countEntry = v.pipe(v.number(), v.safeInteger('a whole number'), v.minValue(0, '0 or more'))

function isPath(path: string): boolean {
  try {
    compilePath(path)
    return true
  } catch {
    return false
  }
}
