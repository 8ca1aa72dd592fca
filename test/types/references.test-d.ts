import * as v from 'valibot'
import { defineSource } from '../../src/source.ts'

const Transaction = v.object({ id: v.string(), customer: v.object({ id: v.number() }), note: v.optional(v.string()) })
const client = { baseUrl: 'https://api.example.com' }

defineSource({
  name: 'crm',
  client,
  resourceDefaults: {
    endpoint: {
      headers: {
        // @ts-expect-error no resource "accounts" in this source
        'x-account': '{resources.accounts.id}',
      },
    },
  },
  resources: [
    'customers',
    { name: 'transactions', schema: Transaction },
    // @ts-expect-error no resource "transactionz" in this source
    { name: 'a', endpoint: 'transactions/{resources.transactionz.id}/a' },
    // @ts-expect-error no field "idd" in the rows of "transactions"
    { name: 'b', endpoint: { path: 'transactions/{resources.transactions.idd}/b' } },
    {
      name: 'c',
      endpoint: {
        path: 'c',
        params: {
          // @ts-expect-error no field "nope" in the rows of "transactions"
          one: 't-{resources.transactions.nope.id}-{resources.transactions.id}',
          two: '{resources.transactions.id}',
        },
      },
    },
    {
      name: 'd',
      endpoint: {
        method: 'POST',
        json: {
          filter: {
            // @ts-expect-error no resource "transaction" in this source
            ids: ['{resources.transactions.id}', '{resources.transaction.id}'],
          },
        },
      },
    },
    {
      name: 'e',
      endpoint: {
        method: 'POST',
        data: {
          // @ts-expect-error no resource "posts" in this source
          post: '{resources.posts.id}',
        },
        headers: {
          // @ts-expect-error no resource "posts" in this source
          'x-post': '{resources.posts.id}',
        },
      },
    },
    {
      name: 'f',
      endpoint: 'transactions/{resources.transactions.id}/f',
      // @ts-expect-error no field "amount" in the rows of "transactions"
      includeFromParent: ['note', 'amount'],
    },
    {
      name: 'g',
      endpoint: { path: 'g', params: { id: { type: 'resolve', resource: 'transactions', field: 'id' } } },
      // @ts-expect-error no field "amount" in the rows of "transactions"
      includeFromParent: ['amount'],
    },
    {
      name: 'h',
      // @ts-expect-error no resource "nobody" in this source
      endpoint: { path: 'h/{id}', params: { id: { type: 'resolve', resource: 'nobody', field: 'id' } } },
    },

    // Right: fields below a field, quoted keys, parents without a schema, escaped braces, other placeholders.
    { name: 'r1', endpoint: 'r/{resources.transactions.customer.id}', includeFromParent: ['id', 'customer'] },
    { name: 'r2', endpoint: "r/{resources.transactions['a.b']}/{resources.transactions.customer[0]}" },
    { name: 'r3', endpoint: 'r/{resources.customers.anything.at.all}', includeFromParent: ['whatever'] },
    { name: 'r4', endpoint: { path: 'r/{org}', params: { org: 'x', text: '{{resources.none.id}}' } } },
    { name: 'r5', endpoint: { path: 'r/{incremental.start_value}', incremental: { cursorPath: 'at' } } },
  ],
})
