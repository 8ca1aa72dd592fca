import { Chunk } from './chunk.ts'
import type { Slice, Slices } from './slice.ts'

/** Where a key's newest line is. */
export interface Hit {
  readonly key: string
  readonly chunk: Chunk
  readonly at: number
  /** Which of the merged lists it comes from. */
  readonly rank: number
}

/** One of the lists that are merged: chunks whose keys ascend. A lower rank is newer. */
export interface Source {
  readonly rank: number
  next(): Promise<Chunk | undefined>
}

interface Cursor {
  readonly source: Source
  chunk: Chunk
  at: number
  key: string
}

const BATCH = 512

/** The newest line of every key, in key order, in batches. */
export async function* merge(sources: readonly Source[]): AsyncGenerator<Hit[]> {
  const heap = new Heap()
  for (const cursor of await Promise.all(sources.map(open))) if (cursor !== undefined) heap.push(cursor)
  let batch: Hit[] = []
  let last: string | undefined
  for (let top = heap.top; top !== undefined; top = heap.top) {
    if (top.key !== last) {
      last = top.key
      batch.push({ key: top.key, chunk: top.chunk, at: top.at, rank: top.source.rank })
    }
    if (top.at + 1 < top.chunk.keys.length) {
      top.at++
      top.key = top.chunk.keys[top.at] as string
      heap.sink()
      if (batch.length < BATCH) continue
    } else {
      const next = await open(top.source)
      if (next === undefined) heap.pop()
      else heap.replace(next)
    }
    if (batch.length >= BATCH) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** The chunks of a list, cut to what is behind `min`, read one by one. */
export function slicesSource(
  rank: number,
  slices: Slices,
  min: string,
  read: (slice: Slice) => Promise<string>,
): Source {
  const rest = slices.values()
  return {
    rank,
    async next() {
      const { value, done } = rest.next()
      return done ? undefined : Chunk.of(await read(value), value, min, undefined)
    },
  }
}

export function chunksSource(rank: number, chunks: readonly Chunk[]): Source {
  const rest = chunks.values()
  return { rank, next: async () => rest.next().value }
}

async function open(source: Source): Promise<Cursor | undefined> {
  for (;;) {
    const chunk = await source.next()
    if (chunk === undefined) return undefined
    const key = chunk.keys[0]
    if (key !== undefined) return { source, chunk, at: 0, key }
  }
}

/** A binary heap: the least key on top, the newest of equal ones first. */
class Heap {
  readonly #items: Cursor[] = []

  get top(): Cursor | undefined {
    return this.#items[0]
  }

  push(cursor: Cursor): void {
    const items = this.#items
    let at = items.push(cursor) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(cursor, items[parent] as Cursor)) break
      items[at] = items[parent] as Cursor
      at = parent
    }
    items[at] = cursor
  }

  pop(): void {
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.replace(last)
  }

  replace(cursor: Cursor): void {
    this.#items[0] = cursor
    this.sink()
  }

  /** Puts the top where it belongs after its key has grown. */
  sink(): void {
    const items = this.#items
    const cursor = items[0] as Cursor
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      const right = items[child + 1]
      if (right !== undefined && before(right, items[child] as Cursor)) child++
      if (!before(items[child] as Cursor, cursor)) break
      items[at] = items[child] as Cursor
      at = child
    }
    items[at] = cursor
  }
}

function before(a: Cursor, b: Cursor): boolean {
  return a.key < b.key || (a.key === b.key && a.source.rank < b.source.rank)
}
