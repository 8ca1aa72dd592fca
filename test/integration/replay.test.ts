import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, type JsonObject, openDataset, replayQuarantine, type SyncEvent, sync } from '../../src/index.ts'
import { expectBalance } from '../support/balance.ts'
import { atEveryCommit } from '../support/cuts.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { kept, loaded, replay, run } from '../support/quarantine.ts'
import { fakeServer, text } from '../support/server.ts'

const ITEM = { id: 1, name: 'a', updated_at: '2024-01-01T00:00:00Z' }
const at = (day: number) => `2024-02-${String(day).padStart(2, '0')}T00:00:00Z`

const resource = { schemaContract: 'discard_row' } as const
const drifted = { ...ITEM, id: 2, fresh: 1, updated_at: at(3) }

test('takes what a contract refused, once it may evolve', async () => {
  const world = await loaded(resource, [ITEM])
  world.api.tables['/items'] = [drifted]
  await run(world, resource)
  expect(await replay(world, resource)).toMatchObject({ records: 1, kept: 1 })
  expect(await kept(world.store)).toHaveLength(1)
  expect(await replay(world, resource, { schemaContract: 'evolve' })).toMatchObject({ replayed: 1, added: 1 })
  expect(await itemsIn(world.store)).toEqual([ITEM, drifted])
  expect(await kept(world.store)).toEqual([])
  const { items } = await (await openDataset(itemsSource(), world.store)).schema()
  expect(items?.columns.fresh).toEqual({ type: 'integer', nullable: false, optional: true })
  expect(await replay(world, resource)).toMatchObject({ records: 0 })
})

test.each<[string, JsonObject, object, JsonObject, object]>([
  [
    'a newer stored row stays',
    { ...ITEM, id: 2, updated_at: at(9) },
    {},
    { ...ITEM, id: 2, updated_at: at(9) },
    { superseded: 1 },
  ],
  ['an older one does not', { ...ITEM, id: 2, updated_at: at(1) }, {}, drifted, { replayed: 1, updated: 1 }],
  [
    'nor is one overwritten of which nothing shows the age: both are kept',
    { ...ITEM, id: 2, name: 'other', updated_at: at(3) },
    {},
    { ...ITEM, id: 2, name: 'other', updated_at: at(3) },
    { kept: 1 },
  ],
  [
    'dedupSort decides, where there is one',
    { ...ITEM, id: 2, v: 9, updated_at: at(1) },
    { columns: { v: { dedupSort: 'desc' } } },
    { ...ITEM, id: 2, v: 9, updated_at: at(1) },
    { superseded: 1 },
  ],
])('%s', async (_, stored, more, expected, counts) => {
  const config = { ...resource, ...more }
  const old = 'v' in stored ? { ...drifted, v: 1 } : drifted
  const world = await loaded(config, [ITEM, ...('v' in stored ? [{ ...ITEM, id: 3, v: 1 }] : [])])
  world.api.tables['/items'] = [old]
  await run(world, config)
  expect(await kept(world.store)).toHaveLength(1)
  world.api.tables['/items'] = [stored]
  await run(world, config, { full: true })
  expect(await replay(world, config, { schemaContract: 'evolve' })).toMatchObject(counts)
  expect((await itemsIn(world.store)).find(({ id }) => id === 2)).toEqual(expected)
})

test('without a cursor, a later pass has seen the row as it was then', async () => {
  const world = itemsWorld([ITEM])
  const plain = (contract: object) => itemsSource(contract, { incremental: undefined })
  const load = () => sync(plain(resource), world.store, { ports: world.ports })
  await load()
  world.api.tables['/items'] = [ITEM, { ...ITEM, id: 2, fresh: 1 }]
  await load()
  world.api.tables['/items'] = [ITEM, { ...ITEM, id: 2, name: 'now' }]
  await load()
  const report = await replayQuarantine(plain({}), world.store, { ports: world.ports })
  expect(report.resources.items).toMatchObject({ records: 1, superseded: 1 })
  expect((await itemsIn(world.store))[1]).toEqual({ ...ITEM, id: 2, name: 'now' })
})

test('values that were discarded come back to the row that was stored without them', async () => {
  const trims = { schemaContract: 'discard_value' }
  const world = await loaded(trims, [ITEM])
  world.api.tables['/items'] = [drifted]
  expect(await run(world, trims)).toMatchObject({ added: 1, trimmed: 1, quarantined: 0 })
  // Once for each row, however often it comes.
  await run(world, trims, { full: true })
  expect(await kept(world.store)).toHaveLength(1)
  expect(await replay(world, {})).toMatchObject({ replayed: 1, updated: 1 })
  expect((await itemsIn(world.store)).find(({ id }) => id === 2)).toEqual(drifted)
  expect(await kept(world.store)).toEqual([])
})

test('of several states of one record the newest becomes the row', async () => {
  const world = await loaded(resource, [ITEM])
  for (const day of [5, 4, 6]) {
    world.api.tables['/items'] = [{ ...drifted, name: `day ${day}`, updated_at: at(day) }]
    await run(world, resource)
  }
  const states = (await kept(world.store)).length
  expect(await replay(world, {})).toMatchObject({ records: states, replayed: 1, superseded: states - 1 })
  expect((await itemsIn(world.store))[1]).toMatchObject({ name: 'day 6' })
})

test('a schema that is mended takes what the old one refused, and transforms it', async () => {
  const strict = v.object({ id: v.number(), name: v.string(), updated_at: v.string() })
  const lax = v.object({
    id: v.number(),
    name: v.pipe(
      v.nullable(v.string()),
      v.transform((name) => name ?? '-'),
    ),
    updated_at: v.string(),
  })
  const world = itemsWorld([...manyRows(20), { id: 99, name: null, updated_at: at(1) }])
  await run(world, { schema: strict })
  expect(await replay(world, { schema: strict })).toMatchObject({ kept: 1 })
  expect(await replay(world, { schema: lax })).toMatchObject({ added: 1 })
  expect((await itemsIn(world.store)).at(-1)).toEqual({ id: 99, name: '-', updated_at: at(1) })
})

test('appended records take a place of their own', async () => {
  const appends = { primaryKey: undefined, writeDisposition: 'append', columns: { name: { nullable: false } } }
  const world = itemsWorld([...manyRows(20), { id: 99, name: null, updated_at: at(1) }])
  await run(world, appends)
  expect(await replay(world, { ...appends, columns: {} })).toMatchObject({ added: 1 })
  expect(await itemsIn(world.store)).toHaveLength(21)
})

test('what an appending pass reads again is in quarantine once, and back in the table once', async () => {
  const appends = { primaryKey: undefined, writeDisposition: 'append', columns: { name: { nullable: false } } }
  const bad = { id: 99, name: null, updated_at: at(1) }
  const world = itemsWorld([...manyRows(8), bad, ...manyRows(21, 100)])
  await run(world, appends, { limit: { records: 10 } })
  await run(world, appends)
  expect(await kept(world.store)).toHaveLength(1)
  expect(await replay(world, { ...appends, columns: {} })).toMatchObject({ added: 1 })
  const ids = (await itemsIn(world.store)).map(({ id }) => id)
  expect([ids.length, new Set(ids).size]).toEqual([30, 30])
})

test('a child that comes back remembers its parent, and goes with it', async () => {
  const api = fakeApi({
    '/items': [{ id: 1 }, { id: 2, name: null }],
    '/items/1/notes': [
      { id: 10, text: 'a' },
      { id: 11, text: null },
    ],
    '/items/2/notes': [20, 21, 22, 23].map((id) => ({ id, text: 'b' })),
  })
  const family = (nullable: boolean) =>
    defineSource({
      name: 'test',
      ...pagedBy(10),
      resources: [
        { name: 'items' },
        {
          name: 'notes',
          columns: { text: { nullable } },
          endpoint: { path: '/items/{resources.items.id}/notes' },
          includeFromParent: ['id'],
        },
      ],
    })
  const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
  await sync(family(false), store, { ports })
  const report = await replayQuarantine(family(true), store, { ports })
  expect(report.resources.notes).toMatchObject({ records: 1, replayed: 1, added: 1 })
  const data = await openDataset(family(true), store)
  expect(await data.table('notes').get(11)).toEqual({ id: 11, text: null, _items_id: 1 })
  // The parent goes, and what hangs on it.
  api.tables['/items'] = [{ id: 2, name: null }]
  await sync(family(true), store, { ports, full: true })
  expect(await data.table('notes').get(11)).toBeUndefined()
  expect(await data.table('notes').count()).toBe(4)
})

test('a parent that comes back leads to its children in the next run', async () => {
  const api = fakeApi({
    '/items': [
      { id: 1, name: 'a', updated_at: at(1) },
      { id: 2, name: null, updated_at: at(1) },
    ],
    '/items/1/notes': [{ id: 10 }],
    '/items/2/notes': [{ id: 20 }],
  })
  const family = (nullable: boolean) =>
    defineSource({
      name: 'test',
      ...pagedBy(10),
      resources: [
        {
          name: 'items',
          columns: { name: { nullable } },
          endpoint: { incremental: { cursorPath: 'updated_at', startParam: 'since', rangeStart: 'open' } },
        },
        { name: 'notes', endpoint: { path: '/items/{resources.items.id}/notes' } },
      ],
    })
  const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
  await sync(family(false), store, { ports })
  await replayQuarantine(family(true), store, { ports })
  api.tables['/items'] = []
  expectBalance(await sync(family(true), store, { ports }))
  const data = await openDataset(family(true), store)
  expect(await data.table('items').count()).toBe(2)
  expect(await data.table('notes').get(20)).toEqual({ id: 20 })
})

test('more parents than a commit takes come back: the children of all are read, whatever the clock says', async () => {
  const parents = Array.from({ length: 501 }, (_, index) => ({ id: index + 1, name: null }))
  const api = fakeApi({ '/items': [...parents] })
  for (const { id } of parents) api.tables[`/items/${id}/notes`] = [{ id }]
  const family = (nullable: boolean) =>
    defineSource({
      name: 'test',
      client: { baseUrl: 'https://api.example.com' },
      resourceDefaults: {
        primaryKey: 'id',
        endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit: 1000 } },
      },
      resources: [
        { name: 'items', columns: { name: { nullable } } },
        { name: 'notes', endpoint: { path: '/items/{resources.items.id}/notes' } },
      ],
    })
  const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
  await sync(family(false), store, { ports }).catch(() => {})
  const report = await replayQuarantine(family(true), store, { ports })
  expect(report.resources.items).toMatchObject({ replayed: 501 })
  api.tables['/items'] = []
  await sync(family(true), store, { ports })
  const data = await openDataset(family(true), store)
  expect(await data.table('notes').count()).toBe(501)
})

test('records with integers that do not fit come back as text, once that is asked for', async () => {
  const source = (bigint: 'error' | 'string') => itemsSource({}, { incremental: undefined }, { bigint })
  const rows = manyRows(20).map((row) => JSON.stringify(row))
  const body = `{"data":[${rows},{"id":99,"n":9007199254740993},{"id":100,"n":1e400}],"total":22}`
  const server = fakeServer(({ query }) =>
    text(query.offset === '0' || !query.offset ? body : '{"data":[],"total":22}'),
  )
  const [store, ports] = [memoryStore(), fakePorts({ fetch: server.fetch })]
  await sync(source('error'), store, { ports })
  expect((await replayQuarantine(source('error'), store)).resources.items).toMatchObject({ records: 2, kept: 2 })
  expect((await replayQuarantine(source('string'), store)).resources.items).toMatchObject({ replayed: 1, kept: 1 })
  expect((await itemsIn(store)).at(-1)).toEqual({ id: 99, n: '9007199254740993' })
})

describe('processing steps run again, as they would if the record came again', () => {
  const amount = v.object({ id: v.number(), amount: v.number(), updated_at: v.string() })
  const sent = { id: 99, amount: '7', updated_at: at(1) }
  const good = Array.from({ length: 20 }, (_, id) => ({ id, amount: 5, updated_at: at(1) }))
  const mends = [{ map: (row: JsonObject) => ({ ...row, amount: Number(row.amount) }) }]

  test('what is kept is what came: a step may change its row and what is within it', async () => {
    const world = itemsWorld([...good, { ...sent, pay: { by: 'card' } }])
    const spoils = (row: JsonObject) => {
      delete row.amount
      delete (row.pay as JsonObject | undefined)?.by
      return row.id === 99 ? row : { ...row, amount: 1 }
    }
    await run(world, { schema: amount, processingSteps: [{ map: spoils }] })
    expect((await kept(world.store)).map(({ record }) => record)).toEqual([{ ...sent, pay: { by: 'card' } }])
  })

  test.each<[string, object[], object[]]>([
    ['a step that is new mends it', [], mends],
    ['a step that is mended', [{ map: (row: JsonObject) => ({ ...row, amount: `${row.amount}0` }) }], mends],
  ])('%s', async (_, before, after) => {
    const world = itemsWorld([...good.map((row) => ({ ...row, amount: before.length ? '5' : 5 })), sent])
    const lax = v.object({ ...amount.entries, amount: v.union([v.number(), v.literal('50')]) })
    await run(world, { schema: lax, processingSteps: before })
    expect(await kept(world.store)).toMatchObject([{ record: sent }])
    expect(await replay(world, { schema: amount, processingSteps: after })).toMatchObject({ replayed: 1, added: 1 })
    expect((await itemsIn(world.store)).at(-1)).toEqual({ ...sent, amount: 7 })
  })

  test('a step that takes twice what it is given is run once on what came', async () => {
    const cents = [{ map: (row: JsonObject) => ({ ...row, amount: Number(row.amount) * 100 }) }]
    const high = v.object({ ...amount.entries, amount: v.pipe(v.number(), v.maxValue(600)) })
    const world = itemsWorld([...good, sent])
    await run(world, { schema: high, processingSteps: cents })
    expect(await replay(world, { schema: amount, processingSteps: cents })).toMatchObject({ replayed: 1 })
    expect((await itemsIn(world.store)).at(-1)).toEqual({ ...sent, amount: 700 })
  })

  test('a step that drops it', async () => {
    const world = itemsWorld([...good, sent])
    await run(world, { schema: amount })
    const drops = [{ filter: ({ id }: JsonObject) => id !== 99 }]
    expect(await replay(world, { schema: amount, processingSteps: drops })).toMatchObject({ filtered: 1 })
    expect(await kept(world.store)).toEqual([])
  })

  const lines = (only: (line: JsonObject) => boolean) => [
    {
      yieldMap: ({ lines, ...row }: JsonObject) =>
        ((lines ?? []) as JsonObject[]).filter(only).map((line) => ({ ...row, ...line })),
    },
  ]
  const order = {
    updated_at: at(1),
    lines: [
      { id: 1, n: 1 },
      { id: 2, n: null },
      { id: 3, n: null },
      { id: 4, n: 4 },
    ],
  }
  const full = (from: number) => ({
    updated_at: at(1),
    lines: Array.from({ length: 30 }, (_, index) => ({ id: from + index, n: 1 })),
  })

  test.each([
    ['merged', {}],
    ['appended', { primaryKey: undefined, writeDisposition: 'append' }],
  ])('of the rows that a record became, %s, those that were refused come back, and no other', async (_, more) => {
    const world = itemsWorld([full(100), order])
    const steps = { ...more, processingSteps: lines(() => true) }
    await run(world, { ...steps, columns: { n: { nullable: false } } })
    expect((await kept(world.store)).map(({ record }) => record)).toEqual([order, order])
    expect(await replay(world, steps)).toMatchObject({ records: 2, replayed: 2, added: 2 })
    const ids = (await itemsIn(world.store)).map(({ id }) => Number(id)).sort((a, b) => a - b)
    expect(ids).toEqual([1, 2, 3, 4, ...full(100).lines.map(({ id }) => id)])
    expect(await kept(world.store)).toEqual([])
  })

  test('where it becomes other rows now, they are merged, and what has no key stays aside', async () => {
    const fewer = { processingSteps: lines(({ id }) => id !== 3) }
    const appends = { primaryKey: undefined, writeDisposition: 'append' }
    const none = { processingSteps: lines(() => false) }
    const play = async (more: object, steps: object = fewer) => {
      const world = itemsWorld([full(100), order])
      await run(world, { ...more, processingSteps: lines(() => true), columns: { n: { nullable: false } } })
      const source = itemsSource({ ...more, ...steps })
      const { resources } = await replayQuarantine(source, world.store, { ports: world.ports })
      return [resources.items, (await itemsIn(world.store)).length]
    }
    expect(await play({})).toMatchObject([{ records: 2, replayed: 1, superseded: 1, added: 1, unchanged: 2 }, 33])
    expect(await play(appends)).toMatchObject([{ records: 2, kept: 2 }, 32])
    for (const more of [{}, appends]) expect(await play(more, none)).toMatchObject([{ records: 2, filtered: 2 }, 32])
  })

  test('a value that was discarded comes back through the steps to the row that lacks it', async () => {
    const steps = { processingSteps: [{ map: (row: JsonObject) => ({ ...row, twice: row.fresh ?? null }) }] }
    for (const more of [{}, { primaryKey: undefined, writeDisposition: 'append' }]) {
      const world = await loaded({ ...steps, ...more, schemaContract: 'discard_value' }, [ITEM])
      world.api.tables['/items'] = [drifted]
      await run(world, { ...steps, ...more, schemaContract: 'discard_value' })
      expect((await kept(world.store)).map(({ record }) => record)).toEqual([drifted])
      expect(await replay(world, { ...steps, ...more })).toMatchObject({ replayed: 1, updated: 1 })
      expect((await itemsIn(world.store)).at(-1)).toEqual({ ...drifted, twice: 1 })
    }
  })
})

test('two records with a new column of two types: the first of them fixes it', async () => {
  const types = { schemaContract: { columns: 'discard_row', dataType: 'discard_row' } }
  const world = await loaded(types, [ITEM])
  world.api.tables['/items'] = [1, 'a'].map((fresh, index) => ({ ...ITEM, id: index + 2, fresh, updated_at: at(1) }))
  await run(world, types)
  const columns = { schemaContract: { dataType: 'discard_row' } }
  expect(await replay(world, columns)).toMatchObject({ records: 2, replayed: 1, kept: 1 })
  expect(await replay(world, columns)).toMatchObject({ records: 1, kept: 1 })
  expect(await replay(world, {})).toMatchObject({ records: 1, replayed: 1 })
})

test('interrupted at any commit, it ends alike', async () => {
  const end = await atEveryCommit(
    () => itemsWorld([ITEM]),
    async (world, alive) => {
      await alive((store) => run({ ...world, store }, resource))
      world.api.tables['/items'] = [ITEM, ...manyRows(4, 10).map((row) => ({ ...row, fresh: 1, updated_at: at(2) }))]
      await alive((store) => run({ ...world, store }, resource))
      await alive((store) => replayQuarantine(itemsSource(), store, { ports: world.ports }))
      return { rows: await itemsIn(world.store), kept: await kept(world.store) }
    },
  )
  expect(end.rows).toHaveLength(5)
  expect(end.kept).toEqual([])
})

test('nor is one that steps make several rows of, merged or appended: a replay brings back each row once', async () => {
  const mode = fc.constantFrom('evolve', 'discard_row', 'discard_value')
  const cell = fc.constantFrom<JsonObject[string]>(1, 1.5, 'a', null, true, [1], { x: 1 })
  const line = fc.dictionary(fc.constantFrom('a', 'b', 'name'), cell, { maxKeys: 2 })
  const orders = fc.array(fc.array(line, { maxLength: 4 }), { minLength: 1, maxLength: 6 })
  const processingSteps = [
    { yieldMap: ({ lines, ...row }: JsonObject) => (lines as JsonObject[]).map((line) => ({ ...row, ...line })) },
  ]
  const appends = { primaryKey: undefined, writeDisposition: 'append' }
  const kinds = fc.record({ more: fc.constantFrom({}, appends), limit: fc.constantFrom(1, 2, 10) })
  await fc.assert(
    fc.asyncProperty(
      fc.record({ columns: mode, dataType: mode }),
      orders,
      kinds,
      async (schemaContract, sent, kind) => {
        const first: JsonObject = { updated_at: at(1), lines: [{ id: 0, name: 'a' }] }
        const world = itemsWorld([first])
        const source = (contract: object | string) =>
          itemsSource(
            { ...kind.more, processingSteps, schemaContract: contract },
            { paginator: { type: 'offset', limit: kind.limit } },
          )
        const load = async () => expectBalance(await sync(source(schemaContract), world.store, { ports: world.ports }))
        await load()
        let id = 1
        const numbered = sent.map(
          (lines, order): JsonObject => ({
            order,
            updated_at: at(order + 2),
            lines: lines.map((one) => ({ ...one, id: id++ })),
          }),
        )
        world.api.tables['/items'] = numbered
        await load()
        const { resources } = await replayQuarantine(source('evolve'), world.store, { ports: world.ports })
        expect(resources.items.replayed).toBe(resources.items.records)
        const rows = (await itemsIn(world.store)).sort((a, b) => Number(a.id) - Number(b.id))
        const wanted = [first, ...numbered].flatMap(({ lines, ...row }) =>
          (lines as JsonObject[]).map((one) => ({ ...row, ...one })),
        )
        expect(rows).toEqual(wanted)
      },
    ),
    { seed: 7, numRuns: 100 },
  )
})

describe('a record and what is stored since', () => {
  /** Refused at first, for a column that is new; the state of `stored` is what the table has when it is tried again. */
  const later = async (config: object, refused: JsonObject, stored: JsonObject[], first: JsonObject[] = [ITEM]) => {
    const world = await loaded({ ...resource, ...config }, first)
    world.api.tables['/items'] = [refused]
    await run(world, { ...resource, ...config })
    expect(await kept(world.store)).toHaveLength(1)
    world.api.tables['/items'] = stored
    await run(world, { ...resource, ...config }, { full: true })
    const report = await replay(world, config, { schemaContract: 'evolve' })
    return { report, row: (await itemsIn(world.store)).find(({ id }) => id === 2) }
  }

  test('insert-only: the stored row stays', async () => {
    const config = { writeDisposition: { disposition: 'merge', strategy: 'insert-only' } }
    const stored = { ...ITEM, id: 2, updated_at: at(1) }
    const { report, row } = await later(config, drifted, [stored])
    expect(report).toMatchObject({ superseded: 1 })
    expect(row).toEqual(stored)
  })

  test('of several rows that it becomes now, only those that nothing newer stands in place of', async () => {
    const config = { writeDisposition: { disposition: 'merge', strategy: 'insert-only' } }
    const world = await loaded({ ...resource, ...config }, [ITEM])
    const stored = { ...ITEM, id: 3, name: 'stored', updated_at: at(4) }
    for (const row of [drifted, stored]) {
      world.api.tables['/items'] = [row]
      await run(world, { ...resource, ...config })
    }
    const splits = { processingSteps: [{ yieldMap: (row: JsonObject) => [row, { ...row, id: 3 }] }] }
    expect(await replay(world, { ...config, ...splits })).toMatchObject({ records: 1, replayed: 1, added: 1 })
    expect(await itemsIn(world.store)).toEqual([ITEM, drifted, stored])
  })

  test.each([
    ['newer', 5, 1, { replayed: 1, updated: 1 }, 'came'],
    ['as new: the later of the two, as everywhere', 5, 5, { replayed: 1, updated: 1 }, 'came'],
    ['older', 1, 5, { superseded: 1 }, 'stored'],
  ])('dedupSort: one that is %s', async (_, came, stored, counts, stays) => {
    const config = { columns: { v: { dedupSort: 'desc' } } }
    const states = [
      { ...drifted, name: 'came', v: came },
      { ...ITEM, id: 2, name: 'stored', v: stored, updated_at: at(4) },
    ] as const
    const { report, row } = await later(config, states[0], [states[1]], [{ ...ITEM, v: 0 }])
    expect(report).toMatchObject(counts)
    expect(row).toMatchObject({ name: stays })
  })

  test('cursors of two types tell nothing: both stay', async () => {
    const endpoint = { incremental: { cursorPath: 'updated_at', onCursorValueMissing: 'include' } }
    const source = (contract: object) => itemsSource(contract, endpoint)
    const world = itemsWorld([ITEM])
    const load = (options: object) => sync(source(resource), world.store, { ports: world.ports, ...options })
    await load({})
    world.api.tables['/items'] = [drifted]
    await load({})
    const { updated_at: _, ...undated } = { ...ITEM, id: 2, name: 'undated' }
    world.api.tables['/items'] = [undated]
    await load({ full: true })
    const { resources } = await replayQuarantine(source({}), world.store, { ports: world.ports })
    expect(resources.items).toMatchObject({ records: 1, kept: 1 })
    expect((await itemsIn(world.store)).find(({ id }) => id === 2)).toEqual(undated)
  })

  test.each([
    ['its own: it takes its place', 1, { replayed: 1, added: 1 }],
    ['a later one: it has come in vain', 2, { superseded: 1 }],
  ])('a table that is replaced has a generation, and where it is %s', async (_, loads, counts) => {
    const replaced = (nullable: boolean) => ({
      writeDisposition: 'replace',
      columns: { name: { nullable } },
    })
    const world = itemsWorld([...manyRows(20), { id: 99, name: null, updated_at: at(1) }])
    for (let load = 1; load <= loads; load++) {
      await run(world, replaced(false))
      world.api.tables['/items'] = manyRows(20)
    }
    expect(await replay(world, replaced(true))).toMatchObject({ records: 1, ...counts })
    expect(await itemsIn(world.store)).toHaveLength(loads === 1 ? 21 : 20)
  })

  test('one that came in a generation that was never published stays aside', async () => {
    const replaced = (nullable: boolean) => ({ writeDisposition: 'replace', columns: { name: { nullable } } })
    const world = await loaded(replaced(false), manyRows(30))
    world.api.tables['/items'] = [{ id: 99, name: null, updated_at: at(1) }, ...manyRows(30)]
    const onEvent = ({ type }: SyncEvent) => {
      if (type === 'commit') throw new Error('closed')
    }
    await expect(run(world, replaced(false), { onEvent })).rejects.toThrow('closed')
    expect(await replay(world, replaced(true))).toMatchObject({ records: 1, kept: 1 })
    expect(await itemsIn(world.store)).toHaveLength(30)
  })
})

describe('of several states of one record', () => {
  /** Each is refused in a run of its own, so that their order in quarantine is none. */
  const states = async (endpoint: object, config: object, rows: JsonObject[]) => {
    const world = itemsWorld([ITEM])
    const source = (contract: object) => itemsSource({ ...config, ...contract }, endpoint)
    const load = () => sync(source(resource), world.store, { ports: world.ports })
    await load()
    for (const row of rows) {
      world.api.tables['/items'] = [row]
      await load()
    }
    const { resources } = await replayQuarantine(source({}), world.store, { ports: world.ports })
    expect(resources.items).toMatchObject({ records: rows.length, replayed: 1, superseded: rows.length - 1 })
    return (await itemsIn(world.store)).find(({ id }) => id === 2)
  }
  const state = (v: number, more: object = {}) => ({ ...ITEM, id: 2, fresh: v, v, ...more })
  const mixed = [3, 1, 5, 2, 4].map((v) => state(v))

  test('the greatest by `dedupSort` becomes the row', async () => {
    const config = { columns: { v: { dedupSort: 'desc' } } }
    expect(await states({ incremental: undefined }, config, mixed)).toMatchObject({ v: 5 })
  })

  test('the greatest cursor does, if it is a number as well', async () => {
    const rising = [1, 2, 3].map((n) => state(n, { at: n }))
    const incremental = { cursorPath: 'at', onCursorValueMissing: 'include' }
    expect(await states({ incremental }, {}, rising)).toMatchObject({ v: 3 })
  })

  test('the last one that came does, where nothing else tells them apart', async () => {
    expect(await states({ incremental: undefined }, {}, mixed)).toMatchObject({ v: 4 })
  })
})

describe('a record stays aside', () => {
  const refused = async () => {
    const world = await loaded(resource, [ITEM])
    world.api.tables['/items'] = [drifted]
    await run(world, resource)
    return world
  }

  test.each<[string, object]>([
    ['under a contract that is still strict', { schemaContract: 'freeze' }],
    ['where the resource is not stored any more', { writeDisposition: 'skip', schemaContract: 'evolve' }],
  ])('%s', async (_, config) => {
    const world = await refused()
    expect(await replay(world, config)).toMatchObject({ records: 1, kept: 1 })
    expect(await kept(world.store)).toHaveLength(1)
  })

  test('when a schema throws that should check it', async () => {
    const world = await refused()
    const throws = () => {
      throw new Error('SECRET')
    }
    const schema = { '~standard': { version: 1, vendor: 'test', validate: throws } }
    expect(await replay(world, { schema })).toMatchObject({ records: 1, kept: 1 })
    expect(await kept(world.store)).toHaveLength(1)
  })
})

test('appended records of a table that never had a row take their places', async () => {
  const appends = (nullable: boolean) => ({
    primaryKey: undefined,
    writeDisposition: 'append',
    columns: { name: { nullable } },
  })
  const world = itemsWorld([1, 2].map((id) => ({ id, name: null, updated_at: at(1) })))
  await run(world, appends(false)).catch(() => {})
  expect(await replay(world, appends(true))).toMatchObject({ records: 2, replayed: 2, added: 2 })
  expect((await itemsIn(world.store)).map(({ id }) => id).sort()).toEqual([1, 2])
})

test('only the resources that are asked for, and none after an abort', async () => {
  const world = await loaded(resource, [ITEM])
  world.api.tables['/items'] = [drifted]
  await run(world, resource)
  const options = { ports: world.ports, schemaContract: 'evolve' } as const
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(replayQuarantine(itemsSource(resource), world.store, { ...options, signal })).rejects.toThrow('enough')
  const two = defineSource({
    name: 'test',
    ...pagedBy(10),
    resources: [{ name: 'items', ...resource }, { name: 'others' }],
  })
  expect((await replayQuarantine(two, world.store, { ...options, resources: ['others'] })).resources).toEqual({
    others: expect.objectContaining({ records: 0 }),
  })
  expect(await kept(world.store)).toHaveLength(1)
  const signalled = { ...options, resources: ['items'], signal: new AbortController().signal } as const
  expect((await replayQuarantine(two, world.store, signalled)).resources.items).toMatchObject({ replayed: 1 })
})
