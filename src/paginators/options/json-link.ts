import * as v from 'valibot'
import { optionsSchema } from '../../config/options.ts'
import { pathEntry } from './entries.ts'

/** Options of `json_link`. */
export interface JsonLinkOptions {
  type: 'json_link'
  /** Where a page has the URL of the next one. @default 'next' */
  nextUrlPath?: string
}

export const jsonLinkOptions: v.GenericSchema<JsonLinkOptions> = optionsSchema<JsonLinkOptions>()({
  type: v.literal('json_link'),
  nextUrlPath: v.optional(pathEntry),
})
