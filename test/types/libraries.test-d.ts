import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { defineSource, type RowOf } from '../../src/source.ts'
import type { Store } from '../../src/store/dataset.ts'
import { extract } from '../../src/sync/extract.ts'
import { openDataset } from '../../src/sync/open-dataset.ts'
import { plan } from '../../src/sync/plan.ts'
import { step } from '../../src/sync/step.ts'
import { sync } from '../../src/sync/sync.ts'

// What each library puts out is what is read, and what keys and parents are checked against.
const Valibot = v.object({
  id: v.string(),
  amount: v.nullable(v.number()),
  day: v.pipe(
    v.string(),
    v.transform((text) => text.length),
  ),
  lines: v.array(v.object({ sku: v.optional(v.string()) })),
})
const Zod = z.object({
  id: z.string(),
  amount: z.number().nullable(),
  day: z.string().transform((text) => text.length),
  lines: z.array(z.object({ sku: z.string().optional() })),
})
const Ark = type({
  id: 'string',
  amount: 'number | null',
  day: type('string').pipe((text) => text.length),
  lines: type({ 'sku?': 'string' }).array(),
})

const client = { baseUrl: 'https://api.example.com' }
const source = defineSource({
  name: 'crm',
  client,
  resourceDefaults: { primaryKey: 'id' },
  resources: [
    { name: 'valibot', schema: Valibot },
    { name: 'zod', schema: Zod },
    { name: 'ark', schema: Ark, endpoint: '/zod/{resources.zod.id}/ark' },
    { name: 'none' },
  ],
})

/** True when the two are the same type, and not when one of them is `any`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function expectTrue<_T extends true>(): void {}

type Row<Name extends 'valibot' | 'zod' | 'ark'> = RowOf<typeof source, Name>
expectTrue<Same<Row<'valibot'>['amount'], number | null>>()
expectTrue<Same<Row<'zod'>['amount'], number | null>>()
expectTrue<Same<Row<'ark'>['amount'], number | null>>()
// After the transform.
expectTrue<Same<Row<'valibot'>['day'], number>>()
expectTrue<Same<Row<'zod'>['day'], number>>()
expectTrue<Same<Row<'ark'>['day'], number>>()
expectTrue<Same<keyof Row<'zod'>, 'id' | 'amount' | 'day' | 'lines'>>()
expectTrue<Same<keyof Row<'ark'>, keyof Row<'valibot'>>>()
expectTrue<Same<NonNullable<Row<'ark'>['lines'][number]['sku']>, string>>()

// Whatever the rows are, optional fields and interfaces among them, a source can be used.
declare const store: Store
async function read() {
  await sync(source, store, { resources: ['ark'] })
  await step(source, store)
  await plan(source, store)
  for await (const page of extract(source)) page.resource satisfies 'valibot' | 'zod' | 'ark' | 'none'
  return (await openDataset(source, store)).table('zod').get('z_1')
}
expectTrue<Same<Awaited<ReturnType<typeof read>>, Row<'zod'> | undefined>>()

// Mistakes are found whichever library it is.
defineSource({
  name: 'crm',
  client,
  resources: [
    // @ts-expect-error no field "idd" in the output of this schema
    { name: 'a', schema: Zod, primaryKey: 'idd' },
    // @ts-expect-error no field "idd" in the output of this schema
    { name: 'b', schema: Ark, primaryKey: 'idd' },
    // @ts-expect-error the field "lines" cannot be a key: it is neither string nor number
    { name: 'c', schema: Zod, primaryKey: 'lines' },
    // @ts-expect-error the field "lines" cannot be a key: it is neither string nor number
    { name: 'd', schema: Ark, primaryKey: 'lines' },
    // @ts-expect-error the output of this schema is not JSON at "at"
    { name: 'e', schema: z.object({ at: z.date() }) },
    // @ts-expect-error the output of this schema is not JSON at "at"
    { name: 'f', schema: type({ at: 'Date' }) },
    // @ts-expect-error the output of this schema is not JSON at "big"
    { name: 'g', schema: z.object({ big: z.bigint() }) },
    // @ts-expect-error the output of this schema is not JSON at "big"
    { name: 'h', schema: type({ big: 'bigint' }) },
    // @ts-expect-error the output of this schema is no object
    { name: 'i', schema: z.string() },
    // @ts-expect-error the output of this schema is no object
    { name: 'j', schema: type('string[]') },
    // @ts-expect-error the output of this schema is not JSON at "day"
    { name: 'k', schema: z.object({ day: z.string().transform((text) => new Date(text)) }) },
    // @ts-expect-error the output of this schema is not JSON at "day"
    { name: 'l', schema: type({ day: 'string.date.parse' }) },
  ],
})
