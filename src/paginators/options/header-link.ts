import * as v from 'valibot'
import { name } from '../../config/checks.ts'
import { optionsSchema } from '../../config/options.ts'

/** Options of `header_link`. */
export interface HeaderLinkOptions {
  type: 'header_link'
  /** The relation of the link to the next page. @default 'next' */
  linksNextKey?: string
}

export const headerLinkOptions: v.GenericSchema<HeaderLinkOptions> = optionsSchema<HeaderLinkOptions>()({
  type: v.literal('header_link'),
  linksNextKey: v.optional(name),
})
