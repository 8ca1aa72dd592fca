import { isSynclineError, SynclineError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../json.ts'
import { type Ports, resolvePorts } from '../../ports.ts'
import type { Change, Commit, CommitResult, Dataset, Entry, StoreLimits, Version } from '../dataset.ts'
import { encodeKey, type Key } from '../key.ts'
import { Mutex } from '../mutex.ts'
import { type Touched, toChange, touchedSince } from './changes.ts'
import type { ChunkStore } from './chunk-store.ts'
import { collect, runsOf, withDropped } from './collect.ts'
import { compare, encodeChanges, nextVersion } from './commit.ts'
import { emptyTable, type Head } from './head.ts'
import { Place } from './place.ts'
import { readRows, scanHits, toEntries } from './read.ts'
import { type Current, Session } from './session.ts'
import { write } from './write.ts'

/** So many replaced runs are worth a collection in the midst of a lease. */
const COLLECT_RUNS = 64
const BATCH = 500

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
  readonly #session: Session
  readonly #place: Place
  readonly #ports: Ports
  readonly #commits = new Mutex()
  readonly #leases = new Mutex()
  #leased = 0

  constructor(session: Session, ports: Ports) {
    this.#session = session
    this.#place = session.place
    this.#ports = ports
    const { chunkBytes, minPublishMs, maxOps } = session.place.chunks.limits
    this.limits = { commitBytes: Math.min(4 * chunkBytes, 1 << 20), commitMs: minPublishMs, maxOps }
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
    return this.#commits.run(() => this.#commit(commit))
  }

  async get(table: string, key: Key) {
    const [row] = await this.getMany(table, [key])
    return row
  }

  async getMany(table: string, keys: readonly Key[]) {
    const encoded = keys.map(encodeKey)
    await this.#session.refresh()
    const rows = await this.#rows(table, encoded)
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
        if (!isSynclineError(error, 'store_corrupt') || !(await this.#session.refresh())) throw error
        head = (await this.#session.current()).head
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

  async changes(since: Version): Promise<AsyncIterable<Change[]> | 'reset'> {
    const head = await this.#newest()
    try {
      const touched = await touchedSince(this.#place, head, since)
      return touched === undefined ? 'reset' : this.#changes(touched)
    } catch (error) {
      // The chunks of that commit have been compacted and collected.
      if (isSynclineError(error, 'store_corrupt')) return 'reset'
      throw error
    }
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

  #rows(table: string, keys: readonly string[]): Promise<Map<string, JsonObject>> {
    return this.#session.reading(({ head, hasher }) => {
      return readRows(this.#place, hasher, head.tables.get(table) ?? emptyTable, keys)
    })
  }

  async *#changes(touched: Touched): AsyncGenerator<Change[]> {
    for (const [table, marks] of touched) {
      const keys = [...marks.keys()].sort()
      for (let i = 0; i < keys.length; i += BATCH) {
        const batch = keys.slice(i, i + BATCH)
        const rows = await this.#rows(table, batch)
        const changes = batch.flatMap((key) => toChange(table, key, marks.get(key) ?? '', rows.get(key)))
        if (changes.length > 0) yield changes
      }
    }
  }

  async #commit(commit: Commit): Promise<CommitResult> {
    await this.#lookAgainUnless(({ head }) => isAt(head, commit))
    for (let before: readonly number[] | undefined; ; ) {
      const draft = await this.#session.reading(async (current) => {
        if (!isAt(current.head, commit)) throw conflict("This unit's position was changed by another writer")
        const changes = await compare(this.#place, current.head, commit, encodeChanges(commit, current.hasher))
        if (before?.some((word, i) => word !== changes.before[i]))
          throw conflict('Rows of this commit were changed by another writer')
        before = changes.before
        const version = nextVersion(current.head.version, this.#ports.random)
        const next = await write(this.#place, current.hasher, current.head, commit, changes, version)
        return {
          current,
          counts: changes.counts,
          head: next.replaced ? await this.#dropped(current.head, next.head) : next.head,
        }
      })
      const result = { version: draft.head.version, tables: draft.counts }
      try {
        await this.#session.publish(draft.head, draft.current)
        await this.#collectIfMany(draft.head)
        return result
      } catch (error) {
        if (!isSynclineError(error, 'conflict')) throw error
        await this.#session.refresh()
        const { head } = await this.#session.current()
        // A place that could not tell whether it had published said "conflict".
        if (head.units.get(commit.unit)?.version === result.version) return result
        if (commit.drop !== undefined || commit.swap !== undefined) throw error
      }
    }
  }

  async #lookAgainUnless(fits: (current: Current) => boolean): Promise<void> {
    if (!fits(await this.#session.current())) await this.#session.refresh()
  }

  async #dropped(before: Head, after: Head): Promise<Head> {
    const { pages } = this.#session
    const runs = runsOf(before, pages)
    await pages.write(after)
    return { ...after, dropped: withDropped(runs, runsOf(after, pages), before.dropped, this.#ports.now()) }
  }

  /** In the midst of a lease: when compaction has left much behind. */
  async #collectIfMany({ dropped }: Head): Promise<void> {
    const latest = this.#ports.now() - this.#place.chunks.limits.dropAfterMs
    if (this.#leased > 0 && (dropped[COLLECT_RUNS]?.[0] ?? Number.POSITIVE_INFINITY) <= latest) await this.#collect()
  }

  async #collect(): Promise<void> {
    try {
      const current = await this.#session.current()
      const fence = (head: Head) => this.#session.publish(head, current)
      await collect(this.#place, this.#session.pages, current.head, this.#ports.now(), fence)
    } catch {
      // What was committed stands. What could not be removed now, the next lease removes.
    }
  }
}

function isAt(head: Head, { unit, expect }: Commit): boolean {
  return (head.units.get(unit)?.version ?? '') === expect
}

function conflict(what: string): SynclineError {
  return new SynclineError('conflict', what, { retryable: true, hint: 'Read the position again and go on from there.' })
}
