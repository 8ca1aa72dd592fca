import { checkConnection } from '../index.ts'
import type { Args } from './args.ts'
import type { ExitCode, Io } from './io.ts'
import { loadConfig } from './load-config.ts'
import { createProgress } from './progress.ts'
import { renderTable } from './table.ts'
import { count, printable, printableJson } from './text.ts'

/** `syncline check <config>` */
export async function runCheck({ positionals, json }: Args, io: Io): Promise<ExitCode> {
  const source = await loadConfig(positionals[0] ?? '', io.env)
  const { onEvent } = createProgress({ err: io.err, terminal: undefined })
  const result = await checkConnection(source, { signal: io.signal, onEvent })
  const notes = () =>
    Object.values(result.resources).flatMap((found) => (found.ok ? [] : printable(found.error.message)))
  const table = () => [
    renderTable(Object.entries(result.resources), [
      { header: 'resource', cell: ([name]) => printable(name) },
      { header: 'ok', cell: ([, { ok }]) => (ok ? 'yes' : 'no') },
      { header: 'records', cell: ([, found]) => (found.ok ? count(found.records) : ''), align: 'right' },
      { header: 'why not', cell: ([, found]) => (found.ok ? '' : found.error.code) },
    ]),
    ...notes(),
  ]
  await io.out(json ? printableJson(result, 2) : table().join('\n'))
  return result.ok ? 0 : 1
}
