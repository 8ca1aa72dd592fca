import { SynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import type { Commit, TableChanges, TableCounts, Version } from '../dataset.ts'
import { encodeKey } from '../key.ts'
import { formatLine, mark, type Row, remark, toRow } from './chunk.ts'
import type { Hasher } from './hash.ts'
import { emptyTable, type Head, type HistoryEntry, type Table } from './head.ts'
import { type Found, newest } from './newest.ts'
import type { Place } from './place.ts'
import { isTombstone } from './sidecar.ts'

/** The rows of a commit, per table, ascending by key. */
export type EncodedRows = ReadonlyMap<string, readonly Row[]>

/** What a commit does, before anything is written. */
export interface Changes {
  /** Tables after `drop`. */
  readonly tables: ReadonlyMap<string, Table>
  /** Only rows that make a difference, with the marks that say which. */
  readonly rows: ReadonlyMap<string, readonly Row[]>
  readonly counts: Readonly<Record<string, TableCounts>>
  /** The fingerprints that the touched rows had: a rebase needs them to be the same. */
  readonly before: string
}

export function encodeRows(commit: Commit, hasher: Hasher): EncodedRows {
  const tables = Object.entries(commit.tables ?? {})
  return new Map(tables.map(([name, changes]) => [name, sortRows([...encodeTable(changes, hasher)])]))
}

function* encodeTable({ put = [], delete: deleted = [] }: TableChanges, hasher: Hasher): Generator<Row> {
  for (const { key, value } of put) yield encodeRow(hasher, encodeKey(key), value)
  for (const key of deleted) {
    const encoded = encodeKey(key)
    yield toRow(hasher, encoded, formatLine(encoded, mark.deleted, ''), undefined)
  }
}

function encodeRow(hasher: Hasher, key: string, value: JsonObject): Row {
  return toRow(hasher, key, formatLine(key, mark.added, JSON.stringify(value)), value)
}

function sortRows(rows: Row[]): Row[] {
  rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  for (let i = 1; i < rows.length; i++) {
    if (rows[i]?.key === rows[i - 1]?.key) {
      throw new SynclineError('key_not_unique', 'A commit has two changes of one row', {
        hint: 'Put or delete each key at most once per commit.',
      })
    }
  }
  return rows
}

/** Compares the rows with what is stored, by fingerprints alone. */
export async function compare(place: Place, head: Head, commit: Commit, encoded: EncodedRows): Promise<Changes> {
  const tables = new Map(head.tables)
  for (const name of commit.drop ?? []) tables.delete(name)
  const changed = new Map<string, readonly Row[]>()
  const counts: [string, TableCounts][] = []
  const before: string[] = []
  for (const [name, rows] of encoded) {
    const found = await newest(place, tables.get(name) ?? emptyTable, rows)
    const { rows: different, count } = classify(rows, found)
    if (different.length > 0) changed.set(name, different)
    counts.push([name, count])
    for (const entry of found) before.push(entry === undefined ? '' : `${entry.content0}:${entry.content1}`)
  }
  return { tables, rows: changed, counts: Object.fromEntries(counts), before: before.join() }
}

function classify(rows: readonly Row[], found: readonly (Found | undefined)[]): { rows: Row[]; count: TableCounts } {
  const count: TableCounts = { added: 0, updated: 0, unchanged: 0, deleted: 0 }
  const different: Row[] = []
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Row
    const old = found[i]
    const exists = old !== undefined && (old.content0 !== 0 || old.content1 !== 0)
    if (isTombstone(row)) {
      if (!exists) continue
      count.deleted++
      different.push(row)
    } else if (!exists) {
      count.added++
      different.push(row)
    } else if (old.content0 === row.content0 && old.content1 === row.content1) count.unchanged++
    else {
      count.updated++
      different.push(remark(row, mark.updated))
    }
  }
  return { rows: different, count }
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

/** A version that no other writer gives. */
export function newVersion(random: () => number): Version {
  const word = () =>
    Math.floor(random() * 2 ** 32)
      .toString(36)
      .padStart(7, '0')
  return word() + word()
}
