import { SynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import type { Commit, TableChanges, TableCounts, Version } from '../dataset.ts'
import { encodeKey, type Key } from '../key.ts'
import { formatLine, mark, printOf, type Row } from './chunk.ts'
import type { Hasher } from './hash.ts'
import { emptyTable, type Head, type HistoryEntry, type Table } from './head.ts'
import { type Found, newest } from './newest.ts'
import type { Place } from './place.ts'
import { type Fingerprint, isTombstone } from './sidecar.ts'

/** A change as it comes in: `json` is the value's text, empty for a deletion. */
type Incoming = Fingerprint & { readonly key: string; readonly json: string }

/** The changes of a commit, per table, ascending by key. */
export type Encoded = ReadonlyMap<string, readonly Incoming[]>

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
  return new Map(tables.map(([name, changes]) => [name, sorted(encodeTable(changes, hasher))]))
}

function encodeTable({ put = [], delete: deleted = [] }: TableChanges, hasher: Hasher): Incoming[] {
  const encode = (from: Key, value: JsonObject | undefined): Incoming => {
    const key = encodeKey(from)
    const json = value === undefined ? '' : JSON.stringify(value)
    const { key0, key1, content0, content1 } = printOf(hasher, key, value)
    return { key, json, key0, key1, content0, content1 }
  }
  return [...put.map(({ key, value }) => encode(key, value)), ...deleted.map((key) => encode(key, undefined))]
}

function sorted(changes: Incoming[]): Incoming[] {
  changes.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  for (let i = 1; i < changes.length; i++) {
    if (changes[i]?.key === changes[i - 1]?.key) {
      throw new SynclineError('key_not_unique', 'A commit has two changes of one row', {
        hint: 'Put or delete each key at most once per commit.',
      })
    }
  }
  return changes
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
    for (const [i, old] of found.entries()) {
      // What a row that may only be added was before, another writer may change: it is judged anew.
      if (keep && !isTombstone(changes[i] as Incoming)) before.push(0, 0)
      else before.push(old?.content0 ?? 0, old?.content1 ?? 0)
    }
  }
  return { tables, rows: changed, counts: Object.fromEntries(counts), before }
}

function classify(changes: readonly Incoming[], found: readonly (Found | undefined)[], keep: boolean) {
  const count: TableCounts = { added: 0, updated: 0, unchanged: 0, deleted: 0 }
  const rows: Row[] = []
  const add = ({ key, json, key0, key1, content0, content1 }: Incoming, mark: string) =>
    rows.push({ key, line: formatLine(key, mark, json), key0, key1, content0, content1 })
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i] as Incoming
    const old = found[i]
    const exists = old !== undefined && (old.content0 !== 0 || old.content1 !== 0)
    if (isTombstone(change)) {
      if (!exists) continue
      count.deleted++
      add(change, mark.deleted)
    } else if (!exists) {
      count.added++
      add(change, mark.added)
    } else if (keep || (old.content0 === change.content0 && old.content1 === change.content1)) count.unchanged++
    else {
      count.updated++
      add(change, mark.updated)
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
