import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type JsonObject, openDataset, sync } from '../../src/index.ts'
import { manyRows } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld } from '../support/items.ts'
import { kept, loaded, replay, run } from '../support/quarantine.ts'

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
