import spin from 'yocto-spinner'
import type { ResourceReport, SyncEvent } from '../report.ts'
import type { Io } from './io.ts'
import { count, cut, duration, plural, printable } from './text.ts'

/** Shows what a run does as it happens. */
export interface Progress {
  onEvent(event: SyncEvent): void
  /** Leaves the terminal as it was. */
  stop(): void
}

interface Seen {
  received: number
  total: number | undefined
  note: string
}

/**
 * One line that moves where there is a terminal, and above it, or alone, lines for what is worth keeping: retries,
 * restarts, rows in quarantine, and each resource as it ends.
 */
export function createProgress({ terminal, err }: Pick<Io, 'terminal' | 'err'>): Progress {
  const running = new Map<string, Seen>()
  const spinner = terminal && spin({ stream: terminal, handleSignals: false })
  const draw = () => {
    if (spinner !== undefined) spinner.text = cut(summary(running), (terminal?.columns || 80) - 3)
  }
  return {
    onEvent(event) {
      if (event.type === 'start') spinner?.start('Starting')
      const line = lineOf(event)
      if (line !== undefined) err(line)
      track(running, event)
      draw()
    },
    stop() {
      spinner?.stop()
    },
  }
}

function track(running: Map<string, Seen>, event: SyncEvent): void {
  if (!('resource' in event)) return
  if (event.type === 'resource') {
    running.delete(event.resource)
    return
  }
  const seen = running.get(event.resource) ?? { received: 0, total: undefined, note: '' }
  running.set(event.resource, seen)
  if (event.type === 'page') {
    seen.received = event.received
    seen.total = event.total ?? seen.total
  }
  seen.note = event.type === 'wait' ? ', waiting' : event.type === 'sweep' ? ', looking for deleted rows' : ''
}

function summary(running: ReadonlyMap<string, Seen>): string {
  const parts = [...running].map(([name, { received, total, note }]) => {
    const of = total !== undefined && total >= received ? ` of ${count(total)}` : ''
    return `${printable(name)} ${count(received)}${of}${note}`
  })
  return parts.join(' · ')
}

/** What stays on the screen, and in a log. */
function lineOf(event: SyncEvent): string | undefined {
  switch (event.type) {
    case 'start':
      return event.resumed ? 'Going on where the last run stopped.' : undefined
    case 'retry': {
      const why = event.status === undefined ? event.reason : `status ${event.status}`
      return `${printable(event.resource)}: ${why}, tried again after ${duration(event.waitMs)}`
    }
    case 'restart':
      return `${printable(event.resource)}: starts anew, ${printable(event.why)}`
    case 'quarantine':
      return `${printable(event.resource)}: ${plural(event.rows, 'row')} in quarantine (${event.code})`
    case 'resource':
      return `${printable(event.resource)}: ${ending(event.report)}`
    default:
      return undefined
  }
}

function ending({ status, error, received, pages, durationMs }: ResourceReport): string {
  const done = `${plural(received, 'record')} in ${plural(pages, 'page')}, ${duration(durationMs)}`
  return error === undefined ? `${status}, ${done}` : `${status} (${error.code}) after ${done}`
}
