import * as v from 'valibot'
import { matching, name } from '../../config/checks.ts'
import { optionsSchema } from '../../config/options.ts'

/** Options of `header_cursor`. */
export interface HeaderCursorOptions {
  type: 'header_cursor'
  /** The header with the cursor of the next page, in any case. @default 'next' */
  cursorKey?: string
  /** The query parameter for the cursor. @default 'cursor' */
  cursorParam?: string
}

export const headerCursorOptions: v.GenericSchema<HeaderCursorOptions> = optionsSchema<HeaderCursorOptions>()({
  type: v.literal('header_cursor'),
  cursorKey: v.optional(matching(/^[\w!#$%&'*+.^`|~-]+$/, 'the name of a header')),
  cursorParam: v.optional(name),
})
