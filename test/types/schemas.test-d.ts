import * as v from 'valibot'
import type { StandardSchema } from '../../src/schema/standard.ts'
import { defineSource } from '../../src/source.ts'

const Transaction = v.object({ id: v.string(), amount: v.nullable(v.number()), customer: v.object({ id: v.number() }) })
const client = { baseUrl: 'https://api.example.com' }

defineSource({
  name: 'crm',
  client,
  resources: [
    // @ts-expect-error no field "idd" in the output of this schema
    { name: 'a', schema: Transaction, primaryKey: 'idd' },
    // @ts-expect-error no field "idd" in the output of this schema
    { name: 'b', schema: Transaction, primaryKey: ['id', 'idd'] },
    // @ts-expect-error the field "customer" cannot be a key: it is neither string nor number
    { name: 'c', schema: Transaction, primaryKey: 'customer' },
    // @ts-expect-error the output of this schema is not JSON at "at"
    { name: 'd', schema: v.object({ id: v.string(), at: v.date() }) },
    // @ts-expect-error the output of this schema is not JSON at "lines[].sum"
    { name: 'e', schema: v.object({ lines: v.array(v.object({ sum: v.bigint() })) }) },
    // @ts-expect-error the output of this schema is not JSON at "tags"
    { name: 'f', schema: v.object({ tags: v.map(v.string(), v.number()) }) },
    // @ts-expect-error the output of this schema is no object
    { name: 'g', schema: v.array(v.string()) },
    // @ts-expect-error the output of this schema is no object
    { name: 'h', schema: v.string() },
    // @ts-expect-error not a schema of a library with Standard Schema, such as valibot, zod and arktype
    { name: 'i', schema: { id: 'string' } },
  ],
})

defineSource({
  name: 'crm',
  client,
  resourceDefaults: { primaryKey: 'id' },
  resources: [
    // @ts-expect-error the output of this schema has no field "id", the primaryKey of resourceDefaults
    { name: 'a', schema: v.object({ number: v.number() }) },
    { name: 'b', schema: v.object({ number: v.number() }), primaryKey: 'number' },
    { name: 'c', schema: v.object({ number: v.number() }), primaryKey: null },
    { name: 'd', schema: Transaction },
    { name: 'e', primaryKey: 'anything' },
  ],
})

// Outputs that are JSON: interfaces, unions, records, recursion, what is not known.
interface Row {
  id: string
  parent?: Row
  tags: readonly string[]
}
declare const ofInterface: StandardSchema<unknown, Row>
declare const unknownRow: StandardSchema<unknown, { id: number; extra: unknown }>
const Kinds = v.variant('kind', [
  v.object({ kind: v.literal('call'), id: v.number(), seconds: v.number() }),
  v.object({ kind: v.literal('mail'), id: v.number(), subject: v.nullish(v.string()) }),
])

defineSource({
  name: 'crm',
  client,
  resourceDefaults: { primaryKey: 'id' },
  resources: [
    { name: 'a', schema: ofInterface },
    { name: 'b', schema: unknownRow },
    { name: 'c', schema: Kinds },
    { name: 'd', schema: v.looseObject({ id: v.string() }) },
    {
      name: 'e',
      schema: v.pipe(
        v.object({ id: v.string() }),
        v.transform(({ id }) => ({ id, at: id.length })),
      ),
    },
    { name: 'f', schema: v.record(v.string(), v.number()) },
  ],
})

// Keys are read from the output, not from the input.
defineSource({
  name: 'crm',
  client,
  resources: [
    {
      name: 'a',
      schema: v.pipe(
        v.object({ ID: v.string() }),
        v.transform(({ ID }) => ({ id: ID })),
      ),
      // @ts-expect-error no field "ID" in the output of this schema
      primaryKey: 'ID',
    },
  ],
})
