import { SynclineError } from '../src/errors.ts'
import type { JsonObject, JsonValue } from '../src/json.ts'
import type {
  Change,
  Commit,
  CommitResult,
  Dataset,
  Entry,
  Store,
  TableChanges,
  TableCounts,
  Version,
} from '../src/store/dataset.ts'
import { decodeKey, encodeKey, type Key } from '../src/store/key.ts'

type Table = Map<string, string>

/** Keeps everything in memory: for tests, and for data that need not outlive the process. */
export function memoryStore(): Store {
  const datasets = new Map<string, MemoryDataset>()
  return {
    async open(name) {
      let dataset = datasets.get(name)
      if (dataset === undefined) {
        dataset = new MemoryDataset()
        datasets.set(name, dataset)
      }
      return dataset
    },
    async drop(name) {
      datasets.delete(name)
    },
  }
}

// First form, so that others can build on the contract: to be replaced by `chunked()` over chunks in memory.
class MemoryDataset implements Dataset {
  readonly limits = { commitBytes: 1 << 20, commitMs: 0, maxOps: Number.POSITIVE_INFINITY }
  #tables = new Map<string, Table>()
  #units = new Map<string, { position: string; version: Version }>()
  #log: { version: Version; changed: [table: string, key: string, added: boolean][] }[] = []
  #version = 0
  #operations = 0
  #bytes = 0
  #queue: Promise<unknown> = Promise.resolve()

  usage() {
    return { operations: this.#operations, bytesWritten: this.#bytes }
  }

  async position(unit: string) {
    const known = this.#units.get(unit)
    const value = known && (JSON.parse(known.position) as JsonValue)
    return { value, version: known?.version ?? '' }
  }

  async units() {
    return [...this.#units.keys()]
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const { version } = await this.position(commit.unit)
    if (version !== commit.expect) {
      throw new SynclineError('conflict', 'Another run changed this position in the meantime', { retryable: true })
    }
    const position = JSON.stringify(commit.position)
    const prepared = Object.entries(commit.tables ?? {}).map(([name, changes]) => [name, prepare(changes)] as const)
    const tables: [string, TableCounts][] = []
    const changed: [string, string, boolean][] = []
    for (const name of commit.drop ?? []) this.#empty(name, changed)
    for (const [name, rows] of prepared) tables.push([name, this.#apply(name, rows, changed)])
    for (const [live, staged] of Object.entries(commit.swap ?? {})) this.#swap(live, staged, changed)
    const next = String(++this.#version)
    this.#units.set(commit.unit, { position, version: next })
    this.#log.push({ version: next, changed })
    this.#operations++
    return { version: next, tables: Object.fromEntries(tables) }
  }

  async get(table: string, key: Key) {
    const text = this.#tables.get(table)?.get(encodeKey(key))
    return text === undefined ? undefined : (JSON.parse(text) as JsonObject)
  }

  getMany(table: string, keys: readonly Key[]) {
    return Promise.all(keys.map((key) => this.get(table, key)))
  }

  async *scan(table: string, { after, limit = Number.POSITIVE_INFINITY }: { after?: Key; limit?: number } = {}) {
    let last = after === undefined ? '' : encodeKey(after)
    for (let left = limit; left > 0; ) {
      const rows = this.#tables.get(table) ?? new Map<string, string>()
      const keys = [...rows.keys()].filter((key) => key > last).sort()
      const batch = keys.slice(0, Math.min(500, left)).map((key): Entry => entry(key, rows.get(key) ?? 'null'))
      if (batch.length === 0) return
      left -= batch.length
      last = keys[batch.length - 1] ?? last
      yield batch
    }
  }

  async count(table: string) {
    return this.#tables.get(table)?.size ?? 0
  }

  async tables() {
    return [...this.#tables.keys()]
  }

  async version() {
    return String(this.#version)
  }

  async changes(since: Version): Promise<AsyncIterable<Change[]> | 'reset'> {
    const at = this.#log.findIndex((commit) => commit.version === since)
    if (at < 0 && since !== '0') return 'reset'
    const touched = new Map<string, [string, string, boolean]>()
    for (const { changed } of this.#log.slice(at + 1)) {
      for (const change of changed) {
        const id = JSON.stringify(change.slice(0, 2))
        if (!touched.has(id)) touched.set(id, change)
      }
    }
    const all = [...touched.values()].flatMap(([table, key, added]): Change[] => {
      const text = this.#tables.get(table)?.get(key)
      if (text !== undefined) return [{ type: added ? 'added' : 'updated', table, ...entry(key, text) }]
      return added ? [] : [{ type: 'deleted', table, key: decodeKey(key) }]
    })
    return (async function* () {
      if (all.length > 0) yield all
    })()
  }

  lease<R>(run: () => Promise<R>, { signal }: { signal?: AbortSignal } = {}): Promise<R> {
    const turn = this.#queue.then(() => {
      signal?.throwIfAborted()
      return run()
    })
    this.#queue = turn.catch(() => {})
    return turn
  }

  async close() {}

  #apply(name: string, rows: readonly [string, string | undefined][], changed: [string, string, boolean][]) {
    const table = this.#tables.get(name) ?? new Map<string, string>()
    const counts: TableCounts = { added: 0, updated: 0, unchanged: 0, deleted: 0 }
    for (const [key, text] of rows) {
      const old = table.get(key)
      if (text === undefined) {
        if (!table.delete(key)) continue
        counts.deleted++
      } else if (old !== undefined && canonical(old) === canonical(text)) {
        counts.unchanged++
        continue
      } else {
        counts[old === undefined ? 'added' : 'updated']++
        table.set(key, text)
        this.#bytes += text.length
      }
      changed.push([name, key, old === undefined])
    }
    if (table.size > 0) this.#tables.set(name, table)
    else this.#tables.delete(name)
    return counts
  }

  #empty(name: string, changed: [string, string, boolean][]) {
    for (const key of this.#tables.get(name)?.keys() ?? []) changed.push([name, key, false])
    this.#tables.delete(name)
  }

  #swap(live: string, staged: string, changed: [string, string, boolean][]) {
    const old = this.#tables.get(live)
    const rows = this.#tables.get(staged) ?? new Map<string, string>()
    this.#empty(live, changed)
    for (const key of rows.keys()) if (!old?.has(key)) changed.push([live, key, true])
    this.#empty(staged, changed)
    if (rows.size > 0) this.#tables.set(live, rows)
  }
}

function prepare({ put = [], delete: deleted = [] }: TableChanges): [string, string | undefined][] {
  return [
    ...put.map(({ key, value }): [string, string] => [encodeKey(key), JSON.stringify(value)]),
    ...deleted.map((key): [string, undefined] => [encodeKey(key), undefined]),
  ]
}

function canonical(text: string): string {
  return JSON.stringify(JSON.parse(text), (_, value: JsonValue) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      : value,
  )
}

function entry(key: string, text: string): Entry {
  return { key: decodeKey(key), value: JSON.parse(text) as JsonObject }
}
