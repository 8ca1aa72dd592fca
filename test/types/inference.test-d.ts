import * as v from 'valibot'
import type { ResourceConfig } from '../../src/config/resource.ts'
import type { SourceConfig } from '../../src/config/source-config.ts'
import type { JsonObject } from '../../src/json.ts'
import { defineSource, type ResourceNames, type RowOf, type Source } from '../../src/source.ts'
import type { Key } from '../../src/store/key.ts'
import type { OpenDataset } from '../../src/sync/open-dataset.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type IsAny<T> = 0 extends 1 & T ? true : false
function holds<_Claim extends true>(): void {}

/** Take nothing but exactly these types. */
function isRow<T>(row: Same<T, JsonObject> extends true ? T : never): boolean {
  return row !== null
}
function isCursor<T>(value: Same<T, string | number> extends true ? T : never): T {
  return value
}

const Transaction = v.object({ id: v.string(), amount: v.nullable(v.number()) })

const crm = defineSource({
  name: 'crm',
  client: { baseUrl: 'https://api.example.com', auth: { type: 'bearer', token: () => 'secret' } },
  resourceDefaults: { primaryKey: 'id', writeDisposition: 'merge' },
  resources: [
    'customers',
    {
      name: 'transactions',
      schema: Transaction,
      endpoint: {
        path: '/v1/transactions',
        parse: async (text, { whole, json, headers }) => ({
          body: [json(text), headers.get('a')],
          ended: whole === true,
        }),
        dataSelector: (body) => body,
        params: { status: ['open', 'paid'], archived: false, none: null },
        paginator: { type: 'offset', limit: 100 },
        incremental: { cursorPath: 'at', convert: (value) => isCursor(value) },
        responseActions: [
          { statusCode: 404, action: 'ignore' },
          ({ status }) => (status === 418 ? 'retry' : undefined),
        ],
      },
      processingSteps: [
        { filter: (row) => isRow(row) && row.amount !== null },
        { map: (row) => ({ ...row, seen: true }) },
        { yieldMap: (row) => [row, row] },
      ],
    },
    { name: 'messages', endpoint: '/v1/transactions/{resources.transactions.id}/messages', includeFromParent: ['id'] },
  ],
})

type Crm = typeof crm
holds<Same<ResourceNames<Crm>, 'customers' | 'transactions' | 'messages'>>()
holds<Same<RowOf<Crm, 'transactions'>, { id: string; amount: number | null }>>()
holds<Same<RowOf<Crm, 'messages'>, JsonObject>>()
holds<Same<RowOf<Crm, 'customers'>, JsonObject>>()
holds<Same<IsAny<Crm>, false>>()
holds<Same<IsAny<RowOf<Crm, 'transactions'>>, false>>()
holds<Same<IsAny<RowOf<Crm, 'transactions'>['id']>, false>>()
holds<Same<IsAny<ResourceNames<Crm>>, false>>()

declare const data: OpenDataset<Crm>
data.table('transactions').subscribe((changes) => {
  // @ts-expect-error TS: Property 'type' does not exist on type 'string
  for (const { type } of changes) void type
  if (changes === 'reset') return
  for (const change of changes) {
    if (change.type === 'deleted') holds<Same<typeof change.key, Key>>()
    else holds<Same<typeof change.value, { id: string; amount: number | null }>>()
  }
})

// @ts-expect-error TS: Type '"transactionz"' does not satisfy the constraint
type Typo = RowOf<Crm, 'transactionz'>

export type { Typo }

// Any source is a source, but not the other way round.
const any: Source<object> = crm
holds<Same<ResourceNames<Source>, string>>()
// @ts-expect-error TS: is not assignable to type 'Source<{ invoices: JsonObject; }>'
const other: Source<{ invoices: JsonObject }> = crm

export { any, other }

// Configs that are made elsewhere: the less the compiler knows, the less it claims.
declare const config: SourceConfig
declare const list: ResourceConfig[]
const client = { baseUrl: 'https://api.example.com' }
const whole = defineSource(config)
const listed = defineSource({ name: 'crm', client, resources: list })
const mixed = defineSource({
  name: 'crm',
  client,
  resources: [...list, { name: 'more', processingSteps: [{ filter: (row) => row.a === 1 }] }],
})
const constant = { name: 'crm', client, resources: ['a', { name: 'b' }] } as const satisfies SourceConfig
const constantSource = defineSource(constant)
holds<Same<ResourceNames<typeof whole>, string>>()
holds<Same<ResourceNames<typeof listed>, string>>()
holds<Same<ResourceNames<typeof mixed>, string>>()
holds<Same<ResourceNames<typeof constantSource>, 'a' | 'b'>>()
holds<Same<RowOf<typeof whole, 'x'>, JsonObject>>()
