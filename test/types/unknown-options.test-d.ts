import { defineSource } from '../../src/source.ts'

// Each comment says what the compiler shows on the line below; see types.test.ts.

const client = { baseUrl: 'https://api.example.com' }

defineSource({
  name: 'crm',
  // @ts-expect-error unknown option "verison"
  verison: 2,
  client: {
    baseUrl: 'https://api.example.com',
    // @ts-expect-error unknown option "base_url": write "baseUrl"
    base_url: 'https://api.example.com',
    auth: {
      type: 'bearer',
      token: () => 'secret',
      // @ts-expect-error unknown option "tokn"
      tokn: 'secret',
    },
    retry: {
      // @ts-expect-error unknown option "max_delay": write "maxDelay"
      max_delay: 3,
    },
    rateLimit: {
      requests: 10,
      // @ts-expect-error unknown option "perseconds": write "perSeconds"
      perseconds: 10,
    },
    timeout: {
      // @ts-expect-error unknown option "read"
      read: 3,
    },
    allowedOrigins: [
      {
        origin: 'https://files.example.com',
        // @ts-expect-error unknown option "auth"
        auth: true,
      },
    ],
  },
  resourceDefaults: {
    primaryKey: 'id',
    // @ts-expect-error unknown option "write_disposition": write "writeDisposition"
    write_disposition: 'merge',
    endpoint: {
      // @ts-expect-error unknown option "path"
      path: 'items',
      paginator: {
        type: 'offset',
        limit: 100,
        // @ts-expect-error unknown option "limitt"
        limitt: 100,
      },
    },
  },
  resources: [
    'plain',
    {
      name: 'transactions',
      // @ts-expect-error unknown option "primary_key": write "primaryKey"
      primary_key: 'id',
      endpoint: {
        // @ts-expect-error unknown option "data_selector": write "dataSelector"
        data_selector: 'data',
        params: {
          since: {
            type: 'incremental',
            cursorPath: 'updated_at',
            // @ts-expect-error unknown option "initial_value": write "initialValue"
            initial_value: 1,
          },
        },
        paginator: {
          type: 'page_number',
          // @ts-expect-error unknown option "base_page": write "basePage"
          base_page: 1,
        },
        responseActions: [
          {
            statusCode: 404,
            action: 'ignore',
            // @ts-expect-error unknown option "contains"
            contains: 'not found',
          },
        ],
      },
      columns: {
        amount: {
          // @ts-expect-error unknown option "data_type": write "dataType"
          data_type: 'number',
        },
      },
      schemaContract: {
        // @ts-expect-error unknown option "type"
        type: 'freeze',
      },
      processingSteps: [
        {
          filter: (row) => row.amount !== null,
          // @ts-expect-error unknown option "name"
          name: 'only with an amount',
        },
      ],
    },
    {
      name: 'deltas',
      endpoint: {
        incremental: {
          tokenPath: 'next',
          // @ts-expect-error unknown option "rejected_statuses": write "rejectedStatuses"
          rejected_statuses: [410],
        },
      },
    },
    {
      name: 'messages',
      endpoint: {
        incremental: {
          cursorPath: 'updated_at',
          // @ts-expect-error unknown option "start_param": write "startParam"
          start_param: 'since',
        },
      },
      writeDisposition: {
        disposition: 'merge',
        // @ts-expect-error unknown option "key"
        key: 'id',
      },
    },
  ],
})

// Functions that TypeScript has to type first must not hide a mistake elsewhere, and neither must a mistake hide another.
defineSource({
  name: 'crm',
  client,
  resources: [
    {
      name: 'transactions',
      processingSteps: [{ map: (row) => ({ ...row, seen: true }) }],
      // @ts-expect-error unknown option "slected"
      slected: true,
      endpoint: {
        incremental: { cursorPath: 'updated_at', convert: (value) => Number(value) },
        // @ts-expect-error unknown option "mehtod"
        mehtod: 'POST',
      },
    },
  ],
})
