import type { Ref } from './chunk-store.ts'
import type { Head } from './head.ts'
import type { PageWriter } from './page-writer.ts'
import type { Place } from './place.ts'
import { runOf } from './slice.ts'

/** All runs that a head names. */
export function runsOf(head: Head, pages: PageWriter): Set<Ref> {
  const runs = new Set<Ref>()
  for (const { runs: lists, level } of head.tables.values()) {
    for (const list of [...lists, level]) {
      for (const { ref, sidecar } of list) runs.add(runOf(ref)).add(runOf(sidecar))
      for (const ref of pages.refs(list)) runs.add(runOf(ref))
    }
  }
  return runs
}

/** The list of runs that nothing names any more, with those that the next head does not name. */
export function withDropped(before: Set<Ref>, after: Set<Ref>, dropped: Head['dropped'], now: number): Head['dropped'] {
  const gone = [...before].filter((run) => !after.has(run))
  return [...dropped, ...gone.map((run) => [now, run] as const)]
}

/** What nobody knows of is looked for when so many times `dropAfterMs` have passed: to list a store may be dear. */
const LIST_EVERY = 24

/**
 * Removes what no head has named for `dropAfterMs`: runs that were replaced, which the head knows, and now and then those
 * of writers that died.
 *
 * Between looking and removing, `fence` publishes the head anew. A slow writer that put its chunks down before then can
 * not publish a head that names them: it gets a conflict and writes them again.
 */
export async function collect(
  place: Place,
  pages: PageWriter,
  head: Head,
  now: number,
  fence: (head: Head) => Promise<void>,
): Promise<void> {
  const { dropAfterMs } = place.chunks.limits
  const latest = now - dropAfterMs
  const waiting = head.dropped.filter(([at]) => at > latest)
  const lists = now - head.listed >= LIST_EVERY * dropAfterMs
  if (!lists && waiting.length === head.dropped.length) return
  const kept = runsOf(head, pages)
  for (const [, run] of waiting) kept.add(run)
  const garbage: Ref[] = []
  const drop = (run: Ref, since: number) => since <= latest && !kept.has(run) && garbage.push(run)
  if (lists) for await (const { ref, writtenAt } of place.list()) drop(ref, writtenAt)
  else for (const [at, run] of head.dropped) drop(run, at)
  // Its commit is long known to have survived; what it wrote may be among the garbage.
  await fence({ ...head, dropped: waiting, fresh: [], ...(lists && { listed: now }) })
  await place.remove(garbage)
}
