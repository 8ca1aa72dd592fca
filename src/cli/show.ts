import { SynclineError } from '../index.ts'
import type { JsonObject } from '../json.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Key } from '../store/key.ts'
import type { Args } from './args.ts'
import { openCopy } from './copy.ts'
import type { ExitCode, Io } from './io.ts'
import { renderRows } from './row-table.ts'
import { renderTable } from './table.ts'
import { count, printable, printableJson } from './text.ts'

const DEFAULT_LIMIT = 20

/** `syncline show [table] [key] --from <dir>` */
export async function runShow(args: Args, io: Io): Promise<ExitCode> {
  const { dataset } = await openCopy(args)
  try {
    const [table, key] = args.positionals
    if (table === undefined) return await showTables(dataset, args, io)
    if (table === '_quarantine' && (await dataset.count(table)) === 0) {
      await io.out(args.json ? '' : 'Nothing is in quarantine.')
      return 0
    }
    await expectTable(dataset, table)
    return key === undefined ? await showRows(dataset, table, args, io) : await showRecord(dataset, table, key, io)
  } finally {
    await dataset.close()
  }
}

async function showTables(dataset: Dataset, { json }: Args, io: Io): Promise<ExitCode> {
  const counts: [string, number][] = []
  for (const table of await dataset.tables()) {
    if (isForUsers(table)) counts.push([table, await dataset.count(table)])
  }
  const table = () =>
    renderTable(counts, [
      { header: 'table', cell: ([name]) => printable(name) },
      { header: 'rows', cell: ([, rows]) => count(rows), align: 'right' },
    ])
  await io.out(json ? printableJson(Object.fromEntries(counts), 2) : table())
  return 0
}

/** Of the engine's own tables, the one that somebody has to look at. */
function isForUsers(table: string): boolean {
  return !table.startsWith('_') || table === '_quarantine'
}

async function expectTable(dataset: Dataset, table: string): Promise<void> {
  const tables = await dataset.tables()
  if (tables.includes(table)) return
  const hint = `Tables with rows: ${tables.filter(isForUsers).join(', ') || 'none'}.`
  throw new SynclineError('config_invalid', `There is no table ${JSON.stringify(table)}`, { hint })
}

async function showRows(dataset: Dataset, table: string, args: Args, io: Io): Promise<ExitCode> {
  const { limit = DEFAULT_LIMIT, json } = args
  const rows: JsonObject[] = []
  for await (const entries of dataset.scan(table, { limit })) {
    for (const { value } of entries) {
      if (json) await io.out(printableJson(value))
      else rows.push(value)
    }
  }
  if (json) return 0
  await io.out(renderRows(rows, io.columns))
  const total = await dataset.count(table)
  if (total > rows.length) await io.out(`${count(rows.length)} of ${count(total)} rows: see --limit`)
  return 0
}

async function showRecord(dataset: Dataset, table: string, text: string, io: Io): Promise<ExitCode> {
  for (const key of possibleKeys(text)) {
    const record = await dataset.get(table, key)
    if (record !== undefined) {
      await io.out(printableJson(record, 2))
      return 0
    }
  }
  io.err(printable(`${table} has no record ${text}`))
  return 1
}

/** `7` may be the text or the number; a composite key is written as a JSON array. */
function possibleKeys(text: string): Key[] {
  const keys: Key[] = [text]
  try {
    const parsed: unknown = JSON.parse(text)
    if (isKey(parsed)) keys.push(parsed)
  } catch {
    // Not JSON: it is text.
  }
  return keys
}

function isKey(value: unknown): value is Key {
  return isKeyPart(value) || (Array.isArray(value) && value.length > 0 && value.every(isKeyPart))
}

function isKeyPart(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
