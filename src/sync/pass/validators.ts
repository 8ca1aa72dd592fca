import type { HttpClient } from '../../http/client.ts'
import type { HttpResponse } from '../../http/request.ts'
import type { JsonObject } from '../../json.ts'
import type { Key } from '../../store/key.ts'
import type { PageRead } from '../pages/paging.ts'
import type { Pass } from '../unit/position.ts'
import type { Run, Unit } from '../unit/unit.ts'
import type * as Parts from './parts.ts'

/**
 * What vouches for a list of one page: committed with its rows, and deleted with the first page that is something else.
 * So wherever there is one, the stored rows are what that page brought.
 */
type Validator = {
  /** Hash of the request, and of all else that the rows were made from. */
  of: string
  /** The headers that ask whether it still holds. */
  condition: Record<string, string>
  /** Rows of the page that are in the table. */
  rows: number
}

/** The condition of one reading of a list. */
export interface Condition {
  /** Adds the condition to the first request that it sends. */
  readonly http: HttpClient
  /** Takes a page into account that is in the batch. `only`: it is the whole list. */
  note(read: PageRead, only: boolean): void
}

/** Reads what is known of the list that is about to be read: all of a root, or what one parent has of a child. */
export async function openCondition(
  unit: Unit,
  run: Run,
  fields: JsonObject,
  http: HttpClient,
  parts: typeof Parts,
): Promise<Condition> {
  const { encodeKey, hash64, passOf, systemTable } = parts
  const { resource, position, batch } = unit
  const { report } = position
  const pass = passOf(unit)
  const { kept, quarantined } = pass
  const table = systemTable.validators(resource.name)
  const key: Key = pass.reading.owner ?? ''
  let stored = (await run.dataset.get(table, key)) as Validator | undefined
  let sent = pass.reading.paging !== undefined
  let found: Omit<Validator, 'rows'> | undefined
  return {
    http: {
      async send(request, options) {
        if (sent) return http.send(request, options)
        sent = true
        const of = hash64(JSON.stringify([request, basis(unit, run, pass), fields]))
        const headers = { ...request.headers, ...(stored?.of === of && stored.condition) }
        const response = await http.send({ ...request, headers }, { ...options, conditional: stored?.of === of })
        const condition = conditionFrom(unit, response, parts)
        if (condition !== undefined) found = { of, condition }
        return response
      },
    },
    note({ notModified }, only) {
      if (stored !== undefined && notModified) {
        const { rows } = stored
        report.rows += rows
        report.unchanged += rows
        report.notModified = (report.notModified ?? 0) + 1
        run.emit({ type: 'not_modified', resource: resource.name, rows })
      } else if (only && found !== undefined && pass.quarantined === quarantined) {
        const value = { ...found, rows: pass.kept - kept }
        position.validators = true
        batch.put(table, new Map([[encodeKey(key), { key, value }]]))
      } else if (stored !== undefined) batch.delete(table, key)
      stored = undefined
    },
  }
}

/** What the rows depend on besides the response. Of functions only that they are there. */
function basis({ resource }: Unit, { source, options }: Run, { reading }: Pass) {
  const { fingerprint, primaryKey, write, columns, schema, schemaContract, processingSteps, endpoint } = resource
  const { incremental, responseActions } = endpoint
  const functions = [schema !== undefined, processingSteps.length]
  return [
    fingerprint,
    primaryKey,
    write,
    columns,
    options.schemaContract ?? schemaContract,
    functions,
    incremental,
    responseActions,
    reading.window,
    source.client.bigint,
  ]
}

const LONGEST_ETAG = 1024
/** A time counts in seconds: only one that was over long before the answer tells two versions apart (RFC 9110, 8.8.2.2). */
const SETTLED_MS = 60_000
/** Where the end of the list is in the body. With others, a page that is the same may have become one of two. */
const PAGED_BY_BODY = ['offset', 'page_number', 'cursor', 'json_link', 'auto']

/** The condition of the next request, where the response gives something to make it of. */
function conditionFrom(
  { resource }: Unit,
  { headers, redirected, notModified, date }: HttpResponse,
  { parseHttpDate }: typeof Parts,
): Record<string, string> | undefined {
  const { paginator } = resource.endpoint
  const type = typeof paginator === 'string' ? paginator : 'type' in paginator ? paginator.type : ''
  const whole = type === 'single_page' || (PAGED_BY_BODY.includes(type) && !headers.has('link'))
  if (notModified || redirected || !whole || headers.get('vary')?.includes('*')) return undefined
  const etag = headers.get('etag')
  if (etag !== null) return etag.length <= LONGEST_ETAG ? { 'if-none-match': etag } : undefined
  const modified = headers.get('last-modified')
  if (modified === null || date === undefined) return undefined
  const at = parseHttpDate(modified, date)
  return at !== undefined && date - at >= SETTLED_MS ? { 'if-modified-since': modified } : undefined
}
