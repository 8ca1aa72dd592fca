import { isSynclineError, SynclineError } from '../../errors.ts'
import type { Ports } from '../../ports.ts'
import type { Commit, CommitResult } from '../dataset.ts'
import { collect, runsOf, withDropped } from './collect.ts'
import { compare, encodeChanges, nextVersion } from './commit.ts'
import { encodeHead } from './encode-head.ts'
import type { Head } from './head.ts'
import { PageWriter } from './page-writer.ts'
import type { Place } from './place.ts'
import type { Current, Session } from './session.ts'
import { write } from './write.ts'

/** So many replaced runs are worth a collection in the midst of a lease. */
const COLLECT_RUNS = 64

/** What writes to an open dataset, one call at a time. Loaded with the first commit: a copy that is only read has none. */
export class Writer {
  readonly #session: Session
  readonly #place: Place
  readonly #pages: PageWriter
  readonly #ports: Ports

  constructor(session: Session, ports: Ports) {
    this.#session = session
    this.#place = session.place
    this.#pages = new PageWriter(session.place, session.pages)
    this.#ports = ports
  }

  async commit(commit: Commit): Promise<CommitResult> {
    await this.#lookAgainUnless(({ head }) => isAt(head, commit))
    for (let before: readonly number[] | undefined; ; ) {
      const draft = await this.#session.reading(async (current) => {
        this.#pages.forget()
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
        await this.#publish(draft.head, draft.current)
        return result
      } catch (error) {
        if (!isSynclineError(error, 'conflict')) throw error
        await this.#session.refresh()
        const { head } = await this.#session.current()
        // A place that could not tell whether it had published said "conflict". Others may have built on it since.
        const known = [head.units.get(commit.unit), ...head.history]
        if (known.some((each) => each?.version === result.version)) return result
        if (commit.drop !== undefined || commit.swap !== undefined)
          throw conflict('Another writer has committed to this dataset')
      }
    }
  }

  async #lookAgainUnless(fits: (current: Current) => boolean): Promise<void> {
    if (!fits(await this.#session.current())) await this.#session.refresh()
  }

  async #dropped(before: Head, after: Head): Promise<Head> {
    const runs = runsOf(before, this.#pages)
    await this.#pages.write(after)
    return { ...after, dropped: withDropped(runs, runsOf(after, this.#pages), before.dropped, this.#ports.now()) }
  }

  /** Whether compaction has left so much behind that collecting it should not wait for the end of the lease. */
  async hasMuchGarbage(): Promise<boolean> {
    const { dropped } = (await this.#session.current()).head
    const latest = this.#ports.now() - this.#place.chunks.limits.dropAfterMs
    return (dropped[COLLECT_RUNS]?.[0] ?? Number.POSITIVE_INFINITY) <= latest
  }

  async #publish(head: Head, current: Current): Promise<void> {
    await this.#pages.write(head)
    const text = encodeHead(head, (slices) => this.#pages.slim(slices))
    await this.#session.publish(head, text, current)
    this.#pages.keep()
  }

  /** Removes what no head names any more. */
  async collect(): Promise<void> {
    this.#pages.forget()
    const current = await this.#session.current()
    const fence = (head: Head) => this.#publish(head, current)
    await collect(this.#place, this.#pages, current.head, this.#ports.now(), fence)
  }
}

function isAt(head: Head, { unit, expect }: Commit): boolean {
  return (head.units.get(unit)?.version ?? '') === expect
}

function conflict(what: string): SynclineError {
  return new SynclineError('conflict', what, { retryable: true, hint: 'Read the position again and go on from there.' })
}
