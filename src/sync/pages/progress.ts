import { SynclineError } from '../../errors.ts'
import { hash64 } from '../../hash.ts'
import type { RequestSpec } from '../../http/request.ts'
import { isJsonObject, type JsonValue, own } from '../../json.ts'
import { requestKey } from './lookahead.ts'

/** Brent's cycle detection over requests: the remembered one, how long ago it was, and when to replace it. */
export interface Cycle {
  seen?: string
  steps: number
  limit: number
}

export const NO_CYCLE: Cycle = { steps: 0, limit: 1 }

/** Remembers one request, and replaces it at growing distances: meeting it again means going in circles. */
export function watchCycle(cycle: Cycle, request: RequestSpec): Cycle {
  const key = requestKey(request)
  if (key === cycle.seen) {
    throw new SynclineError('pagination_loop', 'the pages go in a circle: this page was requested before', {
      hint: 'The server sends a next link or cursor that it has sent before: check the `paginator`.',
    })
  }
  const steps = cycle.steps + 1
  if (steps < cycle.limit) return { ...cycle, steps }
  return { seen: key, steps: 0, limit: cycle.limit * 2 }
}

/** Throws when the page holds what the one before held: the server ignores where it should go on. */
export function requireProgress({ page, digest: before }: { page: number; digest?: string }, digest?: string): void {
  if (digest === undefined || digest !== before) return
  throw new SynclineError('pagination_no_progress', `page ${page + 1} holds the same records as the one before`, {
    hint: 'The server seems to ignore the paging parameters: check their names and the kind of `paginator`.',
  })
}

/**
 * Keys of all records, or the first and last record where none tells them apart: a step or the schema may make the key, of
 * several fields or of one that the record has for another use. `undefined` for too little to judge by.
 */
export function digestOf(records: readonly JsonValue[], primaryKey: readonly string[]): string | undefined {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const keys = new Set(records.map((record) => keyIn(record, primaryKey)))
  if (keys.size === records.length && !keys.has(undefined)) return hash64([...keys].join('\n'))
  return records.length < 2 ? undefined : hash64(JSON.stringify([records.length, first, last], exactText))
}

/** What tells a record from others. Keys as text, since an id may be a `bigint`. */
export function identityOf(record: JsonValue | undefined, primaryKey: readonly string[]): string {
  return keyIn(record, primaryKey) ?? JSON.stringify(record, exactText)
}

function keyIn(record: JsonValue | undefined, primaryKey: readonly string[]): string | undefined {
  const parts = isJsonObject(record) ? primaryKey.map((field) => own(record, field)) : []
  return parts.length === 0 || parts.includes(undefined) ? undefined : parts.map(String).join()
}

function exactText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
