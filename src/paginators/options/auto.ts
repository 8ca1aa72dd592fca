import * as v from 'valibot'
import { optionsSchema } from '../../config/options.ts'

/** Options of `auto`. */
export interface AutoOptions {
  type: 'auto'
}

export const autoOptions: v.GenericSchema<AutoOptions> = optionsSchema<AutoOptions>()({ type: v.literal('auto') })
