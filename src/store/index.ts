/**
 * What an adapter author needs: the contracts, and `chunked`, which makes a `Dataset` of a `ChunkStore`.
 *
 * @module
 */

export type { ChunkLimits, ChunkStore, Ref } from './chunked/chunk-store.ts'
export { chunked } from './chunked/chunked.ts'
export type {
  Change,
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
export { Mutex } from './mutex.ts'
export { safeName, uniqueId } from './names.ts'
