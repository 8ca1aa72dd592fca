import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'

/** Options of `auto`. In a file of their own, since a config is checked long before `auto.ts` has to be loaded. */
export interface AutoOptions {
  type: 'auto'
}

export const autoOptions: v.GenericSchema<AutoOptions> = optionsSchema<AutoOptions>()({ type: v.literal('auto') })
