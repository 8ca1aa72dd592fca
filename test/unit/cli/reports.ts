import type { ResourceReport, SyncReport } from '../../../src/report.ts'

/** A report of a resource that did nothing, complete, with some of it set. */
export function resourceReport(fields: Partial<ResourceReport> = {}): ResourceReport {
  const requests = { requests: 0, retries: 0, waitedMs: 0, pages: 0, received: 0, bytes: 0, durationMs: 0 }
  const rows = { rows: 0, added: 0, updated: 0, unchanged: 0, deleted: 0, duplicates: 0, filtered: 0, quarantined: 0 }
  return { status: 'done', complete: true, ...requests, ...rows, swept: 0, drift: 0, ...fields }
}

export function syncReport(resources: Record<string, ResourceReport>): SyncReport {
  return { dataset: 'crm', run: 1, status: 'done', startedAt: 0, durationMs: 0, resources }
}
