import { expect } from 'vitest'
import type { SyncReport } from '../../src/report.ts'

/** The law of counts: every row is accounted for, once. */
export function expectBalance(report: SyncReport | undefined): void {
  for (const [name, counts] of Object.entries(report?.resources ?? {})) {
    const { added, updated, unchanged, deleted, duplicates, filtered, quarantined, rows } = counts
    const sum = added + updated + unchanged + deleted + duplicates + filtered + quarantined
    expect({ name, rows: sum }).toEqual({ name, rows })
  }
}
