import type { CursorValue, Resource } from '../../config/resolved.ts'
import type { SyncTokenConfig } from '../../config/sync-token.ts'
import type { HttpResponse, RequestSpec } from '../../http/request.ts'
import type { PageRead } from '../pages/paging.ts'
import type { Reading } from '../unit/position.ts'
import type { Run, Unit } from '../unit/unit.ts'
import type * as Parts from './parts.ts'

/** What a reader of pages needs for a sync token: where it is in responses, and the first request where it is a link. */
export function withToken({ resource, cursor }: Unit, request: RequestSpec, parts: typeof Parts) {
  const link = isLink(resource)
  return {
    request: link && cursor !== undefined ? { ...request, url: String(cursor.last), params: {} } : request,
    readToken: tokenReader(resource, link, parts),
  }
}

/** The request has no place for the token. */
function isLink(resource: Resource): boolean {
  const { path, params, json, data, headers } = resource.endpoint
  const texts = JSON.stringify([path, params, json, data, headers])
  return tokenOf(resource).startParam === undefined && !texts.includes('{incremental.token}')
}

/** The option that brought the caller here. */
function tokenOf({ endpoint: { token } }: Resource): SyncTokenConfig {
  /* v8 ignore if -- @preserve: nobody loads this without the option; the types cannot say so */
  if (token === undefined) throw new TypeError('no sync token is configured')
  return token
}

function tokenReader(resource: Resource, link: boolean, parts: typeof Parts) {
  const { SynclineError, firstMatch, nextUrl, withoutCredentials } = parts
  const { auth } = resource.endpoint
  const find = firstMatch(tokenOf(resource).tokenPath)
  return ({ body, url, secrets }: HttpResponse): CursorValue | undefined => {
    const value = find(body)
    if (typeof value === 'number') return value
    if (typeof value !== 'string' || value === '') return undefined
    if (link && !/^(?:https?:\/)?[/?]/i.test(value)) {
      throw new SynclineError('invalid_url', 'the sync token is no link, and the request has no place for it', {
        hint: 'Set `startParam` of endpoint.incremental, or write {incremental.token} where the token belongs.',
      })
    }
    const token = (link && nextUrl(value, url)) || value
    const { url: kept = token } = withoutCredentials(
      link ? { url: token } : { cursor: token },
      auth?.queryParams,
      secrets,
    )
    return String(kept)
  }
}

/** Notes the token of a page. A first pass without any would have nothing to go on from. */
export function noteToken(
  { resource, cursor }: Unit,
  reading: Reading,
  { token, end }: PageRead,
  { SynclineError }: typeof Parts,
): void {
  if (token !== undefined) reading.token = token
  if (end !== 'complete' || reading.token !== undefined || cursor !== undefined) return
  throw new SynclineError('cursor_missing', `no response had a sync token at \`${tokenOf(resource).tokenPath}\``, {
    hint: 'Check `tokenPath` against the last page of a response.',
  })
}

const RENEWED = 'the API refused the sync token'

/** Whether an error of a page means that the API no longer takes the token. Reading that sent none is never refused. */
function isRefused(unit: Unit, run: Run, error: unknown, parts: typeof Parts): boolean {
  const { SynclineError, isSynclineError, passOf } = parts
  const { resource, cursor, position } = unit
  const { name } = resource
  if (cursor === undefined || !isSynclineError(error, 'http_status') || error.resource !== name) return false
  const { rejectedStatuses = [410] } = tokenOf(resource)
  if (!rejectedStatuses.some((status) => status === error.status)) return false
  if (passOf(unit).mode === 'append') {
    throw new SynclineError('full_refresh_needed', `${RENEWED}, and rows that are appended cannot be read again`, {
      resource: name,
      hint: 'Run a full refresh once (`full: true`, or `--full`): it replaces the table by what the API has now.',
    })
  }
  position.report.renewed = `${RENEWED} (${error.status})`
  run.emit({ type: 'restart', resource: name, why: position.report.renewed })
  return true
}

/**
 * Ends a pass whose token was refused, so that a full refresh begins in its place. What was read is sound, and stays. The
 * stored token is kept until that refresh is complete: if it comes to nothing, the next run is refused, and begins again.
 */
export async function renew(root: Unit, run: Run, error: unknown, parts: typeof Parts): Promise<boolean> {
  const { commitUnit, descend, passOf } = parts
  if (!isRefused(root, run, error, parts)) return false
  const { id, pages } = passOf(root)
  if (root.batch.pending) await commitUnit(root, run)
  for (const unit of descend(root)) {
    if (unit !== root && unit.position.pass?.id === id) {
      delete unit.position.pass
      await commitUnit(unit, run)
    }
  }
  delete root.position.pass
  // Their number is part of keys: it goes on.
  root.renewed = pages
  return true
}

/** The same for one parent of a child. The rest of the child is not read again, so nothing is known to be gone. */
export function renewParent(unit: Unit, run: Run, error: unknown, parts: typeof Parts): boolean {
  if (!isRefused(unit, run, error, parts)) return false
  const pass = parts.passOf(unit)
  const { entry, owner } = pass.reading
  pass.reading = { window: {}, tokenless: true, ...(entry && { entry }), ...(owner !== undefined && { owner }) }
  unit.cursor = undefined
  return true
}
