import * as v from 'valibot'
import { name } from '../../config/checks.ts'
import { optionsSchema } from '../../config/options.ts'
import { bodyPathEntry, notBoth, pathEntry } from './entries.ts'

/** Options of `cursor`. */
export interface CursorOptions {
  type: 'cursor'
  /** Where a page has the cursor of the next one. @default 'cursors.next' */
  cursorPath?: string
  /** The query parameter for the cursor. @default 'cursor' */
  cursorParam?: string
  /** Where the cursor goes in the JSON body, instead of into the query, such as `page.token`. */
  cursorBodyPath?: string
  /** Whether an empty page is the end, even if it has a cursor. @default false */
  stopAfterEmptyPage?: boolean
  /** Where a page says whether there are more: false is the end, even if there is a cursor. */
  hasMorePath?: string
}

export const cursorOptions: v.GenericSchema<CursorOptions> = v.pipe(
  optionsSchema<CursorOptions>()({
    type: v.literal('cursor'),
    cursorPath: v.optional(pathEntry),
    cursorParam: v.optional(name),
    cursorBodyPath: v.optional(bodyPathEntry),
    stopAfterEmptyPage: v.optional(v.boolean()),
    hasMorePath: v.optional(pathEntry),
  }),
  notBoth<CursorOptions>('cursorParam', 'cursorBodyPath'),
)
