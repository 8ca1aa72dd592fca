import { buildRequest } from '../config/request.ts'
import { isSynclineError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { loaded } from '../loaded.ts'
import { createPaginator } from '../paginators/create.ts'
import { encodeKey } from '../store/key.ts'
import { absorbPage } from './absorb.ts'
import { meterFor } from './budget.ts'
import { cursorKey, type Pending, pendingOf } from './children.ts'
import { commitUnit } from './commit.ts'
import { cursorAfter, cursorFor, openWindow, type StoredCursor } from './incremental.ts'
import { lookupFor } from './lookup.ts'
import { askAhead, isUnderWay, lookingAhead, type PageRead, type PagingState, readPage, startPaging } from './paging.ts'
import * as parts from './parts.ts'
import { type Pass, type PendingKey, type Position, systemTable } from './position.ts'
import { judgePass } from './quarantine.ts'
import { passOf, type Run, type Unit } from './unit.ts'

/** What is being read: all of a resource, or its rows under one parent. */
interface Rows {
  readonly bindings: JsonObject
  /** Fields of the parent that each row gets. */
  readonly fields: JsonObject
  /** Notes the end, in the commit of the last page. `complete`: all rows were seen. */
  leave(complete: boolean): void
}

/** Reads a root resource to its end, and below each of its pages all that hangs on it. */
export async function readRoot(root: Unit, run: Run): Promise<void> {
  const pass = passOf(root)
  await drainChildren(root, run)
  if (pass.ended) return
  await readPages(root, run, {
    bindings: {},
    fields: {},
    leave() {
      pass.ended = true
    },
  })
}

/** Fetches the children of all parents that are pending, before the next page of parents is read. */
async function drainChildren({ children }: Unit, run: Run): Promise<void> {
  for (const child of children) if (child.active) await drain(child, run)
}

async function drain(unit: Unit, run: Run): Promise<void> {
  const { resource, batch } = unit
  await drainChildren(unit, run)
  let passedOver = false
  for await (const { at, parent } of pendingOf(unit, run)) {
    await enterParent(unit, run, at, parent)
    const leave = (complete: boolean) => leaveParent(unit, at, parent, complete)
    if (room(unit, run) > 0) await readPages(unit, run, { ...parent, leave })
    else {
      leaveOut(passOf(unit), 'limit')
      batch.delete(systemTable.pending(resource.name), at)
      passedOver = true
    }
  }
  if (batch.pending || passedOver) await commitUnit(unit, run)
}

/** Goes on with the parent that was being read, or begins with the next one: each has a cursor of its own. */
async function enterParent(unit: Unit, run: Run, at: PendingKey, { key }: Pending): Promise<void> {
  const pass = passOf(unit)
  const { incremental, token } = unit.resource.endpoint
  const stored = (incremental ?? token) && (await run.dataset.get(systemTable.cursors, cursorKey(unit, key)))
  const goesOn = pass.reading.entry?.join() === at.join()
  const anew = pass.full || pass.fromStart || (goesOn && pass.reading.tokenless)
  unit.cursor = anew ? undefined : cursorFor(unit.resource, stored as StoredCursor | undefined)
  if (goesOn) return
  pass.reading = {
    window: incremental === undefined ? {} : openWindow(incremental, unit.cursor),
    entry: at,
    owner: key,
  }
}

function leaveParent(unit: Unit, at: PendingKey, { key }: Pending, complete: boolean): void {
  const { resource, batch } = unit
  batch.delete(systemTable.pending(resource.name), at)
  const cursor = complete && cursorAfter(resource, unit.cursor, passOf(unit).reading)
  if (!cursor) return
  const entry = { key: cursorKey(unit, key), value: cursor as unknown as JsonObject }
  batch.put(systemTable.cursors, new Map([[encodeKey(entry.key), entry]]))
}

/** Errors say which resource they are about. */
async function readPages(unit: Unit, run: Run, rows: Rows): Promise<void> {
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
async function readAndCommit(unit: Unit, run: Run, { bindings, fields, leave }: Rows): Promise<void> {
  const { resource, position, batch, children } = unit
  const { http, ports, options, dataset, source } = run
  const { endpoint, primaryKey } = resource
  const pass = passOf(unit)
  const { reading } = pass
  position.report.status = 'running'
  const { token } = endpoint
  const tokens = token && (await loaded(import('./sync-token.ts')))
  const sent = token && unit.cursor?.last
  const request = buildRequest(source.client, resource, lookupFor(resource, bindings, reading.window, sent))
  const conditions = pass.conditional && (await loaded(import('./validators.ts')))
  const condition = conditions && (await conditions.openCondition(unit, run, fields, http, parts))
  const reader = lookingAhead({
    resource: resource.name,
    http: condition?.http ?? http,
    endpoint,
    paginator: await createPaginator(endpoint.paginator),
    primaryKey,
    resumedAt: reading.countedIn === position.run ? undefined : reading.paging?.page,
    request,
    meter: meterFor(resource.name, position.report, run.left, options.onEvent),
    signal: options.signal,
    ...tokens?.withToken(unit, request, parts),
  })
  try {
    for (let paging: PagingState | undefined = reading.paging ?? startPaging(reader); paging !== undefined; ) {
      run.left.requireOpen(isUnderWay(reader, paging))
      const askedAt = ports.now()
      const asked = await readPage(reader, paging)
      noteDrift(pass, position, asked)
      tokens?.noteToken(unit, reading, asked, parts)
      const read = cut(asked, room(unit, run))
      reading.sourceTime ??= sourceTimeOf(asked, askedAt, ports.now(), endpoint.incremental?.clockSkew)
      const outrun = await absorbPage(unit, run, read, fields, reading.sourceTime)
      const end = outrun ? 'complete' : room(unit, run) <= 0 && read.end !== 'complete' ? 'limit' : read.end
      condition?.note(read, reading.paging === undefined && end === 'complete')
      paging = end === undefined ? read.next : undefined
      if (paging !== undefined) reading.paging = paging
      else {
        delete reading.paging
        if (end !== undefined && end !== 'complete') leaveOut(pass, end)
        leave(end === 'complete' && !reading.shrunk)
      }
      batch.addPage(ports.now(), read.bytes)
      judgePass(unit, pass)
      const due = children.length > 0 || batch.due(dataset.limits, ports.now())
      // What hangs on the rows of a page is read before the next page, which may take long.
      const mayAsk = options.limit === undefined && !children.some(({ active }) => active)
      if (paging !== undefined && mayAsk && (due || read.ahead.length > 0) && run.left.mayAskAhead()) {
        askAhead(reader, paging, read.ahead)
      }
      if (due) {
        // The last page of a childless root is committed with the end of the pass.
        if (!(pass.ended && children.length === 0)) await commitUnit(unit, run)
      }
      await drainChildren(unit, run)
    }
  } finally {
    await reader.lookahead.close()
  }
}

/**
 * What shows that rows moved between pages while they were read, so that some were not seen: the paginator's anchors, or
 * else a total that changes or is not what came.
 */
function noteDrift(pass: Pass, { run, report }: Position, { total, received, end, drift }: PageRead): void {
  const { reading } = pass
  if (drift !== undefined && drift !== 'none') report.drift++
  if (drift === 'lost') leaveOut(pass, 'moved')
  if (drift === 'added') pass.unswept ??= ADDED
  if (drift === undefined && total !== undefined && reading.total !== undefined && reading.total !== total) {
    report.drift++
    pass.unswept ??= ADDED
    // Those behind a row that went have moved up, and may have slipped from the next page into the last. Between two
    // runs much may have changed: then it only keeps rows from being swept.
    if (total < reading.total && reading.countedIn === run) reading.shrunk = true
    if (reading.shrunk) leaveOut(pass, 'removed')
  }
  if (total !== undefined) {
    reading.total = total
    reading.countedIn = run
    reading.most = Math.max(reading.most ?? 0, total)
  }
  // Rows that went after they were read are counted no more.
  const { most = 0 } = reading
  if (end !== 'complete' || reading.total === undefined || (received >= reading.total && received <= most)) return
  pass.unswept ??= `${received} rows came where the API counts ${reading.total}`
}

/** The source's time when it was asked: an answer is dated when it is sent, and may have been made long before. */
function sourceTimeOf({ date }: PageRead, askedAt: number, now: number, clockSkew = 0): number {
  return date === undefined ? askedAt - clockSkew * 1000 : date - Math.max(0, now - askedAt)
}

const ADDED = 'rows were added while they were read'

const INCOMPLETE = {
  capped: "the paginator's maximum was reached",
  unproved: "nothing shows that the last page was the last (if one page is all, say so: paginator: 'single_page')",
  ignored: 'a response was ignored',
  limit: '`limit` was reached',
  moved: 'rows moved while they were read, and their place was not found again',
  removed: 'rows were removed while they were read',
} as const

/** Not all rows were seen. */
function leaveOut(pass: Pass, why: keyof typeof INCOMPLETE): void {
  pass.incomplete ??= INCOMPLETE[why]
  if (why === 'limit') pass.partial = why
  else if (why === 'moved' || why === 'removed') pass.partial ??= 'moved'
}

/** Records that `limit` leaves for this pass. */
function room(unit: Unit, { options: { limit } }: Run): number {
  const { received, pages } = passOf(unit)
  return pages < (limit?.pages ?? Infinity) ? (limit?.records ?? Infinity) - received : 0
}

function cut(read: PageRead, room: number): PageRead {
  if (read.records.length <= room) return read
  return { ...read, records: read.records.slice(0, room), end: undefined }
}
