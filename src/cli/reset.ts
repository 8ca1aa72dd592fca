import type { Args } from './args.ts'
import { openCopy } from './copy.ts'
import type { ExitCode, Io } from './io.ts'
import { count, plural, printable } from './text.ts'

/** `syncline reset --from <dir>`: says what there is to lose, and with `--yes` forgets it. */
export async function runReset(args: Args, io: Io): Promise<ExitCode> {
  const { store, name, dataset } = await openCopy(args)
  const tables: string[] = []
  let rows = 0
  try {
    for (const table of (await dataset.tables()).filter((table) => !table.startsWith('_'))) {
      const size = await dataset.count(table)
      tables.push(`${table} ${count(size)}`)
      rows += size
    }
  } finally {
    await dataset.close()
  }
  const what = printable(
    `the copy ${name} in ${args.dir}: ${plural(rows, 'row')} (${tables.join(', ') || 'no tables'})`,
  )
  if (!args.yes) {
    io.err(`Nothing was dropped. --yes would drop ${what}, and where each resource is.`)
    return 2
  }
  await store.drop(name)
  await io.out(`Dropped ${what}. The next sync begins from the start.`)
  return 0
}
