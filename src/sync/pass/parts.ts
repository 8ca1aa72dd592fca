/**
 * What the parts of the engine that few users need are made of. Handed to them when they are called: what they imported
 * themselves would be split from the rest into chunks of its own, and cost everyone more than it saves.
 *
 * @module
 */
export { isSynclineError, SynclineError } from '../../errors.ts'
export { hash64 } from '../../hash.ts'
export { parseHttpDate } from '../../http/http-date.ts'
export { nextUrl } from '../../paginators/next-url.ts'
export { firstMatch } from '../../select/path.ts'
export { compareKeys, encodeKey } from '../../store/key.ts'
export { forget } from '../deletes/forget.ts'
export { compareCursors } from '../incremental/cursor-value.ts'
export { openWindow } from '../incremental/incremental.ts'
export { withoutCredentials } from '../pages/paging.ts'
export { keyRows } from '../rows/entries.ts'
export { shapePage } from '../rows/shape.ts'
export { scopeOf } from '../run/scope.ts'
export { cursorKey, planChildren } from '../unit/children.ts'
export { commitUnit, inCommits } from '../unit/commit.ts'
export { readPosition, systemTable, writePosition } from '../unit/position.ts'
export { nextRun } from '../unit/run.ts'
export { canonical, nextSchema } from '../unit/stored-schema.ts'
export { kindOf } from '../unit/took.ts'
export { descend, loadUnit, passOf } from '../unit/unit.ts'
export { openUnits } from './open-units.ts'
export { modeOf, openPass } from './pass.ts'
export { rulesFor } from './row-rules.ts'
