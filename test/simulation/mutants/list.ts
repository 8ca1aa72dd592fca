import type { Edit } from '../engine.ts'
import { WRITES } from '../scenario.ts'

/** A fault that is planted into the engine, to see whether the simulation finds it. */
export interface Mutant {
  readonly name: string
  /** How many histories it took, from seed 0 on, or from the first of another family. */
  readonly found: number
  readonly family?: number
  readonly edits: readonly [Edit, ...Edit[]]
}

const mutant = (found: number, name: string, file: string, find: string, replace: string): Mutant => ({
  name,
  found,
  edits: [{ file, find, replace }],
})

/** The ways in which a sync loses, doubles or invents rows. */
export const mutants: readonly Mutant[] = [
  mutant(
    9,
    'position before data',
    'sync/unit/commit.ts',
    '  const { version, tables } = await run.dataset.commit({',
    `  const early = await run.dataset.commit({ unit: resource.name, expect: unit.version, position: writePosition(before) })
  unit.version = early.version
  const { version, tables } = await run.dataset.commit({`,
  ),
  mutant(
    26,
    'exclusive filter',
    'sync/incremental/incremental.ts',
    "order < 0 || (order === 0 && rangeStart === 'open')",
    'order <= 0',
  ),
  mutant(
    288,
    'cursor = greatest seen',
    'sync/incremental/incremental.ts',
    "func === 'max' && isAfter(reached, sourceTime)",
    'false',
  ),
  {
    name: 'cursor = time of the source, where times are cut',
    found: 22,
    edits: [
      {
        file: 'sync/incremental/incremental.ts',
        find: "func === 'max' && isAfter(reached, sourceTime)",
        replace: 'false',
      },
      {
        file: 'sync/incremental/incremental.ts',
        find: 'const now = best.value ?? (',
        replace: 'const now = (best.value && notAfter(best.value, sourceTime)) ?? (',
      },
    ],
  },
  mutant(
    2077,
    'source time = date of the answer',
    'sync/pass/read-pages.ts',
    'date - Math.max(0, now - askedAt)',
    'date',
  ),
  mutant(
    370,
    'numbers are no times',
    'sync/incremental/cursor-value.ts',
    'return [value, value * 1000].some((at) => at > ms && at < ms + DECADE_MS)',
    'return false',
  ),
  mutant(
    36,
    'cursor moved after an incomplete pass',
    'sync/pass/finish.ts',
    '    if (complete) {\n      const cursor',
    '    if (complete || true) {\n      const cursor',
  ),
  mutant(
    609,
    'sweep after an incomplete pass',
    'sync/pass/finish.ts',
    "if (complete && pass.full && pass.mode === 'merge')",
    "if (pass.full && pass.mode === 'merge')",
  ),
  mutant(
    9,
    "sweep of another unit's rows",
    'sync/unit/position.ts',
    'seen: (resource: string) =>',
    "seen: (_: string, resource = '') =>",
  ),
  mutant(
    494,
    'rows in quarantine are swept',
    'sync/pass/quarantine.ts',
    "  pass.unswept ??= 'rows are in quarantine'\n",
    '',
  ),
  mutant(
    2273,
    'children of parents in quarantine are swept',
    'sync/pass/finish.ts',
    '    if (parent.unswept !== undefined) pass.unswept ??= parent.unswept\n',
    '',
  ),
  mutant(
    1,
    'offset advanced by the page size asked',
    'paginators/offset.ts',
    'beginOf(state) + Math.min(count, limit)',
    'beginOf(state) + limit',
  ),
  mutant(
    5,
    'child of a lost parent skipped',
    'sync/pass/read.ts',
    'await readPages(unit, run, { ...parent, below, leave })',
    'await readPages(unit, run, { ...parent, below, leave }).catch(() => leave(true))',
  ),
  mutant(
    4,
    'pending parents dropped on resume',
    'sync/pass/read.ts',
    '  await drainChildren(root, run)\n  if (pass.ended) return',
    '  if (pass.ended) return',
  ),
  mutant(
    57,
    'duplicate within a page keeps the older row',
    'sync/rows/entries.ts',
    '    if (held !== undefined) duplicates++\n',
    '    if (held !== undefined) {\n      duplicates++\n      continue\n    }\n',
  ),
  mutant(
    9,
    'unchanged judged against an old run',
    'store/chunked/newest.ts',
    'const lists = [...table.runs, table.level]',
    'const lists = [table.level, ...[...table.runs].reverse()]',
  ),
  mutant(
    9,
    'tombstone forgotten',
    'store/chunked/write.ts',
    'once(carryTail(table, rows))',
    'once(carryTail(table, rows).filter(({ line }) => markOf(line) !== mark.deleted))',
  ),
  mutant(
    681,
    'conflict swallowed',
    'store/chunked/writer.ts',
    'if (known.some((each) => each?.version === result.version)) return result',
    'return result',
  ),
  mutant(
    29,
    'stale lease holder commits',
    'store/chunked/writer.ts',
    'if (!isAt(current.head, commit)) throw conflict("This unit\'s position was changed by another writer")',
    '',
  ),
  mutant(
    673,
    'a commit that is written again counts twice',
    'sync/unit/commit.ts',
    'report: add(before.report, counted) }),',
    'report: Object.assign(before.report, add(before.report, counted)) }),',
  ),
  mutant(
    268,
    'quarantine passes the cursor without the row',
    'sync/pass/quarantine.ts',
    '  batch.put(systemTable.quarantine, new Map(entries.map((entry) => [encodeKey(entry.key), entry])))\n',
    '',
  ),
  mutant(
    179,
    '`limit` marks the pass complete',
    'sync/pass/read-pages.ts',
    "? 'limit' : read.end",
    "? 'complete' : read.end",
  ),
  mutant(
    2,
    'paging starts anew at every step',
    'sync/pass/read-pages.ts',
    'reading.paging ?? startPaging(reader, position.selector)',
    'startPaging(reader, position.selector)',
  ),
  mutant(
    152,
    'a page that repeats is asked for for ever',
    'sync/run-step.ts',
    "if (code === 'pagination_loop' || code === 'pagination_no_progress') return true",
    '',
  ),
  mutant(
    513,
    'a token that has expired is asked for for ever',
    'sync/run-step.ts',
    "code === 'http_status' && REFUSED.includes(status)",
    'false',
  ),
  mutant(
    2,
    'after a failed commit, memory is believed',
    'sync/unit/stored-schema.ts',
    'const report = broken ? committed : position.report',
    'const report = position.report',
  ),
  mutant(
    33,
    'rows of a commit that failed are committed later',
    'sync/run-step.ts',
    "if (broken) return { status: 'failed', error: error.with({ resource: broken.resource.name }) }",
    '',
  ),
  mutant(
    2,
    'appending forgets what lies at the cursor',
    'sync/pass/absorb.ts',
    'const remembers = pass.byPlace &&',
    'const remembers = false &&',
  ),
  mutant(
    143,
    'a clock that goes back forgets what was appended',
    'sync/incremental/incremental.ts',
    'const last = stored !== undefined && isBetter(stored.last, now, lastValueFunc) ? stored.last : now',
    'if (stored !== undefined && isBetter(stored.last, now, lastValueFunc)) return stored\n  const last = now',
  ),
  mutant(
    100,
    'cursor goes back',
    'sync/incremental/incremental.ts',
    'stored !== undefined && isBetter(stored.last, now, lastValueFunc) ? stored.last : now',
    'now',
  ),
  mutant(
    229,
    'the budget of requests is not for retries',
    'sync/run/budget.ts',
    'if (this.#requests >= (this.#budget.requests ?? Infinity)) throw exceeded()',
    '',
  ),
  mutant(
    1,
    'a deadline leaves its timer',
    'http/deadline.ts',
    '    cancel()\n    signal?.removeEventListener',
    '    signal?.removeEventListener',
  ),
  mutant(
    1,
    'an attempt leaves its listener',
    'http/deadline.ts',
    "    signal?.removeEventListener('abort', onAbort)\n  }\n\n  signal?.addEventListener",
    '  }\n\n  signal?.addEventListener',
  ),
  mutant(
    2277,
    'drift ignored',
    'paginators/anchors.ts',
    '  for (let i = count - 1; i >= 0; i--) {',
    "  if (count > 0) return { skip: Math.min(back, count), drift: 'none' }\n  for (let i = count - 1; i >= 0; i--) {",
  ),
  mutant(
    29312,
    'a step back to the first rows is taken for the end',
    'paginators/offset.ts',
    'const steppedBack = ({ back = 0 }: OffsetState) => back > overlap',
    'const steppedBack = (state: OffsetState) => state.offset - beginOf(state) > overlap',
  ),
  mutant(
    66787,
    'a total that falls on an empty page is ignored',
    'paginators/offset.ts',
    'totalOf(page, true) || undefined',
    'undefined',
  ),
  mutant(13769, 'appended rows are keyed by page', 'sync/pass/absorb.ts', 'row: pass.rows,', 'row: pass.pages * 1000,'),
  mutant(
    1530,
    'window pages committed out of order',
    'sync/pages/lookahead.ts',
    'const answer = this.#asked.get(key)',
    'const answer = this.#asked.get(key) && [...this.#asked.values()].at(-1)',
  ),
  mutant(
    1509,
    'token refreshed twice',
    'auth/oauth/token-source.ts',
    'const mine = flight ?? start(context)',
    'const mine = start(context)',
  ),
  mutant(
    345,
    'the lag is not taken off',
    'sync/incremental/incremental.ts',
    'lag > 0 && !backfill',
    'lag < 0 && !backfill',
  ),
]

const ofWrites = (...fields: Parameters<typeof mutant>): Mutant => ({ ...mutant(...fields), family: WRITES })

/** The same, where rows are not written plainly. */
export const mutantsOfWrites: readonly Mutant[] = [
  ofWrites(
    97,
    'dedupSort ignored against the stored row',
    'sync/pass/row-rules.ts',
    'held !== undefined && this.stays(held, row) ? held : row',
    'row',
  ),
  ofWrites(
    18,
    'when a row was deleted is forgotten',
    'sync/pass/row-rules.ts',
    '    batch.put(systemTable.deleted(resource.name), times)\n',
    '',
  ),
  ofWrites(
    247,
    'twoStrike deletes at the first strike',
    'sync/deletes/sweep.ts',
    'if (!twoStrike || missing) return',
    'if (!twoStrike || missing || twoStrike) return',
  ),
  ofWrites(17, 'insert-only overwrites', 'sync/pass/absorb.ts', '  if (rules?.keep) batch.keep(table)\n', ''),
]

/** Faults whose mechanism the engine does not have yet, or the simulation does not use: with what they wait for. */
export const waiting: readonly { readonly name: string; readonly for: string }[] = []
