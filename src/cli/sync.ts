import { filesystemStore } from '../../adapters/filesystem.ts'
import { isSynclineError, type SyncOptions, type SyncReport, sync } from '../index.ts'
import type { Args } from './args.ts'
import type { ExitCode, Io } from './io.ts'
import { loadConfig } from './load-config.ts'
import { createProgress, type Progress } from './progress.ts'
import { renderReport } from './report-table.ts'
import { printable, printableJson } from './text.ts'

/** `syncline sync <config> --to <dir>` */
export async function runSync(args: Args, io: Io): Promise<ExitCode> {
  const source = await loadConfig(args.positionals[0] ?? '', io.env)
  const progress = args.quiet ? undefined : createProgress(io)
  try {
    const report = await sync(source, filesystemStore(args.dir), optionsOf(args, io, progress))
    progress?.stop()
    await show(report, args, io)
    return report.status === 'needs_confirmation' ? askForConsent(report, args, io) : 0
  } catch (error) {
    progress?.stop()
    if (isSynclineError(error) && error.report !== undefined) await show(error.report, args, io)
    throw error
  }
}

function optionsOf({ full, dataset, resources, limit, confirm }: Args, io: Io, progress?: Progress): SyncOptions {
  return {
    full,
    signal: io.signal,
    ...(progress && { onEvent: progress.onEvent }),
    ...(dataset !== undefined && { dataset }),
    ...(resources !== undefined && { resources }),
    ...(limit !== undefined && { limit: { records: limit } }),
    ...(confirm !== undefined && { confirm }),
  }
}

async function show(report: SyncReport, { json }: Args, io: Io): Promise<void> {
  await io.out(json ? printableJson(report, 2) : renderReport(report))
}

/** A full refresh found that the API has lost a large part of a table: nothing has been deleted yet. */
function askForConsent({ confirm }: SyncReport, { positionals, dir, dataset, resources = [] }: Args, io: Io): ExitCode {
  const same = [dataset && `--dataset ${dataset}`, ...resources.map((name) => `--resource ${name}`)].filter(Boolean)
  const command = ['syncline sync', positionals[0], '--to', dir, ...same, '--full --confirm', confirm].join(' ')
  io.err(`The API no longer has much of what is stored, and nothing was deleted. If that is right, run:`)
  io.err(`  ${printable(command)}`)
  return 1
}
