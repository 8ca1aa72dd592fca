import { isSynclineError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../json.ts'
import { loaded } from '../../loaded.ts'
import { type Ports, resolvePorts } from '../../ports.ts'
import type { Changes, Commit, CommitResult, Dataset, Entry, StoreLimits, Version } from '../dataset.ts'
import { encodeKey, type Key } from '../key.ts'
import { Mutex } from '../mutex.ts'
import type { ChunkStore } from './chunk-store.ts'
import { emptyTable, type Head } from './head.ts'
import { Place } from './place.ts'
import { readRows, scanHits, toEntries } from './read.ts'
import { type Current, Session } from './session.ts'
import type { Writer } from './writer.ts'

/** Pages that come faster than a place publishes share a commit of so many bytes. */
const COMMIT_BYTES = 1 << 20

/**
 * Lifts a chunk store to a dataset: sorted immutable chunks, and one head that names those that count and holds the
 * positions. Publishing a head is the commit. `docs/storage.md` describes the layout.
 */
export async function chunked(chunks: ChunkStore, options: { ports?: Partial<Ports> } = {}): Promise<Dataset> {
  const ports = resolvePorts(options.ports)
  const dataset = new ChunkedDataset(new Session(new Place(chunks), ports), ports)
  await dataset.version()
  return dataset
}

class ChunkedDataset implements Dataset {
  readonly limits: StoreLimits
  readonly watch?: (look: () => void) => () => void
  readonly #session: Session
  readonly #place: Place
  readonly #ports: Ports
  readonly #commits = new Mutex()
  readonly #leases = new Mutex()
  #leased = 0
  #writer: Writer | undefined

  constructor(session: Session, ports: Ports) {
    this.#session = session
    this.#place = session.place
    this.#ports = ports
    const { chunks } = session.place
    const { minPublishMs, maxOps } = chunks.limits
    this.limits = { commitBytes: COMMIT_BYTES, commitMs: minPublishMs, maxOps }
    if (chunks.watch) this.watch = chunks.watch.bind(chunks)
  }

  usage() {
    return this.#place.usage()
  }

  async position(unit: string) {
    const known = (await this.#newest()).units.get(unit)
    return { value: known && (JSON.parse(known.position) as JsonValue), version: known?.version ?? '' }
  }

  async units() {
    return [...(await this.#newest()).units.keys()]
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#commits.run(async () => {
      const writer = await this.#writing()
      const result = await writer.commit(commit)
      if (this.#leased > 0 && (await writer.hasMuchGarbage())) await this.#collect()
      return result
    })
  }

  async get(table: string, key: Key) {
    const [row] = await this.getMany(table, [key])
    return row
  }

  async getMany(table: string, keys: readonly Key[]) {
    const encoded = keys.map(encodeKey)
    const rows = await this.#session.readingNewest((current, seen) => this.#readRows(table, encoded, current, seen))
    return encoded.map((key) => rows.get(key))
  }

  async *scan(table: string, options: { after?: Key; limit?: number } = {}): AsyncGenerator<Entry[]> {
    let min = options.after === undefined ? '' : `${encodeKey(options.after)}\0`
    let left = options.limit ?? Number.POSITIVE_INFINITY
    let head: Head | undefined = await this.#newest()
    while (head !== undefined) {
      try {
        for await (const hits of scanHits(this.#place, head.tables.get(table) ?? emptyTable, min)) {
          const entries = toEntries(hits, left)
          left -= entries.length
          min = `${hits.at(-1)?.key}\0`
          if (entries.length > 0) yield entries
          if (left <= 0) return
        }
        head = undefined
      } catch (error) {
        if (!isSynclineError(error, 'store_corrupt')) throw error
        const newer = await this.#newest()
        // Another reader may have found the newer one.
        if (newer === head) throw error
        head = newer
      }
    }
  }

  async count(table: string) {
    return (await this.#newest()).tables.get(table)?.count ?? 0
  }

  async tables() {
    return [...(await this.#newest()).tables.keys()]
  }

  async version() {
    return (await this.#newest()).version
  }

  get seen() {
    return this.#session.seen
  }

  async changes(since: Version, table?: string): Promise<Changes | 'reset'> {
    const { changesSince } = await loaded(import('./changes.ts'))
    await this.#session.refresh()
    const current = await this.#session.current()
    return changesSince(this.#place, current.head, since, table, (name, keys) => this.#rows(name, keys, current))
  }

  lease<R>(run: () => Promise<R>, { signal }: { signal?: AbortSignal } = {}): Promise<R> {
    const { chunks } = this.#place
    const held = async () => {
      this.#leased++
      try {
        return await run()
      } finally {
        await this.#commits.run(() => this.#collect())
        this.#leased--
      }
    }
    return this.#leases.run(() => chunks.lease?.(held, signal ? { signal } : {}) ?? held(), signal)
  }

  async close() {
    await this.#commits.run(async () => this.#place.chunks.close?.())
  }

  async #newest(): Promise<Head> {
    await this.#session.refresh()
    return (await this.#session.current()).head
  }

  #rows(table: string, keys: readonly string[], from?: Current): Promise<Map<string, JsonObject>> {
    return this.#session.reading((current) => this.#readRows(table, keys, current), from)
  }

  #readRows(
    table: string,
    keys: readonly string[],
    { head, hasher }: Current,
    seen?: (version: Version | undefined) => void,
  ): Promise<Map<string, JsonObject>> {
    return readRows(this.#place, hasher, head.tables.get(table) ?? emptyTable, keys, seen)
  }

  async #writing(): Promise<Writer> {
    if (this.#writer !== undefined) return this.#writer
    const { Writer } = await loaded(import('./writer.ts'))
    // Commits wait their turn, so no other was made meanwhile.
    this.#writer = new Writer(this.#session, this.#ports)
    return this.#writer
  }

  async #collect(): Promise<void> {
    try {
      await (await this.#writing()).collect()
    } catch {
      // What was committed stands. What could not be removed now, the next lease removes.
    }
  }
}
