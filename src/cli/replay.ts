import { filesystemStore } from '../../adapters/filesystem.ts'
import { type ReplayedResource, replayQuarantine } from '../index.ts'
import type { Args } from './args.ts'
import type { ExitCode, Io } from './io.ts'
import { loadConfig } from './load-config.ts'
import { renderTable } from './table.ts'
import { count, printable, printableJson } from './text.ts'

const COUNTS = ['records', 'replayed', 'superseded', 'filtered', 'kept'] as const

/** `syncline replay <config> --to <dir>`: 1 where records are still in quarantine. */
export async function runReplay(args: Args, io: Io): Promise<ExitCode> {
  const { positionals, dir, dataset, resources, evolve, json } = args
  const source = await loadConfig(positionals[0] ?? '', io.env)
  const report = await replayQuarantine(source, filesystemStore(dir), {
    signal: io.signal,
    ...(dataset !== undefined && { dataset }),
    ...(resources !== undefined && { resources }),
    ...(evolve && { schemaContract: 'evolve' as const }),
  })
  const lines = Object.entries(report.resources)
  await io.out(json ? printableJson(report, 2) : render(lines))
  return lines.some(([, { kept }]) => kept > 0) ? 1 : 0
}

function render(lines: readonly [string, ReplayedResource][]): string {
  return renderTable(lines, [
    { header: 'resource', cell: ([name]) => printable(name) },
    ...COUNTS.map((name) => ({
      header: name,
      cell: ([, counts]: readonly [string, ReplayedResource]) => count(counts[name]),
      align: 'right' as const,
    })),
  ])
}
