/** Runs in a process of its own, on a Node that has `node:sqlite`. `store-files.ts` starts it and reads its last line. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystemStore } from '../../adapters/filesystem.ts'
import type { Entry } from '../../src/store/index.ts'
import { changed, commit, entries } from './records.ts'

const RECORDS = 100_000
const ROUNDS = 5
const MERGES = 10

/** What is used of `node:sqlite`. */
interface Sqlite {
  DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void
    prepare(sql: string): { run(...values: (string | number)[]): unknown }
    close(): void
  }
}

interface Contender {
  /** A commit of rows and position; it has survived a power cut when it is done. */
  put(rows: readonly Entry[]): Promise<unknown>
  close(): Promise<unknown>
}

async function syncline(dir: string): Promise<Contender> {
  const dataset = await filesystemStore(dir, { durability: 'full' }).open('bench')
  return { put: (rows) => commit(dataset, rows), close: () => dataset.close() }
}

/**
 * Write-ahead log, one flush per commit; rows that are equal are not written. It does less than a commit of ours: it counts
 * nothing, keeps no feed of changes, checks no version and no checksum. That is left as it is, in its favour.
 */
async function sqlite(dir: string): Promise<Contender> {
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as Sqlite
  const database = new DatabaseSync(join(dir, 'bench.db'))
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  database.exec('create table rows (id text unique not null, json text not null)')
  database.exec('create table position (unit text primary key, json text not null)')
  const upsert = database.prepare(
    'insert into rows values (?, ?) on conflict (id) do update set json = excluded.json where json <> excluded.json',
  )
  const move = database.prepare('insert or replace into position values (?, ?)')
  return {
    async put(rows) {
      database.exec('begin')
      for (const { key, value } of rows) upsert.run(String(key), JSON.stringify(value))
      move.run('bench', '{"at":1}')
      database.exec('commit')
    },
    async close() {
      database.close()
    },
  }
}

/** Pages of 1,000, gathered to commits as the engine gathers them for files: about 1 MiB, as SQLite gets them, too. */
const PER_COMMIT = 4000
const pages = Array.from({ length: RECORDS / PER_COMMIT }, (_, i) => entries(i * PER_COMMIT, (i + 1) * PER_COMMIT))
const loads: Record<string, number[]> = { syncline: [], sqlite: [] }
const merges: Record<string, number[]> = { syncline: [], sqlite: [] }
const cpu: Record<string, number[]> = { syncline: [], sqlite: [] }
const cpuMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, open] of Object.entries({ syncline, sqlite })) {
    const dir = await mkdtemp(join(tmpdir(), 'syncline-bench-'))
    const contender = await open(dir)
    const [busy, start] = [cpuMs(), performance.now()]
    for (const page of pages) await contender.put(page)
    const [load, work] = [performance.now() - start, cpuMs() - busy]
    const merge: number[] = []
    for (let version = 1; version <= MERGES; version++) {
      const rows = changed(1000, RECORDS, version)
      const from = performance.now()
      await contender.put(rows)
      merge.push(performance.now() - from)
    }
    await contender.close()
    await rm(dir, { recursive: true, force: true })
    if (round === 0) continue // warms up
    loads[name]?.push(load)
    cpu[name]?.push(work)
    merges[name]?.push(...merge)
  }
}
console.log(JSON.stringify({ loads, cpu, merges }))
