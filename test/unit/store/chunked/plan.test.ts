import { expect, test } from 'vitest'
import type { ChunkLimits } from '../../../../src/store/chunked/chunk-store.ts'
import { emptyTable, type Table } from '../../../../src/store/chunked/head.ts'
import { planJob } from '../../../../src/store/chunked/plan.ts'
import type { Slice } from '../../../../src/store/chunked/slice.ts'

const limits: ChunkLimits = {
  chunkBytes: 100,
  inlineBytes: 0,
  maxOps: Number.POSITIVE_INFINITY,
  minPublishMs: 0,
  dropAfterMs: 1,
  cas: true,
}
const slice = (min: string, end: string, chars = 100): Slice => ({ ref: '', sidecar: '', min, end, rows: 1, chars })

/** Runs over the whole alphabet, too many to keep. */
const runs = (count: number) => Array.from({ length: count }, () => [slice('a', 'm'), slice('m', 'z')])
const level = [slice('a', 'm'), slice('m', 'z')]
/** As many as may be kept, too large to fold. */
const large = Array.from({ length: 30 }, () => [slice('a', 'm', 150), slice('m', 'z', 150)])

test.each<[string, Partial<Table>, Partial<ChunkLimits>, object | undefined]>([
  ['few runs stay', { runs: runs(2), level }, {}, undefined],
  ['few runs whose rows are new stay, large or not', { runs: large, level, count: 62 }, {}, undefined],
  ['they are moved when more rows are out of date than count', { runs: large, level, count: 30 }, {}, { min: '' }],
  ['many runs are moved, from where compaction has come', { runs: runs(40), level, sweep: 'm' }, {}, { min: 'm' }],
  ['behind the last range it begins at the front', { runs: runs(40), level, sweep: 'z' }, {}, { min: '', end: 'm' }],
  ['a range without runs is passed over', { runs: runs(70).map(([, run]) => [run as Slice]), level }, {}, { min: 'm' }],
  ['nothing is moved that costs more than a commit may', { runs: runs(40), level }, { maxOps: 50 }, undefined],
])('%s', (_, table, limited, job) => {
  const planned = planJob({ ...emptyTable, ...table }, { ...limits, ...limited }, 100)
  if (job === undefined) expect(planned).toBeUndefined()
  else expect(planned).toMatchObject({ type: 'move', ...job })
})
