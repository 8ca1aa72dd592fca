import type { Resource } from '../../config/resolved.ts'
import { SynclineError } from '../../errors.ts'
import { cursorFor, windowOf } from '../incremental/incremental.ts'
import type { StepOptions } from '../run/options.ts'
import { isStored } from '../run/scope.ts'
import { type Pass, type Position, systemTable } from '../unit/position.ts'
import { descend, passOf, type Run, type Unit } from '../unit/unit.ts'
import { mayBeUnmodified } from './conditional.ts'

/**
 * Makes sure that a root resource and those below it are in one pass: goes on with the one that was interrupted, or
 * begins anew. The tables of an earlier, abandoned pass are emptied with the root's first commit.
 */
export function openPass(root: Unit, run: Run): void {
  const { position, resource } = root
  const going = position.pass
  const why = going && whyRestart(root, going, run)
  const fresh = newBelow(root, position.below)
  const all = fresh.length > 0 && position.cursor !== undefined ? `${fresh.join(', ')} needs all rows` : undefined
  const said = going === undefined ? (all ?? staleToken(root)) : going.pages > 0 ? why : undefined
  if (said !== undefined) run.emit({ type: 'restart', resource: resource.name, why: said })
  if (going === undefined || why !== undefined) {
    const pass = beginPass(root, run.id, run, { fromStart: fresh.length > 0, renewed: root.renewed !== undefined })
    pass.pages = root.renewed ?? 0
    if (namesBelow(root).join() !== (position.below ?? []).join()) pass.below = namesBelow(root)
    for (const { resource, active, twoStrike } of descend(root)) {
      const { staged, seen, pending } = systemTable
      root.batch.drop(staged(resource.name))
      root.batch.drop(seen(resource.name))
      if (!twoStrike) root.batch.drop(systemTable.missing(resource.name))
      // Parents that an earlier run left for a resource that it was not asked for are still to be worked on.
      if (why !== undefined && active) root.batch.drop(pending(resource.name))
    }
  }
  const { id, full, fromStart = false, renewed = false } = passOf(root)
  root.cursor = full || fromStart ? undefined : cursorFor(root.resource, position.cursor)
  for (const unit of descend(root)) {
    const { position, resource, active } = unit
    if (active && unit !== root && position.pass?.id !== id && position.passed !== id)
      beginPass(unit, id, run, { fromStart, renewed })
    unit.table = tableOf(resource.name, position.pass)
    if (position.pass?.mode === 'replace') unit.keys = position.pass.keys
  }
  noteKind(root, false)
}

/** Below parents that have changed, there is less to read as well. `above`: the resource above reads what has changed. */
function noteKind(unit: Unit, above: boolean): void {
  const { resource, position, children, cursor } = unit
  const { pass, passed } = position
  const { parent, endpoint } = resource
  const { incremental, token } = endpoint
  const known = parent === undefined ? cursor !== undefined : passed > 0 && (incremental ?? token) !== undefined
  const changes = above || (known && incremental?.endValue === undefined)
  unit.changesOnly = changes && !pass?.full && !pass?.fromStart
  for (const child of children) noteKind(child, unit.changesOnly)
}

function tableOf(name: string, pass: Pass | undefined): string | undefined {
  if (pass === undefined || pass.mode === 'read') return undefined
  return pass.mode === 'replace' ? systemTable.staged(name) : name
}

function namesBelow(root: Unit): string[] {
  return descend(root).flatMap((unit) => (unit === root ? [] : unit.resource.name))
}

/** Resources below that were not there, or skipped, when earlier rows came: `known` are those that were. */
function newBelow(root: Unit, known: readonly string[] = []): string[] {
  return namesBelow(root).filter((name) => !known.includes(name))
}

/** All would be read without it; what is appended would be appended again. */
function staleToken({ resource, position: { cursor } }: Unit): string | undefined {
  const stale = resource.endpoint.token && cursor !== undefined && cursorFor(resource, cursor) === undefined
  return stale ? 'the config has changed, and the sync token is of the old one' : undefined
}

interface Since {
  fromStart: boolean
  renewed: boolean
}

function beginPass(unit: Unit, id: number, run: Run, { fromStart, renewed }: Since): Pass {
  const { resource, position } = unit
  const mode = modeOf(resource, run.options)
  const full = run.options.full === true || (renewed && mode !== 'append')
  const byPlace = isAppended(resource, run.options)
  const fields = byPlace ? [] : resource.primaryKey
  if (mode !== 'replace' && mode !== 'read' && !full) requireSameKey(unit, fields)
  const stale = staleToken(unit)
  if (mode === 'append' && stale !== undefined) throw refreshNeeded(resource.name, stale)
  // A replaced table holds what this pass reads and nothing else: a cursor would leave the rest out.
  const anew = full || mode === 'replace'
  // Appended rows would be appended again.
  const all = anew || (fromStart && mode !== 'append')
  position.config = resource.fingerprint
  position.pass = {
    id,
    mode,
    stage: 'read',
    pages: 0,
    received: 0,
    rows: 0,
    kept: 0,
    quarantined: 0,
    reading: { window: windowOf(resource, all ? undefined : position.cursor) },
  }
  if (anew) position.pass.full = true
  if (renewed) position.pass.renewed = true
  if (all && !anew) position.pass.fromStart = true
  if (byPlace) position.pass.byPlace = true
  if (mayBeUnmodified(unit, run, position.pass)) position.pass.conditional = true
  else if (position.validators) forgetValidators(unit)
  const again = position.appending !== undefined && position.appending.start === position.pass.reading.window.start
  // Children have cursors that move one by one: what they appended is not all read again.
  if (mode === 'append' && resource.parent === undefined && !again) noteAppending(position, position.pass)
  // Rows under other keys, or keys of another type, are swept.
  if (full && mode === 'merge') unit.keys = { fields }
  return position.pass
}

/** What a pass without conditions writes, they do not vouch for. */
export function forgetValidators({ batch, resource, position }: Unit): void {
  batch.drop(systemTable.validators(resource.name))
  delete position.validators
}

/** The rows of the pass are no sure part of the table until it is complete. */
export function noteAppending(position: Position, { id, reading: { window } }: Pass): void {
  position.appending = { pass: id, ...(window.start !== undefined && { start: window.start }) }
}

/** Rows that are stored under other key fields would never be met again: only a full refresh finds and sweeps them. */
function requireSameKey({ resource: { name }, keys }: Unit, fields: readonly string[]): void {
  if (keys === undefined || keys.fields.join() === fields.join()) return
  const by = (some: readonly string[]) => (some.length === 0 ? 'the order of their arrival' : `\`${some.join(', ')}\``)
  throw refreshNeeded(name, `the rows are stored by ${by(keys.fields)}, and not by ${by(fields)}`)
}

function refreshNeeded(resource: string, why: string): SynclineError {
  return new SynclineError('full_refresh_needed', why, {
    resource,
    hint: 'Run a full refresh once (`full: true`, or `--full`), or drop the dataset.',
  })
}

/** What the options of this run make of a resource's write disposition. */
export function modeOf(resource: Resource, options: StepOptions): Pass['mode'] {
  const { primaryKey, name } = resource
  const disposition = dispositionOf(resource, options)
  if (disposition === 'skip' || !isStored(resource, options)) return 'read'
  if (disposition === 'merge' && primaryKey.length === 0) {
    throw new SynclineError('config_invalid', 'merging needs a `primaryKey`', {
      resource: name,
      hint: "Set `primaryKey`, or use the write disposition 'append' or 'replace'.",
    })
  }
  // Reading everything again and appending it would double every row.
  return options.full && disposition === 'append' ? 'replace' : disposition
}

function dispositionOf({ write }: Resource, options: StepOptions) {
  return options.writeDisposition ?? write.disposition
}

/** Whether later runs add to the rows of this one, which a full refresh must leave possible. */
function isAppended(resource: Resource, options: StepOptions): boolean {
  return dispositionOf(resource, options) === 'append'
}

/** A pass of this very run cannot go on: what begins in its place would give its rows the keys that others have. */
export function needsNewRun(root: Unit, run: Run): boolean {
  const { pass } = root.position
  return pass?.id === run.id && whyRestart(root, pass, run) !== undefined
}

function whyRestart(root: Unit, pass: Pass, run: Run): string | undefined {
  const changed = descend(root).find(
    ({ position, resource }) => position.pass && position.config !== resource.fingerprint,
  )
  if (changed !== undefined) return `the config of ${changed.resource.name} has changed`
  const [late] = newBelow(root, pass.below ?? root.position.below)
  if (late !== undefined && pass.mode !== 'append') return `${late} needs all rows`
  const limited = descend(root).some(({ position }) => position.pass?.partial === 'limit')
  if (limited && run.options.limit === undefined) return 'an earlier run was limited to its beginning'
  if (run.options.full && !pass.full) return 'a full refresh was asked for'
  const sameKeys = isAppended(root.resource, run.options) === (pass.byPlace ?? false)
  // A full refresh that was interrupted goes on, whatever the next run asks for.
  const mode = modeOf(root.resource, pass.full ? { ...run.options, full: true } : run.options)
  if (mode !== pass.mode || !sameKeys) return 'the write disposition has changed'
  return undefined
}
