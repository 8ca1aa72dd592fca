import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { memoryStore } from '../../adapters/memory.ts'
import { defineSource, type JsonObject, openDataset, replayQuarantine, type Store, sync } from '../../src/index.ts'
import type { JsonValue } from '../../src/json.ts'
import type { StandardSchema } from '../../src/schema/standard.ts'
import { expectBalance } from '../support/balance.ts'
import { fakeApi } from '../support/fake-api.ts'
import { itemsIn, itemsSource, itemsWorld, pagedBy } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { kept, loaded, replay, run, type World } from '../support/quarantine.ts'

/** What a hostile or careless API, schema or step may do to types, contracts and quarantine. */

const at = (day: number) => `2024-02-${String(day).padStart(2, '0')}T00:00:00Z`
const GOOD = Array.from({ length: 20 }, (_, id): JsonObject => ({ id, name: 'a', updated_at: at(1) }))
const ROW = { id: 99, name: 'b', updated_at: at(2) }

async function columns(store: Store) {
  return (await (await openDataset(itemsSource(), store)).schema()).items?.columns ?? {}
}

/** Runs again, with other rows at the source. */
async function then(world: World, resource: object, ...rows: JsonObject[]) {
  world.api.tables['/items'] = rows
  return run(world, resource)
}

describe('names', () => {
  const HOSTILE = [
    '__proto__',
    'constructor',
    'toString',
    '',
    'a.b',
    'a[]',
    '*',
    'é',
    'e\u0301',
    '\ud800',
    '列',
    '\u001b[2J',
  ]
  const hostile = (value: JsonValue) => Object.fromEntries(HOSTILE.map((name) => [name, value]))

  test('any name is a column, is checked by its contract, and comes back', async () => {
    const resource = { schemaContract: 'discard_value' }
    const world = await loaded(resource, [{ ...ROW, ...hostile(1) }])
    expect(Object.keys(await columns(world.store))).toEqual([...Object.keys(ROW), ...HOSTILE])
    const sent = { ...ROW, id: 100, ...hostile('SECRET') }
    await then(world, resource, sent)
    expect((await itemsIn(world.store)).at(-1)).toEqual({ ...ROW, id: 100 })
    const [record] = await kept(world.store)
    expect(record?.record).toEqual(sent)
    expect(record?.reason).toContain('`__proto__` is string, and was integer (dataType: discard_value)')
    expect(record?.reason).not.toContain('SECRET')
    expect(await replay(world)).toMatchObject({ replayed: 1, updated: 1 })
    expect((await itemsIn(world.store)).at(-1)).toEqual(sent)
    expect(Object.keys({})).toEqual([])
  })

  test('as a hint as well', async () => {
    const hint = { constructor: { dataType: 'integer', nullable: false }, toString: { dataType: 'number' } }
    const world = itemsWorld([...GOOD.map((row) => ({ ...row, ...hostile('7') })), ROW])
    expect(await run(world, { columns: hint })).toMatchObject({ coerced: 40, quarantined: 1 })
    expect((await itemsIn(world.store))[0]).toMatchObject({ constructor: 7, toString: 7, '': '7' })
  })

  test('composed and decomposed letters are two columns', async () => {
    const resource = { schemaContract: { columns: 'discard_row' } }
    const world = await loaded(resource, [{ ...ROW, é: 1 }])
    expect(await then(world, resource, { ...ROW, 'e\u0301': 1, updated_at: at(3) })).toMatchObject({ quarantined: 1 })
  })
})

describe('types', () => {
  const resource = { schemaContract: { dataType: 'discard_row' } }

  test('integer, number, string: a contract sees each step, and inference keeps what does not widen', async () => {
    const world = await loaded(resource, [{ ...ROW, x: 1 }])
    const drift = [1.5, '1', true].map((x, id): JsonObject => ({ ...ROW, id, x }))
    expect(await then(world, resource, ...drift)).toMatchObject({ quarantined: 3 })
    expect((await columns(world.store)).x).toEqual({ type: 'integer', nullable: false })
    expect(await replay(world)).toMatchObject({ replayed: 3 })
    expect((await columns(world.store)).x?.type).toEqual(['boolean', 'number', 'string'])
    // What was let in once is known.
    expect(await then(world, resource, ...drift.map((row) => ({ ...row, updated_at: at(4) })))).toMatchObject({
      quarantined: 0,
      updated: 3,
    })
  })

  test('text that happened to look like dates is text when a hint says so', async () => {
    const dates = [{ ...ROW, title: '2024-01-01' }]
    const text = { ...ROW, title: 'Year of the cat', updated_at: at(3) }
    expect(await then(await loaded(resource, dates), resource, text)).toMatchObject({ quarantined: 1 })
    const hinted = { ...resource, columns: { title: { dataType: 'string' } } }
    const world = await loaded(hinted, dates)
    expect(await then(world, hinted, text)).toMatchObject({ updated: 1, quarantined: 0 })
    // A date among text is text.
    expect(await then(world, hinted, { ...text, ...dates[0], updated_at: at(4) })).toMatchObject({ quarantined: 0 })
  })

  test('lists that were empty take any item, and then no other', async () => {
    const world = await loaded(resource, [{ ...ROW, tags: [], deep: [[]] }])
    const typed = { ...ROW, tags: ['a'], deep: [[1]], updated_at: at(3) }
    expect(await then(world, resource, typed)).toMatchObject({ updated: 1, quarantined: 0 })
    expect(await then(world, resource, { ...typed, tags: [1], updated_at: at(4) })).toMatchObject({ quarantined: 1 })
    expect(await then(world, resource, { ...typed, deep: [['a']], updated_at: at(5) })).toMatchObject({
      quarantined: 1,
    })
    expect(await then(world, resource, { ...typed, tags: [], deep: [], updated_at: at(6) })).toMatchObject({
      updated: 1,
    })
  })

  test('a key that becomes nullable, optional, or of another type: the row is aside, and the column stays as it was', async () => {
    const { id: _, ...keyless } = ROW
    const world = itemsWorld([
      ...GOOD,
      keyless,
      { ...ROW, id: null },
      ...GOOD.map((row) => ({ ...row, id: Number(row.id) + 50 })),
    ])
    await run(world)
    expect((await kept(world.store)).map(({ code }) => code).sort()).toEqual(['key_column_missing', 'key_invalid'])
    expect((await columns(world.store)).id).toEqual({ type: 'integer', nullable: false, primaryKey: true })
    const drifted = itemsWorld(GOOD)
    await run(drifted)
    await expect(then(drifted, {}, { ...ROW, id: '99' })).rejects.toMatchObject({ code: 'key_type_mixed' })
    // The hint is the fix.
    expect(await replay(drifted, { columns: { id: { dataType: 'integer' } } })).toMatchObject({ added: 1 })
    expect((await itemsIn(drifted.store)).at(-1)).toEqual(ROW)
  })

  test('a new column that is null is new all the same', async () => {
    const strict = { schemaContract: { columns: 'discard_row' } }
    const world = await loaded(strict, GOOD)
    expect(await then(world, strict, { ...ROW, fresh: null })).toMatchObject({ quarantined: 1 })
  })

  test('a hint of a column with a dot in its name says nothing of a field within another', async () => {
    const hinted = { ...resource, columns: { 'a.b': { dataType: 'integer' }, 'tags[]': { dataType: 'integer' } } }
    const world = await loaded(hinted, [{ ...ROW, a: { b: 'x' }, tags: ['x'], 'a.b': 1 }])
    const within = { ...ROW, a: { b: 1 }, updated_at: at(3) }
    expect(await then(world, hinted, within)).toMatchObject({ quarantined: 1 })
    expect(await then(world, hinted, { ...ROW, tags: [1], updated_at: at(4) })).toMatchObject({ quarantined: 1 })
    expect(await then(world, hinted, { ...ROW, 'a.b': '7', updated_at: at(5) })).toMatchObject({
      coerced: 1,
      updated: 1,
    })
  })

  test('an object with so many names that it becomes a map refuses no name, and its types still hold', async () => {
    const world = await loaded({}, [
      { ...ROW, stock: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`w${i}`, i])) },
    ])
    const strict = { schemaContract: 'discard_row' }
    expect(await then(world, strict, { ...ROW, stock: { other: 1 }, updated_at: at(3) })).toMatchObject({ updated: 1 })
    expect(await then(world, strict, { ...ROW, stock: { w1: 'SECRET' }, updated_at: at(4) })).toMatchObject({
      quarantined: 1,
    })
    expect((await kept(world.store))[0]?.reason).toContain('`stock.*` is string, and was integer')
  })
})

describe('schemas', () => {
  test('one whose output drops the key: nothing is stored under a key of another kind', async () => {
    const drops = v.pipe(
      v.object({ id: v.number() }),
      v.transform(({ id }) => ({ number: id })),
    )
    const world = itemsWorld(GOOD)
    await expect(run(world, { schema: drops })).rejects.toMatchObject({ code: 'key_column_missing' })
    expect(await itemsIn(world.store)).toEqual([])
    expect(await kept(world.store)).toHaveLength(20)
    expect(await replay(world)).toMatchObject({ added: 20 })
  })

  describe('one that makes the key: pages of records without it are not taken for the same page', () => {
    const sent = (count: number) =>
      Array.from({ length: count }, (_, n): JsonObject => ({ No: n, kind: 'a', updated_at: at(1) }))
    const renames = v.pipe(
      v.looseObject({ No: v.number() }),
      v.transform(({ No, ...row }) => ({ ...row, id: No })),
    )
    const map = ({ No = null, ...row }: JsonObject) => ({ ...row, id: No })

    test.each<[string, object, object]>([
      ['a schema', { schema: renames }, { limit: 10 }],
      ['a schema, one record a page', { schema: renames }, { limit: 1 }],
      ['a step', { processingSteps: [{ map }] }, { limit: 10 }],
      ['a part of it', { processingSteps: [{ map }], primaryKey: ['kind', 'id'] }, { limit: 10 }],
      ['with overlapping pages', { schema: renames }, { limit: 10, overlap: 2 }],
    ])('%s', async (_, by, paging) => {
      const world = itemsWorld(sent(30))
      const source = itemsSource({ primaryKey: 'id', ...by }, { paginator: { type: 'offset', ...paging } })
      const report = await sync(source, world.store, { ports: world.ports })
      expect(report.resources.items).toMatchObject({ received: 30, added: 30, drift: 0, complete: true })
    })

    test('rows that move between overlapping pages are found again, and none is passed over', async () => {
      const world = itemsWorld(sent(30))
      const paginator = { type: 'offset', limit: 10, overlap: 3 }
      const source = itemsSource({ schema: renames }, { paginator, incremental: undefined })
      world.api.fault = (_, index) => {
        if (index === 1) world.api.tables['/items']?.splice(0, 1)
        return undefined
      }
      const report = await sync(source, world.store, { ports: world.ports })
      expect(report.resources.items).toMatchObject({ received: 30, added: 30, drift: 1 })
    })

    test('and a server that sends one page for ever is still told', async () => {
      const world = itemsWorld(sent(30))
      world.api.fault = () => Response.json({ data: sent(10), total: 30 })
      await expect(run(world, { schema: renames })).rejects.toMatchObject({ code: 'pagination_no_progress' })
    })
  })

  test('one that is async for some rows only keeps their order, and the last row of a key', async () => {
    const some: StandardSchema<unknown, { id: number }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate(value) {
          const row = value as { id: number; n: number }
          return row.n % 2 ? Promise.resolve({ value: row }) : { value: row }
        },
      },
    }
    const world = itemsWorld([1, 2, 3, 4].map((n) => ({ id: 1, n, updated_at: at(n) })))
    expect(await run(world, { schema: some })).toMatchObject({ added: 1, duplicates: 3 })
    expect(await itemsIn(world.store)).toEqual([{ id: 1, n: 4, updated_at: at(4) }])
  })

  test.each<[string, (row: JsonObject) => unknown, string]>([
    ['a cycle', (row) => Object.assign(row, { self: row }), 'not_json'],
    ['nothing', () => undefined, 'not_json'],
    ['a number that is none', (row) => ({ ...row, n: Number('x') }), 'not_json'],
    ['an instance', (row) => ({ ...row, at: new Date(0) }), 'not_json'],
    ['a list', (row) => [row], 'not_an_object'],
  ])(
    'and processing steps that put out %s: kept whole as it came, never changed in silence',
    async (_, output, code) => {
      const broken = (row: JsonObject) => (row.id === 99 ? output({ ...row }) : row)
      const schema = v.pipe(
        v.looseObject({ id: v.number() }),
        v.transform((row) => broken(row as JsonObject)),
      )
      for (const by of [{ schema }, { processingSteps: [{ map: broken }] }]) {
        const world = itemsWorld([...GOOD, ROW])
        expect(await run(world, by)).toMatchObject({ added: 20, quarantined: 1 })
        expect(await kept(world.store)).toMatchObject([{ code, record: ROW }])
        expect(await replay(world)).toMatchObject({ added: 1 })
      }
    },
  )

  test('fields that a step sets to undefined are absent', async () => {
    const world = itemsWorld([ROW])
    await run(world, {
      processingSteps: [{ map: (row: JsonObject) => ({ ...row, name: undefined, list: [{ a: undefined }] }) }],
    })
    const { name: _, ...rest } = ROW
    const [row] = await itemsIn(world.store)
    expect(row).toStrictEqual({ ...rest, list: [{}] })
    expect(Object.keys(await columns(world.store))).not.toContain('name')
  })

  test.each<[string, StandardSchema<unknown, { id: number }>]>([
    ['valibot', v.object({ id: v.number(), name: v.pipe(v.string(), v.regex(/^a$/)), updated_at: v.string() })],
    ['zod', z.object({ id: z.number(), name: z.string().regex(/^a$/), updated_at: z.string() })],
    ['arktype', type({ id: 'number', name: '/^a$/', updated_at: 'string' })],
  ])('a check of %s that fails says where and what came, and quotes nothing of it', async (_, schema) => {
    const world = itemsWorld([...GOOD, { ...ROW, name: 'SECRET `x` 4242' }])
    await run(world, { schema })
    const [record] = await kept(world.store)
    expect(record?.reason).toMatch(/^the schema refuses it: `name` is string/)
    expect(record?.reason).not.toMatch(/SECRET|4242/)
  })
})

describe('contracts', () => {
  test('children have one of their own; fields of the parent are free in name, and fixed in type', async () => {
    const api = fakeApi({ '/items': [{ id: 1, kind: 'a' }], '/items/1/notes': [{ id: 10 }] })
    const family = (mode: string) =>
      defineSource({
        name: 'test',
        ...pagedBy(10),
        resources: [
          { name: 'items' },
          {
            name: 'notes',
            schemaContract: mode as 'evolve',
            endpoint: { path: '/items/{resources.items.id}/notes' },
            includeFromParent: mode === 'evolve' ? ['id'] : ['id', 'kind'],
          },
        ],
      })
    const [store, ports] = [memoryStore(), fakePorts({ fetch: api.fetch })]
    await sync(family('evolve'), store, { ports })
    const report = await sync(family('discard_row'), store, { ports })
    expect(report.resources.notes).toMatchObject({ quarantined: 0, updated: 1 })
    api.tables['/items'] = [{ id: 1, kind: 7, fresh: 1 }]
    api.tables['/items/1/notes'] = [{ id: 10 }, { id: 11, fresh: 1 }]
    const drifted = await sync(family('discard_row'), store, { ports })
    expectBalance(drifted)
    expect(drifted.resources.items).toMatchObject({ updated: 1, quarantined: 0 })
    expect(drifted.resources.notes).toMatchObject({ quarantined: 2 })
    const back = await replayQuarantine(family('evolve'), store, { ports })
    expect(back.resources.notes).toMatchObject({ replayed: 2, added: 1, updated: 1 })
    const data = await openDataset(family('evolve'), store)
    expect(await data.table('notes').get(11)).toEqual({ id: 11, fresh: 1, _items_id: 1, _items_kind: 7 })
  })

  test('a row of which all but the key is discarded is still a row', async () => {
    const contract = { schemaContract: 'discard_value' }
    const world = itemsWorld([{ id: 1, n: 1 }])
    const source = (resource: object) => itemsSource(resource, { incremental: undefined })
    await sync(source(contract), world.store, { ports: world.ports })
    const sent = { id: 2, a: 1, b: { c: 1 }, n: 'x' }
    world.api.tables['/items'] = [sent]
    expectBalance(await sync(source(contract), world.store, { ports: world.ports }))
    expect((await itemsIn(world.store)).at(-1)).toEqual({ id: 2 })
    const { resources } = await replayQuarantine(source({}), world.store, { ports: world.ports })
    expect(resources.items).toMatchObject({ replayed: 1, updated: 1 })
    expect((await itemsIn(world.store)).at(-1)).toEqual(sent)
  })

  test('what is mended at the source before it is taken out is not overwritten', async () => {
    const resource = { schemaContract: 'discard_value' }
    const world = await loaded(resource, GOOD)
    await then(world, resource, { ...ROW, fresh: 1 })
    await then(world, resource, { ...ROW, name: 'newer', updated_at: at(3) })
    expect(await replay(world)).toMatchObject({ records: 1, superseded: 1 })
    expect((await itemsIn(world.store)).at(-1)).toEqual({ ...ROW, name: 'newer', updated_at: at(3) })
  })
})

test('a record in quarantine says of which resource it is, why, when and what came, and no more', async () => {
  const world = itemsWorld([...GOOD, { ...ROW, id: null }])
  await run(world)
  const reason = 'the key field `id` is null, not a string or a number'
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(await kept(world.store)).toEqual([
    { resource: 'items', code: 'key_invalid', reason, at, pass: 1, record: { ...ROW, id: null } },
  ])
})

test('runs that fail again and again keep each record once', async () => {
  const bad = Array.from({ length: 10 }, (_, index) => ({ ...ROW, id: null, index }))
  const world = itemsWorld([...GOOD, ...bad])
  for (let runs = 0; runs < 3; runs++) {
    await expect(run(world)).rejects.toMatchObject({ code: 'key_invalid' })
    expect(await kept(world.store)).toHaveLength(bad.length)
  }
})

describe('replay', () => {
  const resource = { schemaContract: 'discard_row' }
  const drifted = { ...ROW, fresh: 1 }

  test('twice, at once or one after the other, takes each record once', async () => {
    const world = await loaded(resource, GOOD)
    await then(world, resource, drifted)
    const both = await Promise.all([replay(world), replay(world)])
    expect(both.map((one) => one?.replayed).sort()).toEqual([0, 1])
    expect(await replay(world)).toMatchObject({ records: 0 })
    expect(await itemsIn(world.store)).toHaveLength(21)
  })

  test('during a sync waits for it, and loses nothing of either', async () => {
    const world = await loaded(resource, GOOD)
    await then(world, resource, drifted)
    world.api.tables['/items'] = Array.from({ length: 35 }, (_, id) => ({ id: 200 + id, name: 'c', updated_at: at(3) }))
    const [report, replayed] = await Promise.all([run(world, resource), replay(world)])
    expect(report).toMatchObject({ status: 'done', added: 35 })
    expect(replayed).toMatchObject({ replayed: 1, added: 1 })
    expect(await itemsIn(world.store)).toHaveLength(56)
  })

  test('between two pages of a sync that was interrupted: it goes on, and both are there', async () => {
    const world = await loaded(resource, GOOD)
    await then(world, resource, drifted)
    const rows = Array.from({ length: 35 }, (_, id) => ({ id: 200 + id, name: 'c', updated_at: at(3) }))
    world.api.tables['/items'] = rows
    world.api.fault = (_, index) => (index === 6 ? new Response('', { status: 500 }) : undefined)
    await expect(run(world, resource)).rejects.toMatchObject({ code: 'http_status' })
    world.api.fault = () => undefined
    expect(await replay(world)).toMatchObject({ replayed: 1, added: 1 })
    await run(world, resource)
    expect(await itemsIn(world.store)).toHaveLength(56)
    expect(await kept(world.store)).toEqual([])
  })

  test('a record whose row a full refresh has proved to be gone does not come back as a ghost', async () => {
    const world = await loaded(resource, GOOD)
    await then(world, resource, drifted)
    world.api.tables['/items'] = GOOD
    expect(await run(world, resource, { full: true })).toMatchObject({ complete: true, quarantined: 0 })
    expect(await replay(world)).toMatchObject({ records: 1, superseded: 1 })
    expect(await itemsIn(world.store)).toHaveLength(20)
  })

  test('but it does where the row is put aside again, or another pass may have missed it', async () => {
    for (const full of [true, false]) {
      const world = await loaded(resource, GOOD)
      await then(world, resource, drifted)
      world.api.tables['/items'] = full ? [...GOOD, drifted] : GOOD
      await run(world, resource, { full })
      expect(await replay(world)).toMatchObject({ replayed: 1, added: 1 })
      expect(await kept(world.store)).toEqual([])
    }
  })

  test('appended rows that were put aside on several pages come back once each, however often it is called', async () => {
    const appends = { primaryKey: undefined, writeDisposition: 'append' }
    const hint = { columns: { name: { nullable: false } } }
    const rows = Array.from(
      { length: 45 },
      (_, id): JsonObject => ({ id, name: id % 15 === 7 ? null : 'a', updated_at: at(1) }),
    )
    const world = itemsWorld(rows)
    await run(world, { ...appends, ...hint })
    expect(await kept(world.store)).toHaveLength(3)
    expect(await replay(world, appends)).toMatchObject({ replayed: 3, added: 3 })
    expect(await replay(world, appends)).toMatchObject({ records: 0 })
    const ids = (await itemsIn(world.store)).map(({ id }) => Number(id)).sort((a, b) => a - b)
    expect(ids).toEqual(rows.map(({ id }) => id))
  })

  test('a step that throws fails it with its code, and nothing has changed', async () => {
    const world = await loaded(resource, GOOD)
    await then(world, resource, drifted)
    const throws = () => {
      throw new Error('SECRET')
    }
    await expect(replay(world, { processingSteps: [{ map: throws }] })).rejects.toMatchObject({
      code: 'processing_failed',
    })
    expect(await kept(world.store)).toHaveLength(1)
    expect(await replay(world)).toMatchObject({ replayed: 1 })
  })
})
