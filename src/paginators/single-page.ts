import * as v from 'valibot'
import { optionsSchema } from '../config/options.ts'
import type { Paginator } from './paginator.ts'

/** Options of `single_page`. */
export interface SinglePageOptions {
  type: 'single_page'
}

export const singlePageOptions: v.GenericSchema<SinglePageOptions> = optionsSchema<SinglePageOptions>()({
  type: v.literal('single_page'),
})

/** One request brings everything; links and totals in the response are not looked at. */
export function singlePage(_options: SinglePageOptions): Paginator<Record<never, never>> {
  return {
    start: () => ({}),
    apply: (request) => request,
    next: () => ({ end: 'complete' }),
  }
}
