/**
 * What an adapter author needs: the contracts, `chunked`, which makes a `Dataset` of a `ChunkStore`, and the errors.
 *
 * @module
 */

export { SynclineError } from '../errors.ts'
export { type Ports, resolvePorts } from '../ports.ts'
export { Calls } from './calls.ts'
export type { ChunkLimits, ChunkStore, Ref } from './chunked/chunk-store.ts'
export { chunked } from './chunked/chunked.ts'
export type {
  Change,
  Changes,
  Commit,
  CommitResult,
  Dataset,
  Entry,
  Store,
  StoreLimits,
  TableChanges,
  TableCounts,
  Usage,
  Version,
} from './dataset.ts'
export { compareKeys, decodeKey, encodeKey, type Key } from './key.ts'
export { Listeners } from './listeners.ts'
export { Mutex } from './mutex.ts'
export { safeName, uniqueId } from './names.ts'
