import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, type JsonObject, openDataset, replayQuarantine, sync } from '../../src/index.ts'
import { expectBalance } from '../support/balance.ts'
import { atEveryCommit } from '../support/cuts.ts'
import { fakeApi, manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { kept, loaded, replay, run } from '../support/quarantine.ts'
import { fakeServer, text } from '../support/server.ts'

const ITEM = { id: 1, name: 'a', updated_at: '2024-01-01T00:00:00Z' }
const at = (day: number) => `2024-02-${String(day).padStart(2, '0')}T00:00:00Z`

describe('what does not fit', () => {
  const column = { id: 2, name: 'b', fresh: 'SECRET', updated_at: at(1) }
  const type = { id: 2, name: 7, updated_at: at(1) }
  test.each<[string, object, JsonObject, JsonObject | undefined, string | undefined]>([
    ['columns: evolve', { dataType: 'freeze' }, column, column, undefined],
    ['columns: discard_row', { columns: 'discard_row' }, column, undefined, '`fresh` is new (columns: discard_row)'],
    [
      'columns: discard_value',
      { columns: 'discard_value' },
      column,
      { id: 2, name: 'b', updated_at: at(1) },
      '`fresh` is new (columns: discard_value)',
    ],
    ['dataType: evolve', { columns: 'freeze' }, type, type, undefined],
    [
      'dataType: discard_row',
      { dataType: 'discard_row' },
      type,
      undefined,
      '`name` is integer, and was string (dataType: discard_row)',
    ],
    [
      'dataType: discard_value',
      { dataType: 'discard_value' },
      type,
      { id: 2, updated_at: at(1) },
      '`name` is integer, and was string (dataType: discard_value)',
    ],
    [
      'the strictest decides',
      { columns: 'discard_value', dataType: 'discard_row' },
      { ...type, fresh: 1 },
      undefined,
      '`name` is integer, and was string (dataType: discard_row), `fresh` is new (columns: discard_value)',
    ],
    [
      'tables: no mode refuses a table',
      { tables: 'freeze' },
      { ...column, list: [1] },
      { ...column, list: [1] },
      undefined,
    ],
  ])('%s', async (_, schemaContract, row, stored, reason) => {
    const world = await loaded({ schemaContract }, [ITEM])
    world.api.tables['/items'] = [ITEM, row]
    await run(world, { schemaContract })
    expect((await itemsIn(world.store)).slice(1)).toEqual(stored === undefined ? [] : [stored])
    const records = await kept(world.store)
    expect(records.map((one) => one.reason)).toEqual(
      reason === undefined ? [] : [`the schema contract refuses it: ${reason}`],
    )
    // Whole, whatever was stored of it.
    expect(records.map(({ record, resource, code }) => ({ record, resource, code }))).toEqual(
      reason === undefined ? [] : [{ record: row, resource: 'items', code: 'contract_violation' }],
    )
  })

  test.each(['columns', 'dataType'])('%s: freeze fails the run, and the next goes on at the page', async (kind) => {
    const schemaContract = { [kind]: 'freeze' }
    const world = await loaded({ schemaContract }, [ITEM])
    const before = await itemsIn(world.store)
    const row = kind === 'columns' ? column : type
    world.api.tables['/items'] = [ITEM, row]
    await expect(run(world, { schemaContract })).rejects.toMatchObject({
      code: 'contract_violation',
      resource: 'items',
    })
    expect(await itemsIn(world.store)).toEqual(before)
    expect(await kept(world.store)).toEqual([])
    const data = await openDataset(itemsSource(), world.store)
    expect(await data.cursors()).toEqual({ items: ITEM.updated_at })
    // Let in for one run.
    expect(await run(world, { schemaContract }, { schemaContract: 'evolve' })).toMatchObject({ added: 1 })
    expect((await itemsIn(world.store))[1]).toEqual(row)
    expect(await run(world, { schemaContract })).toMatchObject({ status: 'done', quarantined: 0 })
  })

  test('within objects and lists, too', async () => {
    const schemaContract = 'discard_value'
    const first = { ...ITEM, pay: { by: 'card', more: { n: 1 } }, list: [{ a: 1 }], tags: ['x'] }
    const world = await loaded({ schemaContract }, [first])
    const row = { id: 2, name: 'b', updated_at: at(1) }
    world.api.tables['/items'] = [
      { ...row, pay: { by: 1, more: { n: 2, m: 3 } }, list: [{ a: 2, b: 3 }], tags: ['y', 7] },
    ]
    await run(world, { schemaContract })
    expect((await itemsIn(world.store))[1]).toEqual({ ...row, pay: { more: { n: 2 } }, list: [{ a: 2 }] })
    expect((await kept(world.store))[0]?.reason).toBe(
      'the schema contract refuses it: `pay.by` is integer, and was string (dataType: discard_value), `pay.more.m` is new (columns: discard_value), `list[].b` is new (columns: discard_value), `tags[]` is integer, and was string (dataType: discard_value)',
    )
  })

  test('a row whose key does not fit is put aside whole, since a row without its key is none', async () => {
    const schemaContract = 'discard_value'
    const world = await loaded({ schemaContract }, [ITEM])
    world.api.tables['/items'] = [{ ...ITEM, id: 'abc', updated_at: at(1) }]
    expect(await run(world, { schemaContract })).toMatchObject({ quarantined: 1, added: 0 })
    expect(await kept(world.store)).toMatchObject([{ code: 'contract_violation', record: { id: 'abc' } }])
  })

  test('a word that is none is refused', async () => {
    const world = itemsWorld([ITEM])
    await expect(run(world, {}, { schemaContract: 'freez' })).rejects.toMatchObject({
      code: 'config_invalid',
      path: 'options.schemaContract',
    })
  })
})

test('the first load of a table is free, until a pass is complete', async () => {
  const rows = [...manyRows(15), { ...ITEM, id: 99, fresh: 1 }]
  const world = itemsWorld(rows)
  await run(world, { schemaContract: 'freeze' }, { limit: { records: 10 } })
  expect(await run(world, { schemaContract: 'freeze' })).toMatchObject({ status: 'done', complete: true })
  expect(await itemsIn(world.store)).toHaveLength(16)
  world.api.tables['/items'] = [{ ...ITEM, late: 1, updated_at: at(1) }]
  await expect(run(world, { schemaContract: 'freeze' })).rejects.toMatchObject({ code: 'contract_violation' })
})

describe('a row is compared with the rows before it, on whichever page they are', () => {
  const rows = (...values: JsonObject[]) =>
    values.map((value, index): JsonObject => ({ id: index + 2, name: 'b', updated_at: at(1), ...value }))

  test.each<[string, JsonObject[], object, string[]]>([
    ['a new column', [{ x: 1 }, { x: 'a' }], {}, ['`x` is string, and was integer']],
    ['what was only null', [{ note: 'a' }, { note: 1 }], {}, ['`note` is integer, and was string']],
    ['within an object', [{ pay: { by: 1 } }, { pay: { by: 'a' } }], {}, ['`pay.by` is string, and was integer']],
    ['within lists', [{ tags: [1] }, { tags: ['a'] }], {}, ['`tags[]` is string, and was integer']],
    ['null first', [{ x: null }, { x: 1 }, { x: 'a' }], {}, ['`x` is string, and was integer']],
    [
      'a hint without a type',
      [{ x: 1 }, { x: 'a' }],
      { columns: { x: { nullable: true } } },
      ['`x` is string, and was integer'],
    ],
    [
      'a hint that says object',
      [{ x: { a: 1 } }, { x: { a: 'a' } }],
      { columns: { x: { dataType: 'object' } } },
      ['`x.a` is string, and was integer'],
    ],
    ['what is refused teaches nothing', [{ name: 7, x: 'a' }, { x: 1 }], {}, ['`name` is integer, and was string']],
  ])('%s', async (_, values, more, reasons) => {
    const resource = { schemaContract: { dataType: 'discard_row' }, ...more }
    const world = await loaded(resource, [{ ...ITEM, note: null }])
    world.api.tables['/items'] = rows(...values)
    await run(world, resource)
    expect((await kept(world.store)).map((one) => one.reason)).toEqual(
      reasons.map((reason) => `the schema contract refuses it: ${reason} (dataType: discard_row)`),
    )
  })

  test('freeze: the second type of a new column fails the page, and teaches nothing', async () => {
    const resource = { schemaContract: { dataType: 'freeze' } }
    const world = await loaded(resource, [ITEM])
    world.api.tables['/items'] = rows({ x: 1 }, { x: 'a' })
    await expect(run(world, resource)).rejects.toMatchObject({ code: 'contract_violation' })
    const schema = async () => (await (await openDataset(itemsSource(), world.store)).schema()).items?.columns
    expect(await schema()).not.toHaveProperty('x')
    // Mended at the source: what the failed page had first is forgotten.
    world.api.tables['/items'] = rows({ x: 'a' }, { x: 'b' })
    expect(await run(world, resource)).toMatchObject({ added: 2 })
    expect((await schema())?.x).toMatchObject({ type: 'string' })
  })

  test('the page size decides nothing', async () => {
    const mode = fc.constantFrom('evolve', 'discard_row', 'discard_value')
    const value = fc.oneof(
      fc.constantFrom<JsonObject[string]>(null, 1, 1.5, 'a', '2024-01-01', true, [], [1], ['a'], [null, { a: 1 }]),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom<JsonObject[string]>(1, 'a', null, [1], {})),
    )
    const record = fc.dictionary(fc.constantFrom('a', 'b', 'name', '__proto__'), value, { maxKeys: 3 })
    const list = fc.array(record, { minLength: 2, maxLength: 9 })
    const play = async (resource: object, drifted: JsonObject[], limit: number) => {
      const world = itemsWorld([ITEM])
      const source = itemsSource(resource, { paginator: { type: 'offset', limit } })
      await sync(source, world.store, { ports: world.ports })
      world.api.tables['/items'] = drifted
      await sync(source, world.store, { ports: world.ports })
      const aside = (await kept(world.store)).map(({ record, reason }) => ({ record, reason }))
      const data = await openDataset(source, world.store)
      return { rows: await itemsIn(world.store), aside: aside.sort(byId), schema: await data.schema() }
    }
    const byId = (a: { record: unknown }, b: { record: unknown }) =>
      Number((a.record as { id: number }).id) - Number((b.record as { id: number }).id)
    await fc.assert(
      fc.asyncProperty(fc.record({ columns: mode, dataType: mode }), list, async (schemaContract, drifted) => {
        const sent = drifted.map((row, index): JsonObject => ({ ...row, id: index + 2, updated_at: at(1) }))
        const whole = await play({ schemaContract }, sent, 10)
        for (const limit of [1, 3]) expect(await play({ schemaContract }, sent, limit)).toEqual(whole)
      }),
      { seed: 6, numRuns: 60 },
    )
  })
})

test('null, and what was only null so far, fit', async () => {
  const resource = { schemaContract: { dataType: 'freeze' } }
  const world = await loaded(resource, [{ ...ITEM, note: null, list: [] }])
  world.api.tables['/items'] = [{ ...ITEM, name: null, note: 'x', list: [1], updated_at: at(1) }]
  expect(await run(world, resource)).toMatchObject({ updated: 1, quarantined: 0 })
})

test('more than a tenth of many rows fails the run all the same, and a few do not', async () => {
  const resource = { schemaContract: 'discard_row' }
  const world = await loaded(resource, [ITEM])
  world.api.tables['/items'] = manyRows(3, 10).map((row) => ({ ...row, fresh: 1 }))
  expect(await run(world, resource)).toMatchObject({ status: 'done', quarantined: 3 })
  world.api.tables['/items'] = manyRows(30, 100).map((row) => ({ ...row, fresh: 1 }))
  await expect(run(world, resource)).rejects.toMatchObject({ code: 'contract_violation' })
})

describe('columns', () => {
  test.each<[string, unknown, unknown]>([
    ['integer', '42', 42],
    ['integer', '-7', -7],
    ['integer', '007', '007'],
    ['integer', '4.5', '4.5'],
    ['integer', '9007199254740993', '9007199254740993'],
    ['integer', '-0', '-0'],
    ['number', '12.50', 12.5],
    ['number', '1e5', '1e5'],
    ['number', '0.1234567890123456789', '0.1234567890123456789'],
    ['string', 7, '7'],
    ['string', true, 'true'],
    ['string', [1], [1]],
    ['boolean', 'true', true],
    ['boolean', 'yes', 'yes'],
    ['timestamp', 1700000000, 1700000000],
  ])('dataType %s: %j becomes %j', async (dataType, value, stored) => {
    const world = itemsWorld([{ ...ITEM, x: value as never }])
    const report = await run(world, { columns: { x: { dataType } } })
    expect((await itemsIn(world.store))[0]?.x).toEqual(stored)
    expect(report?.coerced).toBe(value === stored || typeof value === 'object' ? undefined : 1)
  })

  test('nothing is converted where no type is asked for', async () => {
    const world = itemsWorld([{ ...ITEM, x: '42' }])
    expect(await run(world, { columns: { x: { nullable: true } } })).not.toHaveProperty('coerced')
    expect((await itemsIn(world.store))[0]?.x).toBe('42')
  })

  test('what is configured is the type in the schema', async () => {
    const columns = {
      n: { dataType: 'number' },
      t: { dataType: 'string' },
      note: { dataType: 'timestamp', nullable: true },
    }
    const world = itemsWorld([{ ...ITEM, n: 1, t: '2024-01-01', note: null }])
    await run(world, { columns })
    const { items } = await (await openDataset(itemsSource(), world.store)).schema()
    expect(items?.columns).toMatchObject({
      n: { type: 'number', nullable: false },
      t: { type: 'string', nullable: false },
      note: { type: 'timestamp', nullable: true },
    })
  })

  test('keys are converted before they are looked up', async () => {
    const resource = { columns: { id: { dataType: 'integer' } } }
    const world = itemsWorld([{ ...ITEM, id: '1' }])
    await run(world, resource)
    expect(await itemsIn(world.store)).toEqual([ITEM])
  })

  test('a configured column is known to a contract, with its type', async () => {
    const resource = { columns: { x: { dataType: 'number' } }, schemaContract: 'freeze' }
    const world = await loaded(resource, [ITEM])
    world.api.tables['/items'] = [{ ...ITEM, x: 1.5, updated_at: at(1) }]
    expect(await run(world, resource)).toMatchObject({ updated: 1 })
    world.api.tables['/items'] = [{ ...ITEM, x: 'text', updated_at: at(2) }]
    await expect(run(world, resource)).rejects.toMatchObject({ code: 'contract_violation' })
  })
})

describe('replayQuarantine', () => {
  const resource = { schemaContract: 'discard_row' }
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
})

test('no record is lost between the table and quarantine', async () => {
  const mode = fc.constantFrom('evolve', 'discard_row', 'discard_value')
  const value = fc.oneof(
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 2 }),
  )
  const record = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'name'), value, { maxKeys: 3 })
  const pages = fc.array(fc.array(record, { maxLength: 9 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.record({ columns: mode, dataType: mode }), pages, async (schemaContract, runs) => {
      const world = itemsWorld([ITEM])
      await run(world, { schemaContract })
      const sent = new Map<number, JsonObject>([[1, ITEM]])
      for (const [day, rows] of runs.entries()) {
        const records = rows.map(
          (row, index): JsonObject => ({ ...row, id: 100 * (day + 1) + index, updated_at: at(day + 1) }),
        )
        for (const row of records) sent.set(row.id as number, row)
        world.api.tables['/items'] = records
        await run(world, { schemaContract })
      }
      const stored = new Map((await itemsIn(world.store)).map((row) => [row.id as number, row]))
      const aside = new Map(
        (await kept(world.store)).map(({ record }) => [(record as JsonObject).id as number, record]),
      )
      for (const [id, row] of sent) expect(aside.get(id) ?? stored.get(id)).toEqual(row)
      // All of it comes back, once it may.
      expect(await replay(world, {})).toMatchObject({ records: aside.size, replayed: aside.size })
      expect(new Map((await itemsIn(world.store)).map((row) => [row.id, row]))).toEqual(sent)
    }),
    { numRuns: 60 },
  )
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
