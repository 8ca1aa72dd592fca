import { type ErrorCode, isSynclineError } from '../errors.ts'
import { type ResourceNames, resolve, type Source } from '../source.ts'
import { extract } from './extract.ts'
import type { RunOptions, SelectOptions } from './options.ts'
import { rootsOf, scopeOf } from './scope.ts'

/** Whether the API answers as the config expects, by resource. */
export interface ConnectionReport {
  ok: boolean
  resources: Record<string, { ok: true; records: number } | { ok: false; error: { code: ErrorCode; message: string } }>
}

/**
 * Reads the first page of every resource that has no parent, as dlt's `check_connection`. Nothing is stored, and a
 * failure is a result, not an exception.
 */
export async function checkConnection<S extends Source>(
  source: S,
  options: RunOptions & Pick<SelectOptions<ResourceNames<S>>, 'resources'> = {},
): Promise<ConnectionReport> {
  const resolved = resolve(source)
  const report: ConnectionReport = { ok: true, resources: {} }
  for (const { name } of rootsOf(resolved, scopeOf(resolved, options))) {
    try {
      let records = 0
      const only = { ...options, resources: [name as ResourceNames<S>], limit: { pages: 1 } }
      for await (const page of extract(source, only)) records += page.rows.length
      report.resources[name] = { ok: true, records }
    } catch (error) {
      if (!isSynclineError(error)) throw error
      report.ok = false
      report.resources[name] = { ok: false, error: { code: error.code, message: error.message } }
    }
  }
  return report
}
