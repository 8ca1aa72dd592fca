import { transformSync } from 'esbuild'
import fc from 'fast-check'
import ts from 'typescript'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/json.ts'
import { describeTable, type TableSchema } from '../../../src/schema/describe.ts'
import { toJsonSchema, toTypeScript, toValibot } from '../../../src/schema/index.ts'
import { Inference } from '../../../src/schema/infer.ts'
import { fits } from './json-schema.ts'
import { records } from './records.ts'

function inferred(rows: readonly JsonObject[], primaryKey: string[] = []): TableSchema {
  const inference = new Inference()
  inference.add(rows)
  return describeTable(inference.toJSON(), primaryKey)
}

/** The schemas that a generated module exports, by name. */
function evaluate(code: string): Record<string, v.GenericSchema> {
  const { code: script } = transformSync(code, { loader: 'ts', format: 'cjs' })
  const module = { exports: {} as Record<string, v.GenericSchema> }
  const required: string[] = []
  const require = (name: string) => {
    required.push(name)
    return v
  }
  new Function('require', 'module', 'exports', script)(require, module, module.exports)
  expect(required).toEqual(['valibot'])
  return module.exports
}

const ORDERS = [
  {
    id: 'o_1',
    total: 5,
    placed_at: '2024-05-01T10:00:00Z',
    note: null,
    paid: true,
    lines: [{ sku: 'a', price: 1.5 }],
    stock: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`w${i}`, i % 3 ? i : null])),
    'ship-to': { city: 'Berlin', "it's": 1 },
    tags: ['x'],
    empty: [],
    ref: 1,
  },
  {
    id: 'o_2',
    total: 5.5,
    placed_at: '2024-05-01',
    note: null,
    lines: [{ sku: 'b', price: null, day: '2024-05-01' }],
    stock: {},
    'ship-to': null,
    tags: 'none',
    empty: [],
    ref: 'r',
  },
]
const tables = { orders: inferred(ORDERS, ['id']), 'order-lines': inferred([{ n: 1 }]) }

test('TypeScript', () => {
  expect(toTypeScript(tables)).toBe(`export interface Orders {
  id: string
  total: number
  placed_at: string // timestamp
  note: unknown // only null so far
  paid?: boolean
  lines: ({
    sku: string
    price: number | null
    day?: string // date
  })[]
  stock: { [key: string]: number | null }
  "ship-to": {
    city: string
    "it's": number // integer
  } | null
  tags: string | string[]
  empty: unknown[]
  ref: number | string // integer
}

export interface OrderLines {
  n: number // integer
}

/** The rows of each table, by its name. */
export interface Tables {
  orders: Orders
  "order-lines": OrderLines
}
`)
})

test('valibot', () => {
  expect(toValibot(tables)).toBe(`import * as v from 'valibot'

export const Orders = v.looseObject({
  id: v.string(),
  total: v.number(),
  placed_at: v.string(), // timestamp
  note: v.unknown(), // only null so far
  paid: v.optional(v.boolean()),
  lines: v.array(v.looseObject({
    sku: v.string(),
    price: v.nullable(v.number()),
    day: v.optional(v.string()), // date
  })),
  stock: v.record(v.string(), v.nullable(v.pipe(v.number(), v.integer()))),
  "ship-to": v.nullable(v.looseObject({
    city: v.string(),
    "it's": v.pipe(v.number(), v.integer()),
  })),
  tags: v.union([v.array(v.string()), v.string()]),
  empty: v.array(v.unknown()),
  ref: v.union([v.pipe(v.number(), v.integer()), v.string()]),
})
export type Orders = v.InferOutput<typeof Orders>

export const OrderLines = v.looseObject({
  n: v.pipe(v.number(), v.integer()),
})
export type OrderLines = v.InferOutput<typeof OrderLines>
`)
})

test('JSON Schema', () => {
  expect(toJsonSchema({ orders: tables.orders })).toEqual({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: {
      orders: {
        type: 'object',
        required: ['id', 'total', 'placed_at', 'note', 'lines', 'stock', 'ship-to', 'tags', 'empty', 'ref'],
        properties: {
          id: { type: 'string' },
          total: { type: 'number' },
          placed_at: { type: 'string', $comment: 'timestamp' },
          note: { $comment: 'only null so far' },
          paid: { type: 'boolean' },
          lines: {
            type: 'array',
            items: {
              type: 'object',
              required: ['sku', 'price'],
              properties: {
                sku: { type: 'string' },
                price: { type: ['number', 'null'] },
                day: { type: 'string', $comment: 'date' },
              },
            },
          },
          stock: { type: 'object', additionalProperties: { type: ['integer', 'null'] } },
          'ship-to': {
            type: ['object', 'null'],
            required: ['city', "it's"],
            properties: { city: { type: 'string' }, "it's": { type: 'integer' } },
          },
          tags: { type: ['string', 'array'], items: { type: 'string' } },
          empty: { type: 'array' },
          ref: { type: ['integer', 'string'] },
        },
      },
    },
  })
})

describe('what was inferred from records takes them', () => {
  const lists = fc.array(records, { minLength: 1, maxLength: 5 })

  /** Names that valibot drops from maps, whatever their value. */
  const dropped = (value: JsonValue): boolean =>
    JSON.stringify(value).match(/"(?:__proto__|constructor|prototype)":/) !== null

  test('as a valibot schema, which leaves them as they are', () => {
    fc.assert(
      fc.property(lists, (rows) => {
        const { Rows } = evaluate(toValibot({ rows: inferred(rows) }))
        for (const row of rows) {
          const result = v.safeParse(Rows as v.GenericSchema, row)
          expect(result.issues).toBeUndefined()
          if (!dropped(row)) expect(JSON.stringify(sorted(result.output))).toBe(JSON.stringify(sorted(row)))
        }
      }),
      { seed: 6, numRuns: 1000 },
    )
  })

  test('as a JSON Schema', () => {
    fc.assert(
      fc.property(lists, (rows) => {
        const { $defs } = toJsonSchema({ rows: inferred(rows) })
        const schema = ($defs as Record<string, JsonObject>).rows ?? {}
        expect(rows.filter((row) => !fits(row, schema))).toEqual([])
      }),
      { seed: 7, numRuns: 1000 },
    )
  })

  test('as types of TypeScript', { timeout: 120_000 }, () => {
    const samples = [...fc.sample(lists, { seed: 8, numRuns: 40 }), ORDERS as JsonObject[]]
    const code = samples.map((rows, i) => {
      const types = toTypeScript({ rows: inferred(rows) })
      return `namespace N${i} {\n${types}\nexport const rows: Rows[] = ${literal(rows as JsonValue)}\n}`
    })
    expect(compile(code.join('\n'))).toEqual([])
    expect(compile(`${toTypeScript(tables)}\nexport const o: OrderLines = { n: 'x' }`)).toHaveLength(1)
  })

  test('and not those of another type', () => {
    const { Orders } = evaluate(toValibot({ orders: tables.orders }))
    const { $defs } = toJsonSchema(tables)
    const wrong = [{ id: 1 }, { total: null }, { lines: [{ sku: 'a' }] }, { stock: { w1: 'x' } }, { tags: 1 }]
    for (const change of wrong) {
      const row: JsonObject = { ...ORDERS[0], ...(change as JsonObject) }
      expect(v.is(Orders as v.GenericSchema, row)).toBe(false)
      expect(fits(row, ($defs as Record<string, JsonObject>).orders ?? {})).toBe(false)
    }
  })
})

describe('hostile names', () => {
  const HOSTILE = [
    '__proto__',
    'constructor',
    '"',
    "'",
    '*/',
    '// x',
    '\n',
    '\r\n',
    '\u2028',
    '\u202e',
    '\u0085',
    '`',
    '\\',
    '"; throw 1; "',
    '</script>',
    '\ud800',
    '',
    '1a',
    'a b',
    'new',
  ]
  const rows = [Object.fromEntries(HOSTILE.map((name) => [name, 1]))]

  test('stay within their quotes', () => {
    const tables = Object.fromEntries(HOSTILE.map((name) => [name, inferred(rows)]))
    const valibot = toValibot({ ...tables, rows: inferred([Object.fromEntries(HOSTILE.slice(2).map((n) => [n, 1]))]) })
    const typescript = toTypeScript(tables)
    for (const code of [valibot, typescript]) {
      expect(code).not.toMatch(/(?!\n)\p{Cc}|[\u2028-\u202e]/u)
      expect(compile(code)).toEqual([])
    }
    expect(Object.keys(evaluate(valibot))).toHaveLength(HOSTILE.length + 1)
    const { Rows } = evaluate(valibot)
    expect(v.is(Rows as v.GenericSchema, Object.fromEntries(HOSTILE.map((name) => [name, 1])))).toBe(true)
    expect(v.is(Rows as v.GenericSchema, Object.fromEntries(HOSTILE.map((name) => [name, 'x'])))).toBe(false)
  })

  test('any text is a name', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }),
        fc.string({ unit: 'binary' }),
        (names, table) => {
          const schema = inferred([Object.fromEntries(names.map((name) => [name, 1]))])
          const named = Object.fromEntries([[table, schema]])
          const [exported = ''] = Object.keys(evaluate(toValibot(named)))
          expect(exported).toMatch(/^[A-Za-z]\w*$/)
          const { parseDiagnostics } = ts.createSourceFile('x.ts', toTypeScript(named), 9) as ts.SourceFile & {
            parseDiagnostics: unknown[]
          }
          expect(parseDiagnostics).toEqual([])
        },
      ),
      { seed: 9, numRuns: 300 },
    )
  })

  test('tables of like names get types of their own', () => {
    const schema = inferred([{ a: 1 }])
    const code = toTypeScript({ 'a-b': schema, a_b: schema, tables: schema, '1': schema, 表: schema })
    expect(code.match(/(?<=^export interface )\w+/gm)).toEqual(['Table1', 'AB', 'AB_2', 'Tables_2', 'Table', 'Tables'])
  })
})

/** In the order of names, to be compared with what valibot has put into the order of its entries. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => [name, sorted(part)])
}

/** Records as code, with own properties even for `__proto__`. */
function literal(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const fields = Object.entries(value).map(([name, part]) => `[${JSON.stringify(name)}]: ${literal(part)}`)
  return `{ ${fields.join(', ')} }`
}

/** What the compiler says of a module under `strict`. */
function compile(code: string): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
    skipLibCheck: true,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  const file = `${import.meta.dirname}/generated.ts`
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, code, target) : getSourceFile(name, target)
  const program = ts.createProgram([file], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ messageText, start = 0 }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n')
    return `${text.slice(0, 300)}: ${code.slice(start, start + 80)}`
  })
}
