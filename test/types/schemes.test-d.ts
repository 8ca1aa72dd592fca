import type { Paginator } from '../../src/paginators/paginator.ts'
import { defineSource } from '../../src/source.ts'

const client = { baseUrl: 'https://api.example.com' }
const perhaps = client.baseUrl.split('/').at(9)
const apart = { type: 'offset', limit: 100 }

defineSource({
  name: 'crm',
  client: {
    baseUrl: 'https://api.example.com',
    // @ts-expect-error no auth scheme "baerer"
    auth: { type: 'baerer', token: 'secret' },
    // @ts-expect-error no paginator "ofset"
    paginator: 'ofset',
  },
  resources: [
    {
      name: 'a',
      endpoint: {
        // @ts-expect-error no paginator "ofset"
        paginator: { type: 'ofset', limit: 100 },
      },
    },
    {
      name: 'b',
      endpoint: {
        // @ts-expect-error the paginator "offset" needs options: write it as an object
        paginator: 'offset',
      },
    },
    {
      name: 'c',
      endpoint: {
        // @ts-expect-error TS: Property 'limit' is missing
        paginator: { type: 'offset' },
      },
    },
    {
      name: 'd',
      endpoint: {
        // @ts-expect-error TS: Type 'string' is not assignable to type 'number'
        paginator: { type: 'offset', limit: '100' },
      },
    },
    {
      name: 'e',
      endpoint: {
        // @ts-expect-error unknown option "tokn"
        auth: { token: 'secret', tokn: 'secret' },
      },
    },
    {
      name: 'f',
      endpoint: {
        // @ts-expect-error TS: Property 'password' is missing
        auth: { type: 'http_basic', username: 'me' },
      },
    },
    {
      name: 'g',
      endpoint: {
        // @ts-expect-error TS: Type 'string | undefined' is not assignable to type 'Secret'
        auth: { token: perhaps },
      },
    },
    {
      name: 'h',
      endpoint: {
        // @ts-expect-error write the paginator in its place, or its type as const
        paginator: apart,
      },
    },
  ],
})

// What is right in each position.
const byToken: Paginator<{ token?: string }> = {
  start: () => ({}),
  apply: (request, { token }) => (token ? { ...request, headers: { 'x-page': token } } : request),
  next: () => ({ end: 'complete' }),
}

defineSource({
  name: 'crm',
  client: { baseUrl: 'https://api.example.com', auth: (request) => request, paginator: 'json_link' },
  resourceDefaults: { endpoint: { auth: { token: 'secret' }, paginator: { type: 'cursor', cursorParam: 'after' } } },
  resources: [
    { name: 'a', endpoint: { paginator: byToken } },
    { name: 'b', endpoint: { paginator: null, auth: null } },
    {
      name: 'c',
      endpoint: { auth: { type: 'api_key', name: 'key', apiKey: async () => 'secret', location: 'query' } },
    },
    {
      name: 'd',
      endpoint: {
        paginator: {
          start: () => ({ page: 1 }),
          apply: (request, { page }) => ({ ...request, params: { ...request.params, page: Number(page) } }),
          next: ({ count }, { page }) => (count === 0 ? { end: 'complete' } : { next: { page: Number(page) + 1 } }),
        },
      },
    },
  ],
})

// Types that are wrong.
defineSource({
  name: 'crm',
  client,
  resources: [
    {
      name: 'a',
      // @ts-expect-error TS: Type '"upsert"' is not assignable to type
      writeDisposition: 'upsert',
    },
  ],
})

defineSource({
  name: 'crm',
  client,
  resources: [
    {
      name: 'a',
      // @ts-expect-error TS: Type 'string' is not assignable to type 'boolean
      selected: 'yes',
      processingSteps: [{ filter: (row) => row.amount !== null }],
    },
  ],
})

defineSource({
  name: 'crm',
  // @ts-expect-error TS: Property 'baseUrl' is missing
  client: {},
  resources: ['a'],
})

// What is missing.
// @ts-expect-error TS: Property 'name' is missing
defineSource({ client, resources: ['a'] })

defineSource({
  name: 'crm',
  client,
  // @ts-expect-error TS: Property 'name' is missing
  resources: [{ endpoint: 'a' }],
})
