import { buildRequest } from '../../config/request.ts'
import { isSynclineError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import { loaded } from '../../loaded.ts'
import { createPaginator } from '../../paginators/create.ts'
import { lookupFor } from '../incremental/lookup.ts'
import {
  askAhead,
  isUnderWay,
  lookingAhead,
  type PageRead,
  type PagingState,
  readPage,
  startPaging,
} from '../pages/paging.ts'
import { meterFor } from '../run/budget.ts'
import { commitUnit } from '../unit/commit.ts'
import { passOf, type Run, type Unit } from '../unit/unit.ts'
import { absorbPage } from './absorb.ts'
import { noteDrift } from './drift.ts'
import { leaveOut } from './incomplete.ts'
import * as parts from './parts.ts'
import { judgePass } from './quarantine.ts'

/** What is being read: all of a resource, or its rows under one parent. */
interface Rows {
  readonly bindings: JsonObject
  /** Fields of the parent that each row gets. */
  readonly fields: JsonObject
  /** Reads what hangs on the rows that were committed. */
  below(): Promise<void>
  /** Notes the end, in the commit of the last page. `complete`: all rows were seen. */
  leave(complete: boolean): void
}

/** Errors say which resource they are about. */
export async function readPages(unit: Unit, run: Run, rows: Rows): Promise<void> {
  try {
    await readAndCommit(unit, run, rows)
  } catch (error) {
    await readAgain(unit, run, rows, isSynclineError(error) ? error.with({ resource: unit.resource.name }) : error)
  }
}

/** What a parent has of a child, without the sync token, if it was that which the API refused. */
async function readAgain(unit: Unit, run: Run, rows: Rows, error: unknown): Promise<void> {
  if (passOf(unit).reading.owner === undefined || !unit.resource.endpoint.token) throw error
  const { renewParent } = await loaded(import('./sync-token.ts'))
  if (!renewParent(unit, run, error, parts)) throw error
  await commitUnit(unit, run)
  await readPages(unit, run, rows)
}

/** Reads page after page and commits them, each with the state of the next. Stops by throwing, between two pages. */
async function readAndCommit(unit: Unit, run: Run, rows: Rows): Promise<void> {
  const { resource, position, batch, children } = unit
  const { ports, options, dataset } = run
  const pass = passOf(unit)
  const { reading } = pass
  position.report.status = 'running'
  const { reader, condition, tokens } = await openReader(unit, run, rows)
  try {
    let paging: PagingState | undefined = reading.paging ?? startPaging(reader, position.selector)
    while (paging !== undefined) {
      run.left.requireOpen(isUnderWay(reader, paging))
      const askedAt = ports.now()
      const asked = await readPage(reader, paging)
      noteDrift(pass, position, asked)
      tokens?.noteToken(unit, reading, asked, parts)
      if (asked.selector !== undefined) position.selector = asked.selector
      const read = cut(asked, room(unit, run))
      reading.sourceTime ??= sourceTimeOf(asked, askedAt, ports.now(), resource.endpoint.incremental?.clockSkew)
      const outrun = await absorbPage(unit, run, read, rows.fields, reading.sourceTime)
      const end = outrun ? 'complete' : room(unit, run) <= 0 && read.end !== 'complete' ? 'limit' : read.end
      condition?.note(read, reading.paging === undefined && end === 'complete')
      paging = end === undefined ? read.next : undefined
      if (paging !== undefined) reading.paging = paging
      else {
        delete reading.paging
        if (end !== undefined && end !== 'complete') leaveOut(pass, end)
        rows.leave(end === 'complete' && !reading.shrunk)
      }
      batch.addPage(ports.now(), read.bytes)
      judgePass(unit, pass)
      const due = children.length > 0 || batch.due(dataset.limits, ports.now())
      // What hangs on the rows of a page is read before the next page, which may take long.
      const mayAsk = options.limit === undefined && !children.some(({ active }) => active)
      if (paging !== undefined && mayAsk && (due || read.ahead.length > 0) && run.left.mayAskAhead()) {
        askAhead(reader, paging, read.ahead)
      }
      // The last page of a childless root is committed with the end of the pass.
      if (due && !(pass.ended && children.length === 0)) await commitUnit(unit, run)
      await rows.below()
    }
  } finally {
    await reader.lookahead.close()
  }
}

/** What reads the pages, and what it is told of them: validators where requests are conditional, sync tokens. */
async function openReader(unit: Unit, run: Run, { bindings, fields }: Rows) {
  const { resource, position } = unit
  const { http, options, source } = run
  const { endpoint, primaryKey } = resource
  const pass = passOf(unit)
  const { window, paging, countedIn } = pass.reading
  const { token } = endpoint
  const tokens = token && (await loaded(import('./sync-token.ts')))
  const sent = token && unit.cursor?.last
  const request = buildRequest(source.client, resource, lookupFor(resource, bindings, window, sent))
  const conditions = pass.conditional && (await loaded(import('./validators.ts')))
  const condition = conditions ? await conditions.openCondition(unit, run, fields, http, parts) : undefined
  const reader = lookingAhead({
    resource: resource.name,
    http: condition?.http ?? http,
    endpoint,
    paginator: await createPaginator(endpoint.paginator),
    // Fields of the parent are not in the records yet, and are the same in all of them.
    primaryKey: primaryKey.filter((field) => !Object.hasOwn(fields, field)),
    resumedAt: countedIn === position.run ? undefined : paging?.page,
    request,
    meter: meterFor(resource.name, position.report, run.left, options.onEvent),
    signal: options.signal,
    ...tokens?.withToken(unit, request, parts),
  })
  return { reader, condition, tokens }
}

/** The source's time when it was asked: an answer is dated when it is sent, and may have been made long before. */
function sourceTimeOf({ date }: PageRead, askedAt: number, now: number, clockSkew = 0): number {
  return date === undefined ? askedAt - clockSkew * 1000 : date - Math.max(0, now - askedAt)
}

/** Records that `limit` leaves for this pass. */
export function room(unit: Unit, { options: { limit } }: Run): number {
  const { received, pages } = passOf(unit)
  return pages < (limit?.pages ?? Infinity) ? (limit?.records ?? Infinity) - received : 0
}

function cut(read: PageRead, room: number): PageRead {
  if (read.records.length <= room) return read
  return { ...read, records: read.records.slice(0, room), end: undefined }
}
