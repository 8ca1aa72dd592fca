import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import { headerLink } from './header-link.ts'
import type { Paginator } from './paginator.ts'

/** Options of `auto`. */
export interface AutoOptions {
  type: 'auto'
}

export const autoOptions: v.GenericSchema<AutoOptions> = optionsSchema<AutoOptions>()({ type: v.literal('auto') })

/** Reserved: follows the `Link` header only, until the detection is here. */
export function auto(_options: AutoOptions): Paginator {
  return headerLink({ type: 'header_link' })
}
