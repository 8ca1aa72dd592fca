import * as v from 'valibot'
import { optionsSchema } from '../../config/options.ts'

/** Options of `single_page`. */
export interface SinglePageOptions {
  type: 'single_page'
}

export const singlePageOptions: v.GenericSchema<SinglePageOptions> = optionsSchema<SinglePageOptions>()({
  type: v.literal('single_page'),
})
