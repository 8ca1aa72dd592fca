import type { ResourceReport, SyncReport } from '../report.ts'
import { type Column, renderTable } from './table.ts'
import { count, duration, printable } from './text.ts'

type Line = [resource: string, report: ResourceReport]
type Count = { [K in keyof ResourceReport]-?: ResourceReport[K] extends number ? K : never }[keyof ResourceReport]

/** Counts that a row of the table always has. */
const ALWAYS: readonly Count[] = ['requests', 'pages', 'received', 'added', 'updated', 'unchanged']

/** Counts that make a column only where a resource has some. */
const WHERE_ANY: readonly Count[] = ['retries', 'deleted', 'swept', 'filtered', 'duplicates', 'quarantined', 'drift']

/** What a run did, one line for each resource; below it, why a resource did not come to its end. */
export function renderReport(report: SyncReport): string {
  // Resources that were not asked for say nothing.
  const lines: Line[] = Object.entries(report.resources).filter(([, { status }]) => status !== 'skipped')
  const counts = [...ALWAYS, ...WHERE_ANY.filter((name) => lines.some(([, resource]) => resource[name] > 0))]
  const table = renderTable(lines, [
    { header: 'resource', cell: ([name]) => printable(name) },
    { header: 'status', cell: ([, resource]) => statusOf(resource) },
    ...counts.map(countColumn),
    { header: 'time', cell: ([, resource]) => duration(resource.durationMs), align: 'right' },
  ])
  return [table, ...lines.flatMap(noteOn)].join('\n')
}

function noteOn([name, { error, incomplete, unswept }]: Line): string[] {
  const why = [incomplete && `not complete, ${incomplete}`, unswept && `deleted rows stay, ${unswept}`]
  const notes = why.flatMap((text) => (text ? [printable(`${name}: ${text}`)] : []))
  // An error's message begins with the name of its resource.
  return error === undefined ? notes : [printable(error.message), ...notes]
}

function countColumn(name: Count): Column<Line> {
  return { header: name, cell: ([, resource]) => count(resource[name]), align: 'right' }
}

function statusOf({ status, error, complete }: ResourceReport): string {
  if (error !== undefined) return `${status}: ${error.code}`
  return status === 'done' && !complete ? 'done, not complete' : status
}
