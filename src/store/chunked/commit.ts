import { SynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import type { Commit, TableChanges, TableCounts, Version } from '../dataset.ts'
import { encodeKey } from '../key.ts'
import { formatLine, mark, printOf, type Row, remark } from './chunk.ts'
import type { Hasher } from './hash.ts'
import { emptyTable, type Head, type HistoryEntry, type Table } from './head.ts'
import { type Found, newest } from './newest.ts'
import type { Place } from './place.ts'
import { isTombstone } from './sidecar.ts'

/** The changes of a commit, per table, ascending by key: rows as they are written if nothing older has their keys. */
export type Encoded = ReadonlyMap<string, readonly Row[]>

/** What a commit does, before anything is written. */
export interface Changes {
  /** Tables after `drop`, with the counts after the commit. */
  readonly tables: ReadonlyMap<string, Table>
  /** Only rows that make a difference, with the marks that say which. */
  readonly rows: ReadonlyMap<string, readonly Row[]>
  readonly counts: Readonly<Record<string, TableCounts>>
  /** The contents that the touched rows had: a rebase needs them to be the same. */
  readonly before: readonly number[]
}

export function encodeChanges(commit: Commit, hasher: Hasher): Encoded {
  const tables = Object.entries(commit.tables ?? {})
  return new Map(tables.map(([name, changes]) => [name, sorted(changes).map((change) => encode(change, hasher))]))
}

interface Change {
  /** Encoded. */
  readonly key: string
  readonly value: JsonObject | undefined
}

/** Ordered before anything is made of them, so that what is made lies in memory as it is read from then on. */
function sorted({ put = [], delete: deleted = [] }: TableChanges): Change[] {
  const changes: Change[] = put.map(({ key, value }) => ({ key: encodeKey(key), value }))
  for (const key of deleted) changes.push({ key: encodeKey(key), value: undefined })
  changes.sort((a, b) => (a.key < b.key ? -1 : 1)) // equal keys come to lie side by side
  for (let i = 1; i < changes.length; i++) {
    if (changes[i]?.key === changes[i - 1]?.key) {
      throw new SynclineError('key_not_unique', 'A commit has two changes of one row', {
        hint: 'Put or delete each key at most once per commit.',
      })
    }
  }
  return changes
}

function encode({ key, value }: Change, hasher: Hasher): Row {
  const { key0, key1, content0, content1 } = printOf(hasher, key, value)
  const line =
    value === undefined ? formatLine(key, mark.deleted, '') : formatLine(key, mark.added, JSON.stringify(value))
  return { key, line, key0, key1, content0, content1 }
}

/** Compares the rows with what is stored, by fingerprints alone. */
export async function compare(place: Place, head: Head, commit: Commit, encoded: Encoded): Promise<Changes> {
  const tables = new Map(head.tables)
  for (const name of commit.drop ?? []) tables.delete(name)
  const changed = new Map<string, readonly Row[]>()
  const counts: [string, TableCounts][] = []
  const before: number[] = []
  for (const [name, changes] of encoded) {
    const table = tables.get(name) ?? emptyTable
    const found = await newest(place, table, changes)
    const keep = commit.tables?.[name]?.keep === true
    const { rows, count } = classify(changes, found, keep)
    if (rows.length > 0) changed.set(name, rows)
    tables.set(name, { ...table, count: table.count + count.added - count.deleted })
    counts.push([name, count])
    for (let i = 0; i < changes.length; i++) {
      // What a row that may only be added was before, another writer may change: it is judged anew.
      const old = keep && !isTombstone(changes[i] as Row) ? undefined : found[i]
      before.push(old?.content0 ?? 0, old?.content1 ?? 0)
    }
  }
  return { tables, rows: changed, counts: Object.fromEntries(counts), before }
}

function classify(changes: readonly Row[], found: readonly (Found | undefined)[], keep: boolean) {
  const count: TableCounts = { added: 0, updated: 0, unchanged: 0, deleted: 0 }
  const rows: Row[] = []
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i] as Row
    const old = found[i]
    const exists = old !== undefined && (old.content0 !== 0 || old.content1 !== 0)
    if (isTombstone(change)) {
      if (!exists) continue
      count.deleted++
      rows.push(change)
    } else if (!exists) {
      count.added++
      rows.push(change)
    } else if (keep || (old.content0 === change.content0 && old.content1 === change.content1)) count.unchanged++
    else {
      count.updated++
      rows.push(remark(change, mark.updated))
    }
  }
  return { rows, count }
}

/** The history with one more entry; the oldest ones go when it gets long. */
export function remember(head: Head, entry: HistoryEntry): Pick<Head, 'history' | 'historyFrom'> {
  const history = [...head.history, entry]
  let { historyFrom } = head
  const size = ({ tables }: HistoryEntry) =>
    tables.reduce((sum, [, keys, refs]) => sum + (keys?.join().length ?? 0) + 40 * refs.length, 60)
  let chars = history.reduce((sum, each) => sum + size(each), 0)
  while (history.length > 1 && (history.length > MOST_HISTORY || chars > MOST_HISTORY_CHARS)) {
    const oldest = history.shift() as HistoryEntry
    chars -= size(oldest)
    historyFrom = oldest.version
  }
  return { history, historyFrom }
}

const MOST_HISTORY = 32
const MOST_HISTORY_CHARS = 1 << 14

/** The version after another: it counts, and no other writer gives the same one. */
export function nextVersion(version: Version, random: () => number): Version {
  const count = version === '' ? 1 : Number.parseInt(version, 36) + 1
  return `${count.toString(36)}.${Math.floor(random() * 2 ** 48).toString(36)}`
}
