import { isSynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import type { Change, Commit, CommitResult, Dataset, Entry, TableChanges } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'

type Rows = readonly (Entry | readonly [Key, JsonObject])[]

/** Commits one after the other, as a unit does. */
export function writer(dataset: Dataset, name = 'u') {
  const commit = async (rest: Omit<Commit, 'unit' | 'position' | 'expect'>, position = {}, unit = name) => {
    const { version } = await dataset.position(unit)
    return dataset.commit({ unit, position, expect: version, ...rest })
  }
  const write = (tables: Record<string, TableChanges>, position?: JsonObject) => commit({ tables }, position)
  const put = (table: string, entries: Rows, position?: JsonObject, unit?: string): Promise<CommitResult> => {
    const all = entries.map((each) => ('key' in each ? each : entry(...each)))
    return commit({ tables: { [table]: { put: all } } }, position, unit)
  }
  return { dataset, commit, write, put }
}

/** Table `t` with rows in scattered order, over several commits. */
export async function fill(dataset: Dataset, count: number): Promise<void> {
  const { put } = writer(dataset)
  for (let from = 0; from < 7; from++)
    await put(
      't',
      rows(count).filter((_, i) => (i * 5) % 7 === from),
    )
}

export function rows(count: number): Entry[] {
  return Array.from({ length: count }, (_, i) => entry(key(i), { i, text: text(i) }))
}

export function entry(key: Key, value: JsonObject): Entry {
  return { key, value }
}

export function key(i: number): string {
  return `k${String(i).padStart(5, '0')}`
}

export function text(i: number): string {
  return `row ${i} `.repeat(10)
}

export async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = []
  for await (const batch of batches) items.push(...batch)
  return items
}

export async function changed(dataset: Dataset, since: string, table?: string): Promise<Change[] | undefined> {
  const changes = await dataset.changes(since, table)
  return changes === 'reset' ? undefined : all(changes)
}

export async function rejects(code: Parameters<typeof isSynclineError>[1], run: () => Promise<unknown>): Promise<void> {
  let outcome = 'nothing was thrown'
  try {
    await run()
  } catch (error) {
    if (isSynclineError(error, code)) return
    outcome = String(error)
  }
  throw new Error(`Expected a SynclineError ${code}, but: ${outcome}`)
}

export function equal(actual: unknown, expected: unknown): void {
  const [left, right] = [canonical(actual), canonical(expected)]
  if (left !== right) throw new Error(`Expected ${right.slice(0, 400)}, but got ${left.slice(0, 400)}`)
}

/** Text that is equal for equal values, whatever the order of fields; `undefined` is told from `null`. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return value === undefined ? 'undefined' : JSON.stringify(value)
  const fields = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`)
  return `{${fields.sort().join()}}`
}
