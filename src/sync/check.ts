import { loaded } from '../loaded.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import type { ConnectionReport } from './check-roots.ts'
import type { RunOptions, SelectOptions } from './run/options.ts'

/**
 * Reads the first page of every resource that has no parent, as dlt's `check_connection`. Nothing is stored, and a
 * failure is a result, not an exception.
 */
export async function checkConnection<S extends Source<object>>(
  source: S,
  options: RunOptions & Pick<SelectOptions<ResourceNames<S>>, 'resources'> = {},
): Promise<ConnectionReport> {
  const { checkRoots } = await loaded(import('./engine.ts'))
  return checkRoots(resolve(source), options)
}
