import type { Commit, Version } from '../dataset.ts'
import { mark, markOf, type Row, remark } from './chunk.ts'
import type { Ref } from './chunk-store.ts'
import { type Changes, remember } from './commit.ts'
import { compact, promote } from './compact.ts'
import type { Hasher } from './hash.ts'
import type { Head, HistoryEntry, Table } from './head.ts'
import type { Place } from './place.ts'
import { planJob } from './plan.ts'
import { charsOf, type Slices } from './slice.ts'
import { writeSlices } from './write-slices.ts'

/**
 * Writes what a commit changes, and the compaction that goes with it, and returns the head that says so. Nothing is
 * visible before that head is published. `replaced`: chunks that `head` names may be garbage then.
 */
export async function write(
  place: Place,
  hasher: Hasher,
  head: Head,
  commit: Commit,
  changes: Changes,
  version: Version,
): Promise<{ head: Head; replaced: boolean }> {
  const { chunkBytes, inlineBytes } = place.chunks.limits
  const tables = new Map(changes.tables)
  const flushed = chooseFlushed(changes, inlineBytes)
  const touched: HistoryEntry['tables'][number][] = []
  const fresh: Ref[] = []
  const written = (slices: Slices) => fresh.push(...slices.slice(-1).map(({ sidecar }) => sidecar))
  let compacted = false
  for (const [name, before] of changes.tables) {
    const rows = changes.rows.get(name) ?? []
    if (rows.length === 0 && !flushed.has(name)) continue
    let table = before
    if (!flushed.has(name)) {
      table = { ...table, tail: withRows(table.tail, rows) }
      touched.push([name, rows.map(({ key, line }) => markOf(line) + key), []])
    } else {
      const run = await writeSlices(place, once(carryTail(table, rows)))
      written(run)
      const job = compacted ? undefined : planJob(table, place.chunks.limits, charsOf(run))
      if (job !== undefined) {
        const known = new Set([...table.runs, table.level])
        table = await compact(place, hasher, table, job)
        for (const list of [...table.runs, table.level]) if (!known.has(list)) written(list)
        compacted = true
      }
      table = promote({ ...table, tail: new Map(), runs: [run, ...table.runs] }, chunkBytes)
      if (rows.length > 0) touched.push([name, null, run.map(({ ref }) => ref)])
    }
    tables.set(name, table)
  }
  const dropped = (commit.drop ?? []).filter((name) => head.tables.has(name))
  const reset = [...dropped, ...swap(tables, commit.swap ?? {})]
  let replaced = reset.length > 0 || compacted
  for (const [name, { count }] of tables) if (count === 0) replaced = tables.delete(name)
  const entry: HistoryEntry = { version, ...(reset.length > 0 && { reset }), tables: touched }
  const position = typeof commit.position === 'function' ? commit.position(changes.counts) : commit.position
  const units = new Map(head.units).set(commit.unit, { position: JSON.stringify(position), version })
  return { head: { ...head, version, units, tables, fresh, ...remember(head, entry) }, replaced }
}

/** The tables whose tails become runs: the largest ones, until what is left fits into the head. */
function chooseFlushed({ tables, rows }: Changes, inlineChars: number): Set<string> {
  const sizes = [...tables].map(
    ([name, { tail }]) => [name, lineChars([...tail.values(), ...(rows.get(name) ?? [])])] as const,
  )
  let sum = sizes.reduce((total, [, chars]) => total + chars, 0)
  const flushed = new Set<string>()
  for (const [name, chars] of sizes.sort(([, a], [, b]) => b - a)) {
    if (sum <= inlineChars) break
    flushed.add(name)
    sum -= chars
  }
  return flushed
}

/** The rows of the run that a flush writes: the commit's own, and those of the tail that it does not replace. */
function carryTail({ tail }: Table, rows: readonly Row[]): readonly Row[] {
  if (tail.size === 0) return rows
  const kept = new Map([...tail].map(([key, row]) => [key, remark(row, mark.kept)]))
  return [...withRows(kept, rows).values()]
}

function withRows(tail: ReadonlyMap<string, Row>, rows: readonly Row[]): Map<string, Row> {
  const all = new Map(tail)
  for (const row of rows) all.set(row.key, row)
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The tables that are others now. */
function swap(tables: Map<string, Table>, pairs: Readonly<Record<string, string>>): string[] {
  const moved: string[] = []
  for (const [live, staged] of Object.entries(pairs)) {
    const table = tables.get(staged)
    if (tables.delete(staged) || tables.delete(live)) moved.push(live, staged)
    if (table !== undefined) tables.set(live, table)
    else tables.delete(live)
  }
  return moved
}

function lineChars(rows: readonly Row[]): number {
  let sum = 0
  for (const { line } of rows) sum += line.length
  return sum
}

async function* once<T>(item: readonly T[]): AsyncGenerator<readonly T[]> {
  yield item
}
