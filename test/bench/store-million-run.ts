/** Runs in a process of its own with little memory. `store-million.ts` starts it and reads its last line. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystemStore } from '../../adapters/filesystem.ts'
import type { Dataset } from '../../src/store/index.ts'
import { bytesOf, changed, commit, load } from './records.ts'

const FEW = 10_000
const MANY = Number(process.env.RECORDS ?? 1_000_000)
const MERGES = 200

/** Of so many merges of 1,000: bytes written per changed byte, and how long each took. */
async function merges(dataset: Dataset, stored: number) {
  const bytes: number[] = []
  const times: number[] = []
  for (let version = 1; version <= MERGES; version++) {
    const rows = changed(1000, stored, version)
    const before = dataset.usage().bytesWritten
    const start = performance.now()
    const { tables } = await commit(dataset, rows)
    times.push(performance.now() - start)
    bytes.push((dataset.usage().bytesWritten - before) / bytesOf(rows))
    if (tables.rows?.updated !== rows.length) throw new Error(`${tables.rows?.updated} rows updated`)
  }
  return { bytes, times }
}

async function play(rows: number) {
  const dir = await mkdtemp(join(tmpdir(), 'syncline-bench-'))
  try {
    const store = filesystemStore(dir, { durability: 'process' })
    const dataset = await store.open('bench')
    const start = performance.now()
    await dataset.lease(() => load(dataset, rows)) // with the lease, garbage is removed meanwhile
    const loaded = performance.now() - start
    const merged = await dataset.lease(() => merges(dataset, rows))
    const fresh = await store.open('bench')
    const before = fresh.usage().operations
    const keys = changed(100, rows, 77).map(({ key }) => key)
    const from = performance.now()
    for (const key of keys) if ((await fresh.get('rows', key)) === undefined) throw new Error('A row is lost')
    const got = {
      ms: (performance.now() - from) / keys.length,
      operations: (fresh.usage().operations - before) / keys.length,
    }
    let seen = 0
    const since = performance.now()
    for await (const batch of fresh.scan('rows')) seen += batch.length
    if (seen !== rows) throw new Error(`${seen} of ${rows} rows`)
    return { loaded, merged, got, scanned: performance.now() - since }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const few = await play(FEW)
const many = await play(MANY)
console.log(JSON.stringify({ rows: MANY, few, many, peakMegabytes: process.resourceUsage().maxRSS / 1024 }))
