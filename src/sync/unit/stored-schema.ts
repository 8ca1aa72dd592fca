import type { Resource } from '../../config/resolved.ts'
import { hash64 } from '../../hash.ts'
import { isJsonObject } from '../../json.ts'
import type { ResourceReport, SchemaReport } from '../../report.ts'
import type { SchemaNews } from '../../schema/infer.ts'
import type { TableKeys } from '../rows/entries.ts'
import type { Run, StoredSchema, Unit } from './unit.ts'

/** What the next commit has to store, with the version after the one that is stored. */
export function nextSchema(
  { schema, inference, resource }: Unit,
  keys: TableKeys | undefined,
  news: SchemaNews | undefined,
  { id }: Run,
): StoredSchema {
  const hints = hintsOf(resource)
  const table = { ...inference.toJSON(), ...(hints && { hints }) }
  const { version = 0, hash, diff } = schema ?? {}
  const next: StoredSchema = { ...table, ...(keys && { keys }) }
  if (news === undefined) return { ...next, ...(version && { version }), ...(hash && { hash }), ...(diff && { diff }) }
  const before = diff?.run === id ? diff : { added: [], changed: [] }
  const added = [...new Set([...before.added, ...news.added])]
  const changed = [...new Set([...before.changed, ...news.changed])].filter((name) => !added.includes(name))
  return { ...next, version: version + 1, hash: hash64(canonical(table)), diff: { run: id, added, changed } }
}

/** What was learned since the last commit, and the columns of which the config says something else than it did. */
export function newsOf({ inference, schema, resource }: Unit): SchemaNews | undefined {
  const learned = inference.take()
  if (schema === undefined) return learned
  const [before, now] = [schema.hints ?? {}, hintsOf(resource) ?? {}]
  if (canonical(before) === canonical(now)) return learned
  const { added, changed } = learned ?? { added: [], changed: [] }
  const hint = (hints: typeof now, name: string) => canonical((Object.hasOwn(hints, name) && hints[name]) || {})
  const differ = Object.keys({ ...before, ...now }).filter(
    (name) => inference.root.fields?.has(name) && hint(before, name) !== hint(now, name),
  )
  return { added, changed: [...new Set([...changed, ...differ])].filter((name) => !added.includes(name)) }
}

/** What `columns` say, kept so that who has only the store knows it too. */
export function hintsOf({ columns }: Resource): StoredSchema['hints'] {
  const entries = Object.entries(columns).flatMap(([name, { dataType, nullable }]) =>
    dataType === undefined && nullable === undefined
      ? []
      : [[name, { ...(dataType && { dataType }), ...(nullable !== undefined && { nullable }) }] as const],
  )
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** JSON that is the same for equal values: names are sorted. */
export function canonical(value: object): string {
  const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)
  return JSON.stringify(value, (_, part: unknown) =>
    isJsonObject(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part,
  )
}

/** The report of the run, with the schema as it is now and what the run has changed. */
export function fullReport({ schema, position, committed, broken }: Unit): ResourceReport {
  const report = broken ? committed : position.report
  if (schema?.version === undefined || schema.hash === undefined) return report
  const { version, hash, diff } = schema
  const { added, changed } = diff?.run === position.run ? diff : { added: [], changed: [] }
  const known: SchemaReport = { version, hash, added, changed }
  return { ...report, schema: known }
}
