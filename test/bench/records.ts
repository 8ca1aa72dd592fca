import type { JsonObject } from '../../src/json.ts'
import type { CommitResult, Dataset, Entry } from '../../src/store/index.ts'

/** Records of about 300 bytes. Their ids are scattered: the worst case for a sorted layout. */
export function record(index: number, version = 0): JsonObject & { id: string } {
  const time = new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString()
  return {
    id: `t_${((index * 2_654_435_761) % 4_294_967_296).toString(36).padStart(7, '0')}`,
    customer_id: `c_${index % 997}`,
    transaction_date: time,
    updated_at: time,
    amount: index % 13 === 0 ? null : index / 100,
    currency: 'EUR',
    status: index % 3 ? 'settled' : 'pending',
    note: `payment ${index} for an order of several items, delivered`,
    details: { channel: 'card', tries: (index % 4) + version, tags: ['a', 'b'] },
  }
}

export function entries(from: number, to: number): Entry[] {
  return Array.from({ length: to - from }, (_, i) => {
    const value = record(from + i)
    return { key: value.id, value }
  })
}

/** Records of a table that have changed, scattered over all `of` of them; another choice for each version. */
export function changed(count: number, of: number, version: number): Entry[] {
  const step = Math.floor(of / count)
  return Array.from({ length: count }, (_, i) => {
    const value = record((i * step + ((version * 7919) % step)) % of, version)
    return { key: value.id, value }
  })
}

export async function commit(dataset: Dataset, put: readonly Entry[]): Promise<CommitResult> {
  const { version } = await dataset.position('bench')
  return dataset.commit({ unit: 'bench', position: { at: 1 }, expect: version, tables: { rows: { put } } })
}

/** Pages of 1,000, gathered to commits as the engine gathers them. */
export async function load(dataset: Dataset, rows: number): Promise<void> {
  const perPage = 1000
  let batch: Entry[] = []
  for (let from = 0; from < rows; from += perPage) {
    batch.push(...entries(from, Math.min(rows, from + perPage)))
    if (bytesOf(batch) < dataset.limits.commitBytes) continue
    await commit(dataset, batch)
    batch = []
  }
  if (batch.length > 0) await commit(dataset, batch)
}

/** Of rows, as JSON. */
export function bytesOf(rows: readonly Entry[]): number {
  let bytes = 0
  for (const { value } of rows) bytes += JSON.stringify(value).length
  return bytes
}
