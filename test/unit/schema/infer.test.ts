import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/json.ts'
import type { InferredTable } from '../../../src/schema/column.ts'
import { describeTable } from '../../../src/schema/describe.ts'
import { Inference } from '../../../src/schema/infer.ts'
import { fromColumn, join, learn, MOST_FIELDS, Shape, toColumn } from '../../../src/schema/shape.ts'
import { records } from './records.ts'

function inferStored(...pages: JsonObject[][]): InferredTable {
  const inference = new Inference()
  for (const page of pages) inference.add(page)
  return inference.toJSON()
}

function infer(...pages: JsonObject[][]): ReturnType<typeof describeTable>['columns'] {
  return describeTable(inferStored(...pages), ['id']).columns
}

describe('types of a column', () => {
  test.each<[string, JsonObject[string][], string | string[], boolean]>([
    ['integers', [1, 2], 'integer', false],
    ['2.0 is an integer in JSON', [2.0], 'integer', false],
    ['integers widen to numbers', [1, 2.5], 'number', false],
    ['booleans', [true], 'boolean', false],
    ['only nulls', [null], 'null', true],
    ['null makes nullable', ['x', null], 'string', true],
    ['instants', ['2024-01-01T00:00:00Z', '2024-01-01 10:00:00.123+02:00'], 'timestamp', false],
    ['dates', ['2024-01-31'], 'date', false],
    ['dates widen to timestamps', ['2024-01-31', '2024-01-31T00:00:00Z'], 'timestamp', false],
    ['times widen to text', ['2024-01-31', 'tomorrow'], 'string', false],
    ['what only looks like a date is text', ['2024-99-99', '1234-5678'], 'string', false],
    ['what does not widen stands side by side', [1, 'x', { a: 1 }], ['integer', 'string', 'object'], false],
  ])('%s', (_, values, type, nullable) => {
    const rows = values.map((v) => ({ v }))
    expect(infer(rows).v).toMatchObject({ type, nullable })
    expect(infer([...rows].reverse()).v).toMatchObject({ type, nullable })
  })
})

test('a field that a row lacks is optional, wherever the row stands; one that is null is nullable', () => {
  const optional = { type: 'integer', nullable: false, optional: true }
  expect(infer([{ id: 1, a: 1 }, { id: 2 }]).a).toEqual(optional)
  expect(infer([{ id: 2 }], [{ id: 1, a: 1 }]).a).toEqual(optional)
  expect(infer([{ id: 1, a: 1 }], [{ id: 2, a: null }]).a).toEqual({ type: 'integer', nullable: true })
  expect(infer([{}], [{ a: null }]).a).toEqual({ type: 'null', nullable: true, optional: true })
})

test('a table that was stored before it had rows has no gaps', () => {
  const inference = new Inference(new Inference().toJSON())
  inference.add([{ a: 1 }])
  expect(inference.toJSON()).toEqual(inferStored([{ a: 1 }]))
  expect(new Inference(inferStored([{}])).toJSON()).toEqual({ columns: {} })
})

test('a key is never nullable nor optional and is marked', () => {
  expect(infer([{ id: 1 }, {}]).id).toEqual({ type: 'integer', nullable: false, primaryKey: true })
})

describe('what lies within', () => {
  test('the fields of objects and the items of arrays, at every depth', () => {
    const { lines, pay } = infer([
      { lines: [{ sum: 1, taxes: [0.5] }, { sum: null }], pay: { by: 'card' } },
      { lines: [], pay: { by: 'cash', at: '2024-05-01' } },
    ])
    expect(pay).toEqual({
      type: 'object',
      nullable: false,
      fields: {
        by: { type: 'string', nullable: false },
        at: { type: 'date', nullable: false, optional: true },
      },
    })
    expect(lines?.items?.fields).toEqual({
      sum: { type: 'integer', nullable: true },
      taxes: { type: 'array', nullable: false, optional: true, items: { type: 'number', nullable: false } },
    })
  })

  test('objects and arrays beside other types keep what is within', () => {
    expect(infer([{ v: 1 }, { v: { a: 1 } }, { v: ['x'] }]).v).toEqual({
      type: ['integer', 'object', 'array'],
      nullable: false,
      fields: { a: { type: 'integer', nullable: false } },
      items: { type: 'string', nullable: false },
    })
  })

  test('of arrays that are always empty nothing is said; of empty objects, that they have no fields', () => {
    expect(infer([{ list: [], object: {} }])).toEqual({
      list: { type: 'array', nullable: false },
      object: { type: 'object', nullable: false, fields: {} },
    })
  })
})

describe('bounds', () => {
  const many = (count: number, value: (i: number) => JsonValue): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value(i)]))

  test('an object with very many names is a map, in one row or over many', () => {
    const map = { type: 'object', nullable: false, values: { type: ['integer', 'string'], nullable: true } }
    const value = (i: number) => (i === 7 ? null : i % 2 ? 'x' : i)
    const whole = many(MOST_FIELDS + 1, value)
    expect(infer([{ map: whole }]).map).toEqual(map)
    expect(infer(Object.entries(whole).map(([name, part]) => ({ map: { [name]: part } }))).map).toEqual(map)
    expect(infer([{ map: many(MOST_FIELDS, value) }]).map?.values).toBeUndefined()
  })

  test('what a map holds is one shape, whatever it was before', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({ id: 1, map: { [`k${i}`]: i % 2 ? { a: i } : { b: 'x' } } }))
    expect(infer(rows).map?.values).toEqual({
      type: 'object',
      nullable: false,
      fields: {
        b: { type: 'string', nullable: false, optional: true },
        a: { type: 'integer', nullable: false, optional: true },
      },
    })
  })

  test('a map that was learned teaches nothing more', () => {
    const inference = new Inference()
    const rows: JsonObject[] = [{ k0: { x: 1 } }, { k1: { x: 1 } }, { k1: {} }, many(MOST_FIELDS + 1, () => ({ x: 1 }))]
    const maps = rows.map((map) => ({ map }))
    inference.add(maps)
    expect(inference.take()).toEqual({ added: ['map'], changed: [] })
    inference.add(maps)
    expect(inference.take()).toBeUndefined()
  })

  test('a table with very many columns is one as well', () => {
    const table = inferStored([many(1001, (i) => i)], [{ k1: 'x' }])
    expect(describeTable(table, ['k0'])).toEqual({
      columns: {},
      values: { type: ['integer', 'string'], nullable: false },
    })
    expect(new Inference(table).take()).toBeUndefined()
  })

  test('below eight levels, nothing is said', () => {
    const nest = (depth: number): JsonValue => (depth === 0 ? 'x' : { in: nest(depth - 1) })
    expect(JSON.stringify(inferStored([{ in: nest(20) }])).match(/"in"/g)).toHaveLength(8)
    expect(inferStored([{ in: nest(20) }])).toEqual(inferStored([{ in: nest(30) }]))
  })

  test('what would grow without bound loses its deepest levels, in whatever order it comes', () => {
    const width = 90
    const wide = many(width, () => many(width, (i) => many(20, () => i)))
    const parts = Object.entries(wide).map(([name, part]) => ({ wide: { [name]: part } }))
    const stored = inferStored(...parts.map((part) => [part]))
    expect(stored.depth).toBe(3)
    expect(JSON.stringify(stored).length).toBeLessThan(1_000_000)
    const again = new Inference(inferStored(parts.slice(40)))
    again.add(parts.slice(0, 40))
    expect(again.toJSON()).toEqual(stored)
    again.add([{ wide: { more: { deep: { deeper: 1 } } } }])
    expect(again.toJSON().depth).toBe(3)
  })

  test('that an object has become a map takes no weight off', () => {
    const wide = many(MOST_FIELDS + 1, () => many(90, (i) => many(20, () => i)))
    const parts = Object.entries(wide).map(([name, part]) => [{ wide: { [name]: part } }])
    expect(inferStored([{ wide }])).toEqual(inferStored(...parts))
  })

  test('what is not known within one is not known within both', () => {
    const known = { types: 192, fields: { a: { types: 2 } }, items: { types: 2 } }
    const map = { types: 192, values: { types: 2 }, items: { types: 2 } }
    for (const other of [known, map]) {
      const shapes = [fromColumn(other), fromColumn({ types: 192 })] as const
      join(...shapes, 8)
      expect(toColumn(shapes[0])).toEqual({ types: 192 })
      const turned = [fromColumn({ types: 192 }), fromColumn(other)] as const
      join(...turned, 8)
      expect(toColumn(turned[0])).toEqual({ types: 192 })
    }
  })
})

test('goes on from what was stored, and tells what is new and what has changed', () => {
  const first = new Inference()
  first.add([{ id: 1, a: 1, pay: { by: 'card' } }])
  expect(first.take()).toEqual({ added: ['id', 'a', 'pay'], changed: [] })
  first.add([{ id: 2, a: 3, pay: { by: 'cash' } }])
  expect(first.take()).toBeUndefined()
  const stored = JSON.parse(JSON.stringify(first))
  const second = new Inference(stored)
  second.add([
    { id: 3, a: 1.5, b: null, pay: { by: 'card' } },
    { id: 4, a: 1, b: 2, pay: { by: null } },
  ])
  expect(second.take()).toEqual({ added: ['b'], changed: ['a', 'pay'] })
  expect(second.take()).toBeUndefined()
  // What was stored is not changed by going on from it.
  expect(stored).toEqual(JSON.parse(JSON.stringify(first)))
})

test('what was stored before there were nested columns is read, and says nothing of what is within', () => {
  const old = {
    columns: { id: { types: 2 }, n: { types: 6 }, pay: { types: 64, nulls: true, gaps: true }, t: { types: 128 } },
  }
  const inference = new Inference(old as InferredTable)
  inference.add([{ id: 1, n: 1, pay: { by: 'card' }, t: [1] }])
  expect(inference.take()).toBeUndefined()
  expect(describeTable(inference.toJSON(), [])).toEqual(describeTable(old as InferredTable, []))
  expect(describeTable(old as InferredTable, []).columns).toEqual({
    id: { type: 'integer', nullable: false },
    n: { type: 'number', nullable: false },
    pay: { type: 'object', nullable: true, optional: true },
    t: { type: 'array', nullable: false },
  })
})

test('hostile field names are columns like others, within as well', () => {
  const row = JSON.parse('{"__proto__": {"__proto__": 1, "a": 2}, "constructor": "x", "toString": null}') as JsonObject
  const columns = infer([row], [{}])
  expect(Object.entries(columns).map(([name, { optional }]) => [name, optional])).toEqual([
    ['__proto__', true],
    ['constructor', true],
    ['toString', true],
  ])
  const [[, within] = []] = Object.entries(columns)
  expect(Object.keys(within?.fields ?? {})).toEqual(['__proto__', 'a'])
})

describe('the same, whatever the order', () => {
  const pages = fc.array(fc.array(records, { maxLength: 5 }), { maxLength: 5 })
  const seeded = { seed: 20261125, numRuns: 300 }

  test('of rows and pages, and however they are divided into runs', () => {
    const order = fc.array(fc.nat(), { minLength: 25, maxLength: 25 })
    fc.assert(
      fc.property(pages, order, fc.nat(25), (some, by, split) => {
        const rows = some.flat().map((row, i) => [by[i] ?? 0, row] as const)
        const shuffled = rows.sort(([a], [b]) => a - b).map(([, row]) => row)
        const expected = inferStored(...some)
        expect(inferStored(shuffled)).toEqual(expected)
        const stored = split === 0 ? undefined : inferStored(shuffled.slice(0, split))
        const resumed = new Inference(stored && JSON.parse(JSON.stringify(stored)))
        resumed.add(shuffled.slice(split))
        if (split <= shuffled.length) expect(resumed.toJSON()).toEqual(expected)
      }),
      seeded,
    )
  })

  test('of joining: what two know together is what is known of both', () => {
    const shapeOf = (rows: JsonObject[]) => {
      const shape = new Shape()
      for (const row of rows) learn(shape, row, 8)
      return fromColumn(toColumn(shape))
    }
    const joined = (...some: JsonObject[][]) => {
      const [first = new Shape(), ...others] = some.map(shapeOf)
      for (const other of others) join(first, other, 8)
      return toColumn(first)
    }
    const list = fc.array(records, { maxLength: 6 })
    fc.assert(
      fc.property(list, list, list, (a, b, c) => {
        const all = toColumn(shapeOf([...a, ...b, ...c]))
        expect(joined(a, b, c)).toEqual(all)
        expect(joined(c, b, a)).toEqual(all)
        expect(joined(a, [...b, ...c], a)).toEqual(all)
      }),
      seeded,
    )
  })
})
