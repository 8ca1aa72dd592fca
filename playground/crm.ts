import { defineSource } from '../src/index.ts'

/** What the demo syncs: the demo API at an origin, as a plain config. */
export function crm(origin: string, apiKey: string) {
  return defineSource({
    name: 'crm',
    client: {
      baseUrl: origin,
      auth: { type: 'api_key', name: 'api_key', apiKey: () => apiKey, location: 'query' },
      retry: { retries: 3, factor: 2, statuses: [429, 500, 502, 503, 504] },
    },
    resourceDefaults: {
      primaryKey: 'id',
      writeDisposition: 'merge',
      endpoint: {
        method: 'GET',
        dataSelector: 'data',
        paginator: { type: 'offset', limit: 100 },
      },
    },
    resources: [
      {
        name: 'transactions',
        // Columns may come. What is of another type than before is put aside, whole.
        schemaContract: { dataType: 'discard_row' },
        endpoint: {
          path: '/v1/transactions',
          incremental: { cursorPath: 'updated_at', startParam: 'updated_since', initialValue: '2024-01-01T00:00:00Z' },
        },
      },
      {
        name: 'calls',
        endpoint: {
          path: '/v1/calls',
          incremental: { cursorPath: 'updated_at', startParam: 'updated_since', initialValue: '2024-01-01T00:00:00Z' },
        },
      },
      { name: 'customers', endpoint: { path: '/v1/customers' } },
      {
        name: 'messages',
        endpoint: { path: '/v1/customers/{resources.customers.id}/messages' },
        includeFromParent: ['name'],
      },
    ],
  })
}
