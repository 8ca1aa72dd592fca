import type { GenericSchema } from 'valibot'
import type { Auth } from './auth.ts'

/** One way to authenticate, as `index.ts` lists it. */
export interface AuthScheme<Options> {
  /** The name in the config. */
  readonly type: string
  /** Checks the options. */
  readonly options: GenericSchema<Options>
  create(options: Options): Auth
}
