import type { JsonObject } from '../../json.ts'
import { encodeKey } from '../../store/key.ts'
import { cursorAfter, cursorFor, openWindow, type StoredCursor } from '../incremental/incremental.ts'
import { cursorKey, type Pending, pendingOf } from '../unit/children.ts'
import { commitUnit } from '../unit/commit.ts'
import { type PendingKey, systemTable } from '../unit/position.ts'
import { passOf, type Run, type Unit } from '../unit/unit.ts'
import { leaveOut } from './incomplete.ts'
import { readPages, room } from './read-pages.ts'

/** Reads a root resource to its end, and below each of its pages all that hangs on it. */
export async function readRoot(root: Unit, run: Run): Promise<void> {
  const pass = passOf(root)
  await drainChildren(root, run)
  if (pass.ended) return
  const leave = () => {
    pass.ended = true
  }
  await readPages(root, run, { bindings: {}, fields: {}, below: () => drainChildren(root, run), leave })
}

/** Fetches the children of all parents that are pending, before the next page of parents is read. */
async function drainChildren({ children }: Unit, run: Run): Promise<void> {
  for (const child of children) if (child.active) await drain(child, run)
}

async function drain(unit: Unit, run: Run): Promise<void> {
  const { resource, batch } = unit
  const below = () => drainChildren(unit, run)
  await below()
  let passedOver = false
  for await (const { at, parent } of pendingOf(unit, run)) {
    await enterParent(unit, run, at, parent)
    const leave = (complete: boolean) => leaveParent(unit, at, parent, complete)
    if (room(unit, run) > 0) await readPages(unit, run, { ...parent, below, leave })
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
    before: [pass.rows, pass.quarantined],
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
