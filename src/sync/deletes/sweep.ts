import type { Key } from '../../store/key.ts'
import type * as Parts from '../pass/parts.ts'
import type { Pass } from '../unit/position.ts'
import type { Run, Unit } from '../unit/unit.ts'

/** Deletes what a complete pass did not see, in bounded commits, each of which says how far it got. */
export async function sweep(unit: Unit, run: Run, pass: Pass, parts: typeof Parts): Promise<void> {
  const { commitUnit, encodeKey, forget, inCommits, systemTable } = parts
  const { resource, batch, position, twoStrike } = unit
  const { name } = resource
  if (pass.stage === 'read') {
    if (batch.pending) await commitUnit(unit, run)
    await requireConsent(unit, run, pass, parts)
    pass.stage = 'sweep'
  }
  const before = position.report.swept
  await inCommits(unit, run, unseen(unit, run, pass.sweptTo, parts), ({ key, missing }) => {
    pass.sweptTo = key
    if (!twoStrike || missing) return forget(unit, name, key)
    position.report.unswept = 'rows are missing for the first time (`twoStrike`)'
    batch.put(systemTable.missing(name), new Map([[encodeKey(key), { key, value: {} }]]))
  })
  const swept = position.report.swept - before
  if (swept > 0) run.emit({ type: 'sweep', resource: name, swept })
}

async function requireConsent(
  { resource: { name, write }, twoStrike }: Unit,
  { dataset, options }: Run,
  { id }: Pass,
  { SynclineError, hash64, systemTable }: typeof Parts,
) {
  const live = await dataset.count(name)
  const { missing, seen } = systemTable
  // Rows that were seen have lost their mark, so all that are marked go.
  const gone = twoStrike ? await dataset.count(missing(name)) : live - (await dataset.count(seen(name)))
  const token = hash64(`${name} ${id} ${gone}`)
  const asks = gone > live * write.maxDeleteRatio && options.confirm !== token
  if (!asks) return
  throw new SynclineError('needs_confirmation', `the API no longer has ${gone} of ${live} rows`, {
    resource: name,
    confirm: token,
    hint: 'If that is right, run again with `confirm` set to the token; nothing is deleted until then.',
  })
}

/**
 * The rows of the table whose keys the pass did not see, and whether the last complete one missed them too: the tables are
 * in key order, so one walk finds them.
 */
async function* unseen(
  { resource: { name } }: Unit,
  { dataset }: Run,
  after: Key | undefined,
  { compareKeys, systemTable }: typeof Parts,
): AsyncGenerator<{ key: Key; missing: boolean }> {
  const from = after === undefined ? {} : { after }
  const seen = lookUp(dataset.scan(systemTable.seen(name), from), compareKeys)
  const missing = lookUp(dataset.scan(systemTable.missing(name), from), compareKeys)
  for await (const entries of dataset.scan(name, from)) {
    for (const { key } of entries) if (!(await seen(key))) yield { key, missing: await missing(key) }
  }
}

/** Tells of ascending keys whether they are among those of a scan. */
function lookUp(
  batches: AsyncIterable<{ key: Key }[]>,
  compare: (a: Key, b: Key) => number,
): (key: Key) => Promise<boolean> {
  const marks = keysOf(batches)
  let mark: Promise<IteratorResult<Key, undefined>> | undefined
  return async (key) => {
    mark ??= marks.next()
    for (;;) {
      const { value, done } = await mark
      if (done || compare(value, key) > 0) return false
      if (compare(value, key) === 0) return true
      mark = marks.next()
    }
  }
}

async function* keysOf(batches: AsyncIterable<{ key: Key }[]>): AsyncGenerator<Key, undefined> {
  for await (const entries of batches) for (const { key } of entries) yield key
}
