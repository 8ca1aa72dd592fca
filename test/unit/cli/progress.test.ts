import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createProgress } from '../../../src/cli/progress.ts'
import type { SyncEvent } from '../../../src/report.ts'
import { resourceReport } from './reports.ts'

function linesOf(events: SyncEvent[]): string[] {
  const lines: string[] = []
  const progress = createProgress({ terminal: undefined, err: (text) => lines.push(text) })
  for (const event of events) progress.onEvent(event)
  progress.stop()
  return lines
}

test('without a terminal, pages are silent and what is worth a line gets one', () => {
  const report = resourceReport({ received: 200, pages: 2, durationMs: 1_500 })
  expect(
    linesOf([
      { type: 'start', dataset: 'crm', run: 2, resources: ['items'], resumed: true },
      { type: 'page', resource: 'items', page: 1, received: 100, total: 200 },
      { type: 'commit', resource: 'items', added: 100, updated: 0, unchanged: 0, deleted: 0 },
      { type: 'retry', resource: 'items', attempt: 2, waitMs: 2_000, reason: 'http_status', status: 503 },
      { type: 'quarantine', resource: 'items', code: 'key_column_missing', rows: 1 },
      { type: 'restart', resource: 'items', why: 'the config changed' },
      { type: 'resource', resource: 'items', report },
    ]),
  ).toEqual([
    'Going on where the last run stopped.',
    'items: status 503, tried again after 2.0 s',
    'items: 1 row in quarantine (key_column_missing)',
    'items: starts anew, the config changed',
    'items: done, 200 records in 2 pages, 1.5 s',
  ])
})

test('on a terminal, one line shows how far each resource is that is being read', () => {
  let shown = ''
  const write = (text: string) => {
    shown += text
    return true
  }
  const terminal = Object.assign(new PassThrough(), { write, columns: 60 }) as unknown as NodeJS.WriteStream
  const progress = createProgress({ terminal, err: () => {} })
  progress.onEvent({ type: 'start', dataset: 'crm', run: 1, resources: ['items', 'users'], resumed: false })
  progress.onEvent({ type: 'page', resource: 'items', page: 1, received: 100, total: 2_000 })
  progress.onEvent({ type: 'page', resource: 'items', page: 2, received: 200, total: 2_000 })
  progress.onEvent({ type: 'page', resource: 'users', page: 1, received: 7 })
  expect(shown).toContain('items 200 of 2,000 · users 7')
  progress.onEvent({ type: 'resource', resource: 'items', report: resourceReport() })
  shown = ''
  progress.onEvent({ type: 'page', resource: 'users', page: 2, received: 9 })
  expect(shown).toContain('users 9')
  expect(shown).not.toContain('items')
  progress.stop()
})

test('names from a config cannot drive the terminal', () => {
  const [line] = linesOf([{ type: 'resource', resource: 'a\u001b[2J', report: resourceReport() }])
  expect(line).not.toContain('\u001b')
})
