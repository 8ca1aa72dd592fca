import process from 'node:process'
import { createProgress } from '../../src/cli/progress.ts'
import { type ResourceNames, type SyncOptions, sync } from '../../src/index.ts'
import type { ResourceReport, SyncReport } from '../../src/report.ts'
import type { Store } from '../../src/store/index.ts'
import type { crm } from '../crm.ts'
import type { DemoApi } from '../demo-api/demo-api.ts'
import type { LogEntry } from '../demo-api/handlers.ts'
import { metered } from './metered.ts'

/** One run, and what could be seen of it from outside. */
export interface Run {
  report: SyncReport
  /** Of one resource. */
  of(resource: Name): ResourceReport
  /** What the API was asked meanwhile. */
  requests: LogEntry[]
  bytesWritten: number
}

type Source = ReturnType<typeof crm>
type Name = ResourceNames<Source>

/** Runs syncs with live progress, and looks at the API and at the store while they run. */
export function createRunner(source: Source, plainStore: Store, api: DemoApi) {
  const { store, takeBytesWritten } = metered(plainStore)
  return async (options: Pick<SyncOptions<Name>, 'full' | 'resources'> = {}): Promise<Run> => {
    const asked = api.log.length
    const terminal = process.stderr.isTTY && !process.env.NO_COLOR ? process.stderr : undefined
    const progress = createProgress({ terminal, err: (text) => process.stderr.write(`  ${text}\n`) })
    try {
      const report = await sync(source, store, { ...options, onEvent: progress.onEvent })
      const of = (resource: Name) => report.resources[resource]
      return { report, of, requests: api.log.slice(asked), bytesWritten: takeBytesWritten() }
    } finally {
      progress.stop()
    }
  }
}
