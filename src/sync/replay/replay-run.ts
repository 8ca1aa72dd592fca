import type { ResolvedSource, Resource } from '../../config/resolved.ts'
import type { Ports } from '../../ports.ts'
import type { ReplayedResource } from '../../report.ts'
import type { Dataset } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'
import type * as Parts from '../pass/parts.ts'
import type { KeyedRow, Keying } from '../rows/entries.ts'
import type { ShapedRow } from '../rows/shape.ts'
import type { ReplayOptions } from '../run/options.ts'
import type { Run } from '../unit/unit.ts'
import { commitReplayed, compareVersions, type Kept, type Replay, type Replayed } from './replay-commit.ts'

/** Records that a commit takes. */
const MOST_RECORDS = 500

/** Runs the records in quarantine again, resource by resource, parents first. */
export async function replayAll(
  source: ResolvedSource,
  dataset: Dataset,
  ports: Ports,
  options: ReplayOptions,
  parts: typeof Parts,
): Promise<Record<string, ReplayedResource>> {
  const { resources: names, schemaContract, signal } = options
  const scope = parts.scopeOf(source, names ? { resources: names } : {})
  const reports: Record<string, ReplayedResource> = {}
  for (const resource of source.resources) {
    const { name } = resource
    if (names?.includes(name) === false) continue
    const { value } = await dataset.position(name)
    const id = parts.readPosition(value)?.run ?? 0
    // No request is sent: what only readers of pages need is left out.
    const run = { id, source, dataset, ports, scope, options: { schemaContract }, emit() {} } as unknown as Run
    reports[name] = await replay(run, resource, parts, signal)
  }
  return reports
}

async function replay(run: Run, resource: Resource, parts: typeof Parts, signal?: AbortSignal) {
  const unit = await parts.loadUnit(run, resource)
  const mode = parts.modeOf(resource, {})
  if (mode !== 'read') unit.table = resource.name
  // A pass that puts records aside has fixed the keys; without one there is nothing to replay.
  const fields = unit.keys?.fields ?? []
  const rules = parts.rulesFor(resource, mode, fields)
  const keying: Keying = { ...unit.keys, fields, pass: 0, row: 0, rules, contract: unit.contract }
  const report = {
    records: 0,
    replayed: 0,
    superseded: 0,
    filtered: 0,
    kept: 0,
    added: 0,
    updated: 0,
    unchanged: 0,
    deleted: 0,
  }
  const replay: Replay = { unit, run, parts, rules, keying, place: { id: 0, pages: 0 }, report }
  const passing: Replayed[] = []
  for await (const entries of run.dataset.scan(parts.systemTable.quarantine, { after: [resource.name] })) {
    const own = entries.filter(({ key }) => (key as Key[])[0] === resource.name)
    for (const { key, value } of own) {
      report.records++
      const kept = value as unknown as Kept
      const rows = unit.table === undefined ? undefined : await rowsOf(replay, key as Key[], kept)
      if (rows === undefined) report.kept++
      else passing.push({ key, kept, rows })
    }
    if (own.length < entries.length) break
  }
  const newest = newestOf(replay, passing)
  for (let from = 0; from < passing.length; from += MOST_RECORDS) {
    signal?.throwIfAborted()
    await commitReplayed(replay, passing.slice(from, from + MOST_RECORDS), newest)
  }
  return report
}

/**
 * The rows that a record becomes, under their encoded keys; undefined: it does not pass. The processing steps of now are
 * run, as they would be if it came again.
 */
async function rowsOf(replay: Replay, at: readonly Key[], kept: Kept): Promise<Replayed['rows'] | undefined> {
  const { unit, run, parts, keying } = replay
  const { resource } = unit
  const { raw, record, code } = kept
  // Its numbers are text now, which is what `bigint: 'string'` would have made of them; of `1e400` nothing would.
  if (raw !== undefined && (code !== 'unsafe_integer' || run.source.client.bigint !== 'string')) return undefined
  const shaper = { resource, window: {}, readCursor: undefined, fromParent: raw ?? {} }
  const shaped = partOf(parts.shapePage(shaper, [record]).rows, kept, keying.fields.length === 0)
  if (shaped === undefined) return undefined
  const keyed = await parts.keyRows(resource, shaped, keying).catch((error: unknown) => {
    /* v8 ignore else -- @preserve: a defect, which no record brings about */
    if (parts.isSynclineError(error, 'contract_violation')) return undefined
    else throw error
  })
  if (keyed === undefined || keyed.rejected.length > 0 || keyed.trimmed.size > 0) return undefined
  if (keying.fields.length > 0) return keyed.rows
  const byPlace = [...keyed.rows.values()].map(({ value }, index): [string, KeyedRow] => {
    const key = kept.key ?? placeOf(at, index)
    return [parts.encodeKey(key), { key, value }]
  })
  return new Map(byPlace)
}

/**
 * Of the rows that a record becomes, those that are not in the table. Where there are as many as there were, it is the one
 * that was refused; else all of them are merged, but by place nothing would show which of them are stored.
 */
function partOf(rows: readonly ShapedRow[], { part, key }: Kept, byPlace: boolean): readonly ShapedRow[] | undefined {
  const [index = 0, made = 1] = part ?? []
  if (part !== undefined && rows.length === made) return rows.slice(index, index + 1)
  const unclear = part !== undefined || (key !== undefined && rows.length > 1)
  return byPlace && unclear && rows.length > 0 ? undefined : rows
}

/** The place of a row near those of its page that were taken: behind one of them, where no other row is. */
function placeOf([, pass, row]: readonly Key[], part: number): Key {
  return [pass as number, row as number, part]
}

/** Of records that become the same row, the one that is the newest: if nothing else tells, the one that came last. */
function newestOf(replay: Replay, passing: readonly Replayed[]): Map<string, Replayed> {
  const newest = new Map<string, Replayed>()
  for (const next of passing) {
    for (const [id, row] of next.rows) {
      const held = newest.get(id)
      const other = held?.rows.get(id)
      const order = other === undefined ? 1 : (compareVersions(replay, other, row) ?? 0)
      if (held === undefined || order > 0 || (order === 0 && !cameBefore(next, held))) newest.set(id, next)
    }
  }
  return newest
}

function cameBefore({ kept: a }: Replayed, { kept: b }: Replayed): boolean {
  return a.pass === b.pass ? a.at < b.at : a.pass < b.pass
}
