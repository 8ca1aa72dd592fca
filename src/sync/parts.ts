/**
 * What the parts of the engine that few users need are made of. Handed to them when they are called: what they imported
 * themselves would be split from the rest into chunks of its own, and cost everyone more than it saves.
 *
 * @module
 */
export { isSynclineError, SynclineError } from '../errors.ts'
export { hash64 } from '../hash.ts'
export { parseHttpDate } from '../http/http-date.ts'
export { nextUrl } from '../paginators/next-url.ts'
export { firstMatch } from '../select/path.ts'
export { encodeKey } from '../store/key.ts'
export { planChildren } from './children.ts'
export { commitUnit } from './commit.ts'
export { compareCursors } from './cursor-value.ts'
export { keyRows } from './entries.ts'
export { openWindow } from './incremental.ts'
export { openUnits } from './open-units.ts'
export { withoutCredentials } from './paging.ts'
export { modeOf, openPass } from './pass.ts'
export { readPosition, systemTable, writePosition } from './position.ts'
export { rulesFor } from './row-rules.ts'
export { nextRun } from './run.ts'
export { scopeOf } from './scope.ts'
export { shapePage } from './shape.ts'
export { canonical, nextSchema } from './stored-schema.ts'
export { kindOf } from './took.ts'
export { descend, loadUnit, passOf } from './unit.ts'
