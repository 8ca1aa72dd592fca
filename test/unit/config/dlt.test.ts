import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type FromDltOptions, fromDlt } from '../../../src/config/dlt.ts'
import { isSynclineError } from '../../../src/errors.ts'
import { resolve } from '../../../src/source.ts'

const client = { base_url: 'https://api.example.com' }

const dlt = (config: object, options?: FromDltOptions) =>
  resolve(fromDlt({ client, resources: ['a'], ...config }, options))

function resource(config: object, defaults?: object) {
  const { resources } = dlt({ resources: [{ name: 'a', ...config }], ...(defaults && { resource_defaults: defaults }) })
  const [only] = resources
  if (only === undefined) throw new Error('no resource')
  return only
}

test('dlt’s defaults: it appends, and tries five times without jitter', () => {
  const { name, client: resolved, resources } = dlt({})
  expect(name).toBe('rest_api')
  expect(resources[0]?.write).toMatchObject({ disposition: 'append' })
  expect(resolved.retry).toEqual({
    retries: 4,
    factor: 1,
    maxDelay: 300,
    jitter: false,
    statuses: [429, 500, 502, 503, 504],
    methods: undefined,
  })
  // No deadline of ours may end what dlt would go on with: five attempts of 60 s and waits of up to 300 s.
  expect(resolved.timeout.total).toBeGreaterThanOrEqual(5 * 60 + 4 * 300)
})

test('settings of the runtime', () => {
  const { retry, timeout } = dlt(
    {},
    {
      runtime: {
        request_max_attempts: 4,
        request_backoff_factor: 2,
        request_max_retry_delay: 10,
        request_timeout: 5,
        http_show_error_body: true,
      },
    },
  ).client
  expect(retry).toMatchObject({ retries: 3, factor: 2, maxDelay: 10 })
  expect(timeout.attempt).toBe(5)
})

test('options are renamed, and what is the user’s own is not', () => {
  const a = resource({
    primary_key: 'some_id',
    include_from_parent: null,
    schema_contract: { data_type: 'evolve' },
    columns: { some_id: { data_type: 'bigint', nullable: false }, is_gone: { hard_delete: false } },
    processing_steps: [{ yield_map: (row: object) => [row] }],
    endpoint: {
      path: 'a/{some_param}',
      method: 'POST',
      params: { some_param: 'x_y', per_page: 3, nothing: null },
      json: { some_key: { other_key: null } },
      headers: { x_some_header: 'a_b' },
      data_selector: 'some_list',
      incremental: {
        cursor_path: 'changed_at',
        initial_value: 5,
        end_value: null,
        start_param: 'changed_since',
        on_cursor_value_missing: 'include',
        row_order: 'asc',
        primary_key: [],
        allow_external_schedulers: true,
      },
      response_actions: [{ status_code: 404, action: 'ignore' }],
    },
  })
  expect(a).toMatchObject({
    primaryKey: ['some_id'],
    schemaContract: { dataType: 'evolve', tables: 'evolve' },
    columns: { some_id: { dataType: 'integer', nullable: false }, is_gone: { hardDelete: false } },
    endpoint: {
      params: { some_param: 'x_y', per_page: 3, nothing: null },
      json: { some_key: { other_key: null } },
      headers: { x_some_header: 'a_b' },
      incremental: {
        cursorPath: 'changed_at',
        initialValue: 5,
        endValue: undefined,
        startParam: 'changed_since',
        onCursorValueMissing: 'include',
        rowOrder: 'asc',
      },
      responseActions: [{ statusCode: 404, action: 'ignore' }],
    },
  })
  expect(a.endpoint.dataSelector?.({ some_list: [1] })).toEqual([1])
})

test('older forms of parameters', () => {
  const { resources } = dlt({
    resources: [
      'p',
      {
        name: 'c',
        endpoint: {
          path: 'p/{id}',
          params: {
            id: { type: 'resolve', resource: 'p', field: 'some_id' },
            since: { type: 'incremental', cursor_path: 'at', initial_value: 1 },
          },
        },
      },
    ],
  })
  expect(resources[1]).toMatchObject({
    parent: 'p',
    endpoint: { path: 'p/{resources.p.some_id}', incremental: { cursorPath: 'at', startParam: 'since' } },
  })
})

const writes: [config: object, defaults: object | undefined, write: object][] = [
  [{}, { primary_key: 'id' }, { disposition: 'append' }],
  [{ primary_key: 'id' }, undefined, { disposition: 'append' }],
  [{ primary_key: 'id', write_disposition: 'merge' }, undefined, { disposition: 'merge', strategy: 'upsert' }],
  [{}, { primary_key: 'id', write_disposition: 'merge' }, { disposition: 'merge', strategy: 'upsert' }],
  [{ write_disposition: null }, { primary_key: 'id', write_disposition: 'merge' }, { disposition: 'append' }],
  [{ write_disposition: { disposition: 'replace' } }, undefined, { disposition: 'replace' }],
  [
    { primary_key: 'id', write_disposition: { disposition: 'merge', strategy: 'delete-insert' } },
    undefined,
    { disposition: 'merge', strategy: 'upsert' },
  ],
  [
    { primary_key: 'id', write_disposition: { disposition: 'merge', strategy: 'upsert' } },
    undefined,
    { disposition: 'merge', strategy: 'upsert' },
  ],
]

test.each(writes)('%j with defaults %j writes by %j', (config, defaults, write) => {
  expect(resource(config, defaults).write).toMatchObject(write)
})

test('what says how dlt or a database works is passed over', () => {
  const a = resource({
    parallelized: true,
    max_table_nesting: 0,
    table_format: 'delta',
    file_format: 'parquet',
    references: [],
    columns: [
      { name: 'id', data_type: 'text', precision: 3, primary_key: true },
      { name: 'n', data_type: 'json' },
    ],
  })
  expect(a).toMatchObject({ primaryKey: ['id'], columns: { id: { dataType: 'string' }, n: {} } })
  expect(Object.keys(a.columns.id ?? {})).toEqual(['dataType'])
})

test.each([
  ['text', 'string'],
  ['double', 'number'],
  ['bool', 'boolean'],
  ['bigint', 'integer'],
  ['timestamp', 'timestamp'],
  ['date', 'date'],
  ['decimal', 'number'],
  ['wei', 'string'],
  ['time', 'string'],
  ['binary', 'string'],
  // Objects and lists: none of ours.
  ['json', undefined],
  ['complex', undefined],
  [null, undefined],
])('%s is %s', (theirs, ours) => {
  expect(resource({ columns: { c: { data_type: theirs } } }).columns).toEqual({ c: ours ? { dataType: ours } : {} })
})

test('an action that is a list of functions is one for each', () => {
  const [first, second] = [() => undefined, () => 'ignore' as const]
  const { responseActions } = resource({
    endpoint: { response_actions: [{ status_code: 500, action: [first, second] }, second] },
  }).endpoint
  expect(responseActions).toEqual([
    { statusCode: 500, action: first },
    { statusCode: 500, action: second },
    { action: second },
  ])
})

test('secrets stand under their names', async () => {
  const auth = { type: 'bearer', token: 'dlt.secrets["crm.token"]' }
  const { client: resolved } = dlt({ client: { ...client, auth } }, { secrets: { 'crm.token': () => 'S3CRET' } })
  const request = { method: 'GET', url: new URL(client.base_url), headers: new Headers(), body: undefined }
  const context = { signal: undefined, now: Date.now, post: async () => undefined }
  const signed = await resolved.auth?.sign(request, context)
  expect(signed?.headers.get('authorization')).toBe('Bearer S3CRET')
})

const refusals: [config: object, path: string, message: string, code?: string][] = [
  [{ resource_default: {} }, 'resource_default', 'Did you mean `resource_defaults`?'],
  // In our spelling: said as it was written.
  [{ resourceDefaults: {} }, 'resource_defaults', 'unknown option `resourceDefaults`'],
  [{ client: { baseUrl: 'x' } }, 'client.base_url', 'Write `base_url`.'],
  [{ client: {} }, 'client.base_url', 'missing'],
  [{ client: { ...client, session: {} } }, 'client.session', 'ports.fetch', 'not_implemented'],
  [{ client: { ...client, auth: { type: 'api_key', name: 'k' } } }, 'client.auth.api_key', 'missing'],
  [
    { client: { ...client, auth: { type: 'bearer', token: "dlt.secrets['a']" } } },
    'client.auth.token',
    'no such secret',
  ],
  [{ resources: [{ name: 'a', primary_ky: 'id' }] }, 'resources[0].primary_ky', 'Did you mean `primary_key`?'],
  [
    { resources: [{ name: 'a', endpoint: { data_selectr: 'x' } }] },
    'resources[0].endpoint.data_selectr',
    'Did you mean `data_selector`?',
  ],
  [
    { resources: [{ name: 'a', endpoint: { paginator: { type: 'offset', limit: 1, offset_parm: 'o' } } }] },
    'resources[0].endpoint.paginator.offset_parm',
    'Did you mean `offset_param`?',
  ],
  [
    { resources: [{ name: 'a', endpoint: { incremental: { cursor_path: 'a', end_value: 3 } } }] },
    'resources[0].endpoint.incremental.end_value',
    'without an initialValue',
  ],
  [
    { resources: [{ name: 'a', columns: { someColumn: { data_type: 'int' } } }] },
    'resources[0].columns.someColumn.data_type',
    'unknown type',
  ],
  [
    { resources: [{ name: 'a', columns: { b: { merge_key: true } } }] },
    'resources[0].columns.b.merge_key',
    'no such feature yet',
    'not_implemented',
  ],
  [{ resources: [{ name: 'a', merge_key: 'id' }] }, 'resources[0].merge_key', 'Use primary_key.', 'not_implemented'],
  [
    { resources: [{ name: 'a', table_name: 'b' }] },
    'resources[0].table_name',
    'no such feature yet',
    'not_implemented',
  ],
  [
    { resources: [{ name: 'a', write_disposition: { disposition: 'merge', strategy: 'scd2' } }] },
    'resources[0].write_disposition.strategy',
    'no scd2 yet',
    'not_implemented',
  ],
  [
    { resources: [{ name: 'a', endpoint: { params: { someParam: { type: 'incremental', cursor_pth: 'x' } } } }] },
    'resources[0].endpoint.params.someParam.cursor_path',
    'missing',
  ],
]

test.each(refusals)('%j is refused at %s: %s', (config, path, message, code = 'config_invalid') => {
  const error = errorOf(() => dlt(config))
  expect({ code: error.code, path: error.path }).toEqual({ code, path })
  expect(error.message).toContain(message)
})

test('settings of the runtime are checked', () => {
  const runtime = { request_max_attempts: 0 }
  expect(errorOf(() => dlt({}, { runtime })).path).toBe('runtime.request_max_attempts')
})

test('the dict is not changed', () => {
  const config = {
    client,
    resource_defaults: { primary_key: 'id' },
    resources: [
      {
        name: 'a',
        columns: [{ name: 'id' }],
        endpoint: {
          params: { a: { type: 'incremental', cursor_path: 'x' } },
          paginator: { type: 'offset', limit: 2, total_path: null },
        },
      },
    ],
  }
  const before = structuredClone(config)
  fromDlt(config)
  expect(config).toEqual(before)
})

interface Case {
  name: string
  syncline: 'same' | 'differs' | 'later'
  config?: object
  runtime?: object
  expect?: { error?: { kind: string } }
  syncline_expect?: { error?: { kind: string } }
  runs?: { expect: { error?: { kind: string } } }[]
}

/** What a config alone can be refused for; all else happens in a run. */
const CONFIG_CODES = ['config_invalid', 'body_conflict', 'get_with_body']
/** Refused by its config here, when the data has come in dlt. */
const REFUSED_EARLY: Record<string, string> = { upsert_needs_primary_key: 'schema_invalid' }

const corpus = new URL('../../conformance/dlt/', import.meta.url)
const cases = readdirSync(corpus)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => (JSON.parse(readFileSync(new URL(file, corpus), 'utf8')) as { cases: Case[] }).cases)
  .filter(({ config, syncline }) => config !== undefined && syncline !== 'later')

test.each(cases)('conformance config $name', ({ name, config = {}, runtime, ...rest }) => {
  const kind = (rest.syncline_expect ?? rest.expect ?? rest.runs?.[0]?.expect)?.error?.kind ?? ''
  const expected = REFUSED_EARLY[name] ?? (CONFIG_CODES.includes(kind) ? kind : 'accepted')
  const before = structuredClone(config)
  let code = 'accepted'
  try {
    fromDlt(config as Record<string, unknown>, runtime && { runtime })
  } catch (error) {
    code = isSynclineError(error) ? error.code : String(error)
  }
  expect(code).toBe(expected)
  expect(config).toEqual(before)
})

test('the corpus is there', () => {
  expect(cases.length).toBeGreaterThan(200)
})

function errorOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (isSynclineError(error)) return error
    throw error
  }
  throw new Error('not refused')
}
