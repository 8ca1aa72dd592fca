import type { Resource } from '../../config/resolved.ts'
import type { ErrorCode } from '../../error-codes.ts'
import { SynclineError } from '../../errors.ts'
import { hash64 } from '../../hash.ts'
import type { JsonObject, JsonValue } from '../../json.ts'
import type { Entry } from '../../store/dataset.ts'
import { encodeKey, type Key } from '../../store/key.ts'
import type { KeyedPage, KeyedRow } from '../rows/entries.ts'
import type { Rejected } from '../rows/validate.ts'
import { type Pass, passInKeys, systemTable } from '../unit/position.ts'
import { canonical } from '../unit/stored-schema.ts'
import type { Run, Unit } from '../unit/unit.ts'

/** Above this share of the rows of a pass, something has changed that a run must not pass over as a success. */
const MOST_QUARANTINED = 0.1
const LEAST_ROWS = 20

/** They were understood, and put aside as the config asks: no sign that it does not fit the API. */
const ASKED_FOR: readonly ErrorCode[] = ['contract_violation', 'null_in_not_null_column']

/** Counts the rows of a page that went to quarantine, and remembers why the first one of the pass did. */
function noteRejected(pass: Pass, rejected: readonly Rejected[]): void {
  pass.quarantined += rejected.length
  for (const { code, reason } of rejected) {
    pass.rejection ??= { code, reason }
    if (!ASKED_FOR.includes(code)) pass.puzzling = true
  }
}

/**
 * Fails the run when too many rows of the pass are in quarantine, or, at its end, all of them: but a few that do not fit
 * what is asked of a table that has rows are no sign of a mistake. They are kept there; the cursor does not move, and the
 * next run begins the pass anew.
 */
export function judgePass({ resource, position }: Unit, pass: Pass): void {
  const { rows, quarantined, rejection, ended } = pass
  if (rejection === undefined) return
  const many = rows >= LEAST_ROWS && quarantined > rows * MOST_QUARANTINED
  const all = ended && quarantined === rows && (pass.puzzling || !position.contracted)
  if (!many && !all) return
  pass.refused = true
  throw new SynclineError(rejection.code, `${quarantined} of ${rows} rows cannot be taken: ${rejection.reason}`, {
    resource: resource.name,
    hint: 'They are kept whole in quarantine. Check `primaryKey`, `schema` and `dataSelector` against a response.',
  })
}

/** Puts what cannot be taken into quarantine. */
export function quarantineRows(unit: Unit, run: Run, pass: Pass, rejected: readonly Rejected[]): void {
  const { batch, resource } = unit
  if (rejected.length === 0) return
  noteRejected(pass, rejected)
  // A row in quarantine is in the API, and nobody can say which row of the table it is: none is known to be gone.
  pass.unswept ??= 'rows are in quarantine'
  const entries = rejected.map((row, index): Entry => {
    const value = inQuarantine(resource, run, pass, row)
    return { key: [resource.name, ...placeOf(unit, pass, row, index)], value }
  })
  batch.put(systemTable.quarantine, new Map(entries.map((entry) => [encodeKey(entry.key), entry])))
  for (const code of new Set(rejected.map((row) => row.code))) {
    const rows = rejected.filter((row) => row.code === code).length
    run.emit({ type: 'quarantine', resource: resource.name, code, rows })
  }
}

/**
 * A record that comes again, in this pass or in many that fail, is in quarantine once. Where rows have no key, each one
 * counts, and only a pass that reads the same again has them in the same places.
 */
function placeOf(unit: Unit, pass: Pass, { record, part, raw }: Rejected, index: number) {
  if (isByPlace(unit, pass)) return [passInKeys(unit, pass), pass.rows + index]
  return ['record', hash64(canonical([record, part, raw, pass.reading.owner]))]
}

function isByPlace({ resource }: Unit, { byPlace }: Pass): boolean {
  return byPlace === true || resource.primaryKey.length === 0
}

/** What is kept of a record: who has its parent's key and fields can take it later. */
function inQuarantine({ name }: Resource, { ports }: Run, pass: Pass, row: Rejected): JsonObject {
  const { code, reason, record, part, raw } = row
  const { owner } = pass.reading
  const at = new Date(ports.now()).toISOString()
  const of = owner === undefined ? {} : { of: owner as JsonValue }
  const { id } = pass
  return {
    resource: name,
    code,
    reason,
    at,
    pass: id,
    record,
    ...of,
    ...(part && { part: [...part] }),
    ...(raw && { raw }),
  }
}

/** Keeps whole what was stored without some value: once for each row, in its latest state. */
export function trimRows(
  unit: Unit,
  run: Run,
  pass: Pass,
  { rows: keyed, trimmed }: KeyedPage,
  rows: ReadonlyMap<string, KeyedRow>,
): void {
  const { batch, resource, position } = unit
  const { report } = position
  const entries = new Map<string, Entry>()
  for (const [id, breach] of trimmed) {
    const row = rows.get(id)
    // What is stored is newer.
    if (row === undefined || row !== keyed.get(id)) continue
    const parts = [row.key].flat()
    // A replaced table has new keys each time.
    if (pass.mode === 'replace' && isByPlace(unit, pass)) parts[0] = 0
    const key: Key = [resource.name, 'row', ...parts]
    const value = {
      ...inQuarantine(resource, run, pass, breach),
      key: row.key as JsonValue,
      stored: hash64(canonical(row.value)),
    }
    entries.set(encodeKey(key), { key, value })
  }
  if (entries.size === 0) return
  batch.put(systemTable.quarantine, entries)
  report.trimmed = (report.trimmed ?? 0) + entries.size
  run.emit({ type: 'quarantine', resource: resource.name, code: 'contract_violation', rows: entries.size })
}
