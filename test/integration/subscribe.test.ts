import { getEventListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { memoryChunks, memoryStore } from '../../adapters/memory.ts'
import { openDataset, type RowChange, type SubscribeOptions, SynclineError, sync, type Table } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import { chunked } from '../../src/store/chunked/chunked.ts'
import type { ChunkStore, Dataset, Store } from '../../src/store/index.ts'
import { manyRows } from '../support/fake-api.ts'
import { changedStore, itemsSource, itemsWorld } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'

type Told = RowChange<JsonObject>[] | 'reset'

const source = itemsSource()

/** What a listener was told, as short texts: `+1 =2 -3` for rows added, updated and deleted. */
class Log {
  readonly texts: string[] = []
  readonly calls: Told[] = []
  #waiting: (() => void)[] = []

  readonly listener = (changes: Told): void => {
    this.calls.push(changes)
    this.texts.push(...text(changes))
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Resolves when the last thing told is this. */
  last(wanted: string): Promise<void> {
    return this.until(() => this.texts.at(-1) === wanted)
  }

  take(): string[] {
    return this.texts.splice(0)
  }
}

function text(changes: Told): string[] {
  if (changes === 'reset') return ['reset']
  return changes.map(({ type, key }) => `${{ added: '+', updated: '=', deleted: '-' }[type]}${key}`)
}

async function items(store: Store, ports = fakePorts()): Promise<Table<JsonObject>> {
  return (await openDataset(source, store, { ports })).table('items') as Table<JsonObject>
}

const row = (id: number, name = `row ${id}`, second = id): JsonObject => ({
  id,
  name,
  updated_at: new Date(Date.UTC(2024, 0, 1) + second * 1000).toISOString(),
})

/** The dataset, written to directly. */
async function writable(store: Store) {
  const dataset = await store.open('test')
  return {
    dataset,
    async commit(change: Pick<Parameters<Dataset['commit']>[0], 'tables' | 'drop' | 'swap'>) {
      const { version } = await dataset.position('u')
      await dataset.commit({ unit: 'u', position: {}, expect: version, ...change })
    },
    put(...rows: JsonObject[]) {
      return this.commit({ tables: { items: { put: rows.map((value) => ({ key: Number(value.id), value })) } } })
    },
  }
}

describe('a subscription through syncs', () => {
  test('tells rows that were added, updated and deleted, with values, and nothing of those that stayed', async () => {
    const { api, store, ports } = itemsWorld([row(1), row(2), row(3)])
    const log = new Log()
    ;(await items(store)).subscribe(log.listener)
    await sync(source, store, { ports })
    await log.last('+3')
    expect(log.take()).toEqual(['+1', '+2', '+3'])
    expect(log.calls.flat()[0]).toEqual({ type: 'added', key: 1, value: row(1) })

    await sync(source, store, { ports, full: true })
    api.tables['/items'] = [row(1), row(2, 'changed', 10)]
    await sync(source, store, { ports, full: true })
    await log.last('-3')
    expect(log.take()).toEqual(['=2', '-3'])
    expect(log.calls.flat().slice(-2)).toEqual([
      { type: 'updated', key: 2, value: row(2, 'changed', 10) },
      { type: 'deleted', key: 3 },
    ])
  })

  test('tells each row once through a sync that was interrupted and goes on', async () => {
    const { api, store, ports } = itemsWorld(manyRows(35))
    const log = new Log()
    ;(await items(store)).subscribe(log.listener)
    api.fault = (_, index) => (index === 2 ? new Response('', { status: 500 }) : undefined)
    await expect(sync(source, store, { ports })).rejects.toMatchObject({ code: 'http_status' })
    await log.last('+20')
    expect(log.take()).toHaveLength(20)
    await sync(source, store, { ports })
    await log.last('+35')
    expect(log.take()).toEqual(Array.from({ length: 15 }, (_, i) => `+${i + 21}`))
  })

  test('says reset each time the table is replaced', async () => {
    const replacing = itemsSource({ writeDisposition: 'replace' }, { incremental: undefined })
    const { api, store, ports } = itemsWorld([row(1), row(2)])
    const table = (await openDataset(replacing, store)).table('items')
    const log = new Log()
    table.subscribe(log.listener as never)
    await sync(replacing, store, { ports })
    await log.last('reset')
    expect(await table.count()).toBe(2)
    api.tables['/items'] = [row(3)]
    await sync(replacing, store, { ports })
    await log.until(() => log.texts.length === 2)
    expect(log.take()).toEqual(['reset', 'reset'])
  })
})

test('what is committed while the listener reads the table is told afterwards', async () => {
  const store = memoryStore()
  const writer = await writable(store)
  const table = await items(store)
  const log = new Log()
  table.subscribe(async (changes) => {
    if (log.calls.length === 0) {
      await writer.put(row(2))
      expect(await table.count()).toBe(2)
    }
    log.listener(changes)
  })
  await writer.put(row(1))
  await log.last('+2')
  expect(log.texts).toEqual(['+1', '+2'])
})

test('with `initial`, the first call is a reset; what comes while it reads is told afterwards', async () => {
  const store = memoryStore()
  const writer = await writable(store)
  await writer.put(row(1), row(2))
  const table = await items(store)
  const log = new Log()
  const read: JsonObject[] = []
  table.subscribe(
    async (changes) => {
      if (changes === 'reset') {
        for await (const rows of table.scan()) read.push(...rows)
        await writer.put(row(1, 'changed meanwhile'), row(3))
      }
      log.listener(changes)
    },
    { initial: true },
  )
  await log.last('+3')
  expect(read).toEqual([row(1), row(2)])
  expect(log.texts).toEqual(['reset', '=1', '+3'])
})

test('a listener runs never twice at a time; what comes meanwhile comes in one, the latest state of each row', async () => {
  const store = memoryStore()
  const writer = await writable(store)
  const table = await items(store)
  const log = new Log()
  let running = 0
  let most = 0
  let goOn = () => {}
  table.subscribe(async (changes) => {
    most = Math.max(most, ++running)
    log.listener(changes)
    await new Promise<void>((resolve) => (goOn = resolve))
    running--
  })
  await writer.put(row(1))
  await log.last('+1')
  await writer.put(row(2))
  await writer.put(row(2, 'again'), row(1, 'too'))
  await writer.put(row(3))
  await writer.commit({ tables: { items: { delete: [3] } } })
  goOn()
  await log.last('+2')
  goOn()
  expect([most, log.texts]).toEqual([1, ['+1', '=1', '+2']])
  expect(log.calls[1]).toMatchObject([{ value: { name: 'too' } }, { value: { name: 'again' } }])
})

test('many changes come in batches, in key order', async () => {
  const store = memoryStore()
  const writer = await writable(store)
  const log = new Log()
  ;(await items(store)).subscribe(log.listener)
  await writer.put(...manyRows(1200))
  await log.last('+1200')
  expect(log.calls.map(({ length }) => length)).toEqual([500, 500, 200])
})

test('other tables raise no event, and are not read', async () => {
  const place = memoryChunks({ limits: { inlineBytes: 0 } })
  let reads = 0
  const store = storeOf({
    ...place,
    read(refs) {
      reads += refs.length
      return place.read(refs)
    },
  })
  const writer = await writable(storeOf(place))
  await writer.put(row(1))
  const log = new Log()
  const table = await items(store)
  table.subscribe(log.listener)
  const before = reads
  for (let i = 0; i < 5; i++) {
    await writer.commit({ tables: { others: { put: [{ key: i, value: { text: 'x'.repeat(5000) } }] } } })
  }
  await writer.commit({ drop: ['others'] })
  expect(reads).toBe(before)
  await writer.put(row(2))
  await log.last('+2')
  expect(log.texts).toEqual(['+2'])
})

describe('a reset is told, and changes from there on, when', () => {
  const many = async (writer: Awaited<ReturnType<typeof writable>>, count: number) => {
    for (let i = 0; i < count; i++) await writer.put(row(1, `again ${i}`))
  }
  test.each<[string, (world: { writer: Awaited<ReturnType<typeof writable>>; store: Store }) => Promise<unknown>]>([
    ['the table was dropped', ({ writer }) => writer.commit({ drop: ['items'] })],
    ['another took its place', ({ writer }) => writer.commit({ swap: { items: 'staged' } })],
    ['the dataset was dropped', ({ store }) => store.drop('test')],
    ['too much has happened', ({ writer }) => many(writer, 40)],
    [
      'what was written is compacted and removed',
      async ({ writer }) => {
        await many(writer, 25)
        await new Promise((resolve) => setTimeout(resolve, 5))
        await writer.dataset.lease(async () => {})
      },
    ],
  ])('%s', async (_, happen) => {
    let goOn = () => {}
    const store = memoryStore({ limits: { inlineBytes: 0, chunkBytes: 500, dropAfterMs: 1 } })
    const writer = await writable(store)
    await writer.commit({ tables: { staged: { put: [{ key: 1, value: {} }] } } })
    const log = new Log()
    ;(await items(store)).subscribe(async (changes) => {
      log.listener(changes)
      if (changes !== 'reset') await new Promise<void>((resolve) => (goOn = resolve))
    })
    await writer.put(row(1))
    await log.last('+1')
    await happen({ writer, store })
    goOn()
    await log.last('reset')
    await (await writable(store)).put(row(9))
    await log.last('+9')
    expect(log.texts).toEqual(['+1', 'reset', '+9'])
  })
})

describe('errors', () => {
  test('of a listener go to onError; it is told what comes next, and others are told everything', async () => {
    const store = memoryStore()
    const writer = await writable(store)
    const table = await items(store)
    const [log, other] = [new Log(), new Log()]
    const errors: unknown[] = []
    table.subscribe(
      (changes) => {
        log.listener(changes)
        throw new Error(text(changes).join())
      },
      { onError: (error) => errors.push(error) },
    )
    table.subscribe(other.listener)
    for (const id of [1, 2, 3]) {
      await writer.put(row(id))
      await Promise.all([log.last(`+${id}`), other.last(`+${id}`)])
    }
    expect([log.texts, other.texts]).toEqual([
      ['+1', '+2', '+3'],
      ['+1', '+2', '+3'],
    ])
    expect(errors.map(String)).toEqual(['Error: +1', 'Error: +2', 'Error: +3'])
  })

  test('of the store: it is tried again after 1 s, 2 s, up to a minute, and nothing is missed', async () => {
    let left = 8
    const ports = fakePorts()
    const memory = memoryStore()
    const store = changedStore(memory, (dataset) => ({
      async changes(since, table) {
        if (left-- > 0) throw new SynclineError('store_unavailable', 'injected', { retryable: true })
        return dataset.changes(since, table)
      },
    }))
    const errors: unknown[] = []
    const log = new Log()
    const table = await items(store, ports)
    const start = ports.now()
    const stop = table.subscribe(log.listener, { onError: (error) => errors.push(error) })
    await (await writable(memory)).put(row(1))
    await log.last('+1')
    // The commit's notice may have come before the first of these waits or during it.
    expect((ports.now() - start) / 1000).toBeGreaterThanOrEqual(1 + 2 + 4 + 8 + 16 + 32)
    expect(errors).toHaveLength(8)
    stop()
    expect(ports.pending()).toBe(0)
  })
})

describe('the end', () => {
  /** A place that counts who watches. */
  function counting() {
    const place = memoryChunks()
    const watching = { now: 0 }
    const store = storeOf({
      ...place,
      watch(look) {
        watching.now++
        const stop = place.watch?.(look)
        return () => {
          watching.now--
          stop?.()
        }
      },
    })
    return { store, watching }
  }

  test.each<[string, (by: { stop(): void; abort(): void; close(): Promise<void> }) => unknown]>([
    ['by what subscribe returned, any number of times', ({ stop }) => [stop(), stop()]],
    ['by its signal', ({ abort }) => abort()],
    ['by closing the dataset', ({ close }) => close()],
    ['in its own listener', () => {}],
  ])('%s: nothing is told any more, and nobody is kept', async (how, end) => {
    const { store, watching } = counting()
    const writer = await writable(store)
    const timers = new Set<() => void>()
    const timer = () => {
      const cancel = () => void timers.delete(cancel)
      timers.add(cancel)
      return cancel
    }
    const data = await openDataset(source, store, { ports: { timer } })
    const controller = new AbortController()
    const [log, other] = [new Log(), new Log()]
    let closed = false
    const stop = data.table('items').subscribe(
      (changes) => {
        log.listener(changes as Told)
        if (how === 'in its own listener') stop()
      },
      { signal: controller.signal, pollMs: 3_600_000 },
    )
    const others = await openDataset(source, store)
    others.table('items').subscribe(other.listener as never, { initial: true })
    await expect.poll(() => [watching.now, timers.size]).toEqual([2, 1])
    await writer.put(...manyRows(600))
    await log.until(() => log.texts.length >= (how === 'in its own listener' ? 500 : 600))
    if (how !== 'in its own listener') await expect.poll(() => timers.size).toBe(1)
    await end({
      stop,
      abort: () => controller.abort(),
      async close() {
        closed = true
        await data.close()
      },
    })
    const told = log.texts.length
    await writer.put(row(1001))
    await other.last('+1001')
    expect([told, log.texts.length, watching.now]).toEqual([how === 'in its own listener' ? 500 : 600, told, 1])
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    expect(timers.size).toBe(0)
    if (!closed) await data.close()
    await others.close()
    expect(watching.now).toBe(0)
  })

  test.each<[string, (options: SubscribeOptions, data: { close(): Promise<void> }) => unknown]>([
    ['signal was aborted before', () => {}],
    ['dataset was closed before', (_, data) => data.close()],
  ])('a subscription whose %s does nothing', async (what, prepare) => {
    const { store, watching } = counting()
    const data = await openDataset(source, store)
    const options = { initial: true, ...(what.startsWith('signal') && { signal: AbortSignal.abort() }) }
    await prepare(options, data)
    const log = new Log()
    data.table('items').subscribe(log.listener as never, options)
    const other = new Log()
    const others = await items(store)
    others.subscribe(other.listener, { initial: true })
    await other.last('reset')
    expect([log.texts, watching.now]).toEqual([[], 1])
  })

  test('before the code is loaded: it never begins', async () => {
    const { store, watching } = counting()
    const table = await items(store)
    const log = new Log()
    table.subscribe(log.listener, { initial: true })()
    const other = new Log()
    table.subscribe(other.listener, { initial: true })
    await other.last('reset')
    expect([log.texts, watching.now]).toEqual([[], 1])
  })
})

test('a store that hears of nobody is looked at every pollMs', async () => {
  const ports = fakePorts()
  const { watch: _, ...deaf } = memoryChunks()
  const writer = await writable(storeOf(deaf))
  const log = new Log()
  const table = await items(storeOf(deaf), ports)
  const start = ports.now()
  const stop = table.subscribe(log.listener, { pollMs: 60_000 })
  await writer.put(row(1))
  await log.last('+1')
  await writer.put(row(2))
  await log.last('+2')
  expect(ports.now() - start).toBeGreaterThanOrEqual(60_000)
  stop()
  expect(ports.pending()).toBe(0)
})

test('a notice that gets lost is made up for by the next one; one that comes for nothing tells nothing', async () => {
  const place = memoryChunks()
  let looks: (() => void)[] = []
  const table = await items(
    storeOf({
      ...place,
      watch(look) {
        looks.push(look)
        return () => {
          looks = looks.filter((each) => each !== look)
        }
      },
    }),
  )
  const writer = await writable(storeOf(place))
  const log = new Log()
  table.subscribe(log.listener, { initial: true })
  await log.last('reset')
  for (const id of [1, 2, 3]) {
    await writer.put(row(10 * id))
    await writer.put(row(10 * id + 1))
    for (const look of looks) look()
    await log.last(`+${10 * id + 1}`)
    for (const look of looks) look()
  }
  expect(log.take()).toEqual(['reset', '+10', '+11', '+20', '+21', '+30', '+31'])
})

/** A store of one dataset. */
function storeOf(place: ChunkStore): Store {
  return { open: () => chunked(place), drop: async () => {} }
}

/** What a subscriber keeps is the table, whatever is committed, however slow it is. */
test.each([1, 2, 3, 4, 5, 6])('a mirror that is kept by what is told is the table, seed %i', async (seed) => {
  const { random } = fakePorts({ seed })
  const pick = (below: number) => Math.floor(random() * below)
  const store = memoryStore({ limits: { inlineBytes: pick(2) * 2000, chunkBytes: 400, dropAfterMs: 1 } })
  const writer = await writable(store)
  const table = await items(store)
  let mirror = new Map<unknown, JsonObject>()
  let resets = 0
  const wrong: string[] = []
  const log = new Log()
  table.subscribe(
    async (changes) => {
      if (changes === 'reset') {
        mirror = new Map()
        resets++
        for await (const rows of table.scan()) for (const each of rows) mirror.set(each.id, each)
      } else {
        for (const change of changes) {
          if (change.type === 'deleted') mirror.delete(change.key)
          else mirror.set(change.key, change.value)
        }
      }
      for (let i = pick(40); i > 0; i--) await null
      log.listener(changes)
    },
    { initial: true, onError: (error) => wrong.push(String(error)) },
  )
  for (let i = 0; i < 150; i++) {
    const ids = new Set(Array.from({ length: 1 + pick(12) }, () => pick(60)))
    const half = [...ids].filter(() => random() < 0.7)
    const put = half.map((id) => ({ key: id, value: row(id, `row ${pick(3)}`) }))
    const gone = [...ids].filter((id) => !half.includes(id))
    const drop = random() < 0.02 ? { drop: ['items'] } : {}
    await writer.commit({ ...drop, tables: { items: { put, delete: gone } } })
    if (random() < 0.1) await writer.dataset.lease(async () => {})
  }
  await writer.put(row(1000, 'the last'))
  const stored: JsonObject[] = []
  for await (const rows of table.scan()) stored.push(...rows)
  // A scan after a reset may have met the last row, and older ones that are told to be gone afterwards.
  const mirrored = () => [...mirror.values()].sort((a, b) => Number(a.id) - Number(b.id))
  await log.until(() => isDeepStrictEqual(mirrored(), stored))
  expect([wrong, resets > 0]).toEqual([[], true])
})
