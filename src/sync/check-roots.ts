import type { ResolvedSource } from '../config/resolved.ts'
import { type ErrorCode, isSynclineError } from '../errors.ts'
import { extractPages } from './extract-pages.ts'
import type { ExtractOptions } from './run/options.ts'
import { rootsOf, scopeOf } from './run/scope.ts'

/** Whether the API answers as the config expects, by resource. */
export interface ConnectionReport {
  ok: boolean
  resources: Record<string, { ok: true; records: number } | { ok: false; error: { code: ErrorCode; message: string } }>
}

/** Reads the first page of every resource in the scope of the options that has no parent. */
export async function checkRoots(source: ResolvedSource, options: ExtractOptions): Promise<ConnectionReport> {
  const report: ConnectionReport = { ok: true, resources: {} }
  for (const { name } of rootsOf(source, scopeOf(source, options))) {
    try {
      let records = 0
      const only = { ...options, resources: [name], limit: { pages: 1 } }
      for await (const page of extractPages(source, only)) records += page.rows.length
      report.resources[name] = { ok: true, records }
    } catch (error) {
      if (!isSynclineError(error)) throw error
      report.ok = false
      report.resources[name] = { ok: false, error: { code: error.code, message: error.message } }
    }
  }
  return report
}
