import { expect, test } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { isSynclineError, type SynclineError } from '../../../src/errors.ts'

const baseUrl = 'https://api.example.com'

const ofSource = (options: object) => ({ name: 'crm', client: { baseUrl }, resources: ['a'], ...options })
const ofClient = (options: object) => ofSource({ client: { baseUrl, ...options } })
const ofResources = (...resources: unknown[]) => ofSource({ resources })
const ofResource = (options: object) => ofResources('a', { name: 'b', ...options })
const ofEndpoint = (options: object) => ofResource({ endpoint: { path: 'b', ...options } })
const ofPaginator = (paginator: unknown) => ofEndpoint({ paginator })
const ofCursor = (options: object) => ofEndpoint({ incremental: { cursorPath: 'at', ...options } })
const ofToken = (options: object) => ofEndpoint({ incremental: { tokenPath: 'next', ...options } })
const ofDefaults = (resourceDefaults: object) => ofSource({ resourceDefaults })

function refusal(config: unknown): SynclineError {
  try {
    resolveConfig(config)
  } catch (error) {
    if (isSynclineError(error)) return error
    throw error
  }
  throw new Error('not refused')
}

const E = 'resources[1].endpoint'
const P = `${E}.paginator`
const I = `${E}.incremental`

// config, path, a part of the message, code if not config_invalid
const table: [config: unknown, path: string, message: string, code?: string][] = [
  // The source
  [undefined, '', 'expected a config object'],
  [null, '', 'expected a config object'],
  [[], '', 'expected a config object'],
  ['crm', '', 'expected a config object'],
  [{}, 'name', 'missing'],
  [ofSource({ name: '' }), 'name', 'expected a string that is not empty'],
  [ofSource({ name: 7 }), 'name', 'expected a string that is not empty, got number'],
  [{ name: 'crm', client: { baseUrl } }, 'resources', 'missing'],
  [ofSource({ resources: undefined }), 'resources', 'expected an array, got undefined'],
  [ofSource({ resources: [] }), 'resources', 'expected at least one resource'],
  [ofSource({ resources: { a: {} } }), 'resources', 'expected an array, got object'],
  [
    ofSource({ resourceDefault: {} }),
    'resourceDefault',
    'unknown option (resourceDefault). Did you mean `resourceDefaults`?',
  ],
  [ofSource({ resource_defaults: {} }), 'resource_defaults', 'Did you mean `resourceDefaults`?'],
  [ofSource({ colour: 1 }), 'colour', 'Options here: name, client, resourceDefaults, resources.'],

  // The client
  [ofSource({ client: undefined }), 'client', 'expected an object, got undefined'],
  [ofSource({ client: [] }), 'client', 'expected an object'],
  [ofSource({ client: {} }), 'client.baseUrl', 'missing'],
  [ofClient({ baseUrl: 'api.example.com' }), 'client.baseUrl', 'an absolute http(s) URL'],
  [ofClient({ baseUrl: 'ftp://example.com' }), 'client.baseUrl', 'an absolute http(s) URL'],
  [ofClient({ baseUrl: 'https://me:pw@example.com' }), 'client.baseUrl', 'without credentials'],
  [ofClient({ baseUrl: 'https://example.com?a=1' }), 'client.baseUrl', 'query'],
  [ofClient({ baseUrl: 'https://example.com#a' }), 'client.baseUrl', 'fragment'],
  [ofClient({ base_url: baseUrl }), 'client.base_url', 'Did you mean `baseUrl`?'],
  [ofClient({ headers: { a: 1 } }), 'client.headers.a', 'expected string, got number'],
  [ofClient({ headers: { 'a b': 'x' } }), 'client.headers["a b"]', 'a header name'],
  [ofClient({ headers: { a: 'x\r\ny: z' } }), 'client.headers.a', 'without line breaks'],
  [ofClient({ headers: ['a'] }), 'client.headers', 'expected an object'],
  [ofClient({ auth: { type: 'baerer', token: 't' } }), 'client.auth.type', 'Did you mean `bearer`?'],
  [ofClient({ auth: { type: 'bearer' } }), 'client.auth.token', 'missing'],
  [ofClient({ auth: { token: undefined } }), 'client.auth.token', 'a function that returns one, got undefined'],
  [ofClient({ auth: 'bearr' }), 'client.auth', 'expected an object with one of the types "api_key", "bearer"'],
  [ofClient({ auth: 'bearr' }), 'client.auth', 'Did you mean `bearer`?'],
  [
    ofPaginator({ type: 'cursor', cursorParam: 'c', cursorBodyPath: 'c' }),
    P,
    'expected cursorParam or cursorBodyPath, not both (',
  ],
  [ofClient({ auth: { type: 'http_basic', username: 'u' } }), 'client.auth.password', 'missing'],
  [ofClient({ auth: { type: 'api_key', location: 'header' } }), 'client.auth.apiKey', 'missing'],
  [ofClient({ auth: { token: 't', tokn: 't' } }), 'client.auth.tokn', 'Did you mean `token`?'],
  [ofClient({ auth: 'bearer' }), 'client.auth', 'expected'],
  [ofClient({ paginator: 'ofset' }), 'client.paginator.type', 'Did you mean `offset`?'],
  [ofClient({ allowedOrigins: ['files.example.com'] }), 'client.allowedOrigins[0]', 'https://files.example.com'],
  [ofClient({ allowedOrigins: ['https://files.example.com/a'] }), 'client.allowedOrigins[0]', 'nothing after the host'],
  [ofClient({ allowedOrigins: [{ origin: '*' }] }), 'client.allowedOrigins[0].origin', 'https://files.example.com'],
  [ofClient({ redirect: 'folow' }), 'client.redirect', 'Did you mean `follow`?'],
  [ofClient({ retry: 3 }), 'client.retry', 'expected an object, got number'],
  [ofClient({ retry: [] }), 'client.retry', 'expected an object'],
  [ofClient({ retry: { retries: -1 } }), 'client.retry.retries', 'a whole number of 0 or more'],
  [ofClient({ retry: { retries: 1.5 } }), 'client.retry.retries', 'a whole number of 0 or more'],
  [ofClient({ retry: { factor: Number.NaN } }), 'client.retry.factor', 'a number of 0 or more, got NaN'],
  [ofClient({ retry: { maxDelay: Infinity } }), 'client.retry.maxDelay', 'a number of 0 or more'],
  [ofClient({ retry: { statuses: [200] } }), 'client.retry.statuses[0]', 'a number from 400 to 599'],
  [ofClient({ retry: { maxRetries: 3 } }), 'client.retry.maxRetries', 'unknown option'],
  [ofClient({ rateLimit: {} }), 'client.rateLimit.requests', 'missing'],
  [ofClient({ rateLimit: { requests: 0 } }), 'client.rateLimit.requests', 'a whole number above 0'],
  [ofClient({ rateLimit: { requests: 1, perSeconds: 0 } }), 'client.rateLimit.perSeconds', 'a number above 0'],
  [ofClient({ timeout: { attempt: '60' } }), 'client.timeout.attempt', 'a number above 0, got string'],
  [ofClient({ maxBodyBytes: 0 }), 'client.maxBodyBytes', 'a whole number above 0'],
  [ofClient({ bigint: 'text' }), 'client.bigint', 'expected "error" | "string"'],

  // Resources
  [ofResources('a', 7), 'resources[1]', 'expected an object, got number'],
  [ofResources('a', ''), 'resources[1]', 'a string that is not empty'],
  [ofResources('a', 'a'), 'resources[1].name', 'a second resource of this name'],
  [ofResources('_a'), 'resources[0].name', 'a name cannot begin with _'],
  [ofResources({ nme: 'a' }), 'resources[0].name', 'Did you mean `name`?'],
  [ofResource({ primaryKey: [7] }), 'resources[1].primaryKey[0]', 'a string that is not empty, got number'],
  [ofResource({ primaryKey: ['id', 'id'] }), 'resources[1].primaryKey[1]', 'the same field again'],
  [ofResource({ primary_key: 'id' }), 'resources[1].primary_key', 'Did you mean `primaryKey`?'],
  [ofResource({ selected: 'no' }), 'resources[1].selected', 'expected boolean, got string'],
  [
    ofResource({ writeDisposition: 'upsert' }),
    'resources[1].writeDisposition',
    '"append" | "merge" | "replace" | "skip"',
  ],
  [ofResource({ writeDisposition: 'mrege' }), 'resources[1].writeDisposition', 'Did you mean `merge`?'],
  [
    ofResource({ writeDisposition: 'merge' }),
    'resources[1].writeDisposition',
    'merge needs a primaryKey',
    'schema_invalid',
  ],
  [
    ofDefaults({ writeDisposition: 'merge' }),
    'resourceDefaults.writeDisposition',
    'merge needs a primaryKey',
    'schema_invalid',
  ],
  [
    ofResource({ primaryKey: 'id', writeDisposition: { disposition: 'merge', strategy: 'foo' } }),
    'resources[1].writeDisposition.strategy',
    '"upsert" | "insert-only"',
  ],
  [ofResource({ columns: { a: { dataType: 'int' } } }), 'resources[1].columns.a.dataType', '"integer"'],
  ...[-0.1, 1.1, Number.NaN, '0.5'].map((maxDeleteRatio): [object, string, string] => [
    ofResource({ primaryKey: 'id', writeDisposition: { disposition: 'merge', maxDeleteRatio } }),
    'resources[1].writeDisposition.maxDeleteRatio',
    'expected a number from 0 to 1',
  ]),
  [
    ofResource({ primaryKey: 'id', writeDisposition: { disposition: 'merge', twoStrikes: true } }),
    'resources[1].writeDisposition.twoStrikes',
    'Did you mean `twoStrike`?',
  ],
  [ofResource({ columns: { a: 'integer' } }), 'resources[1].columns.a', 'expected an object, got string'],
  [
    ofResource({ columns: { 'a b': { nulable: true } } }),
    'resources[1].columns["a b"].nulable',
    'Did you mean `nullable`?',
  ],
  [
    ofResource({ columns: { a: { hardDelete: true }, b: { hardDelete: true } } }),
    'resources[1].columns.b.hardDelete',
    'a second column with hardDelete',
  ],
  [
    ofResource({ columns: { a: { dedupSort: 'asc' }, b: { dedupSort: 'asc' } } }),
    'resources[1].columns.b.dedupSort',
    'a second column with dedupSort',
  ],
  [ofResource({ schemaContract: 'freez' }), 'resources[1].schemaContract', 'Did you mean `freeze`?'],
  [ofResource({ schemaContract: { dataType: 'drop' } }), 'resources[1].schemaContract.dataType', '"evolve" | "freeze"'],
  [ofResource({ schema: { id: 'string' } }), 'resources[1].schema', 'Standard Schema'],
  [
    ofResource({ processingSteps: [{ filtr: () => true }] }),
    'resources[1].processingSteps[0]',
    'one of { filter }, { map } and { yieldMap }',
  ],
  [
    ofResource({ processingSteps: [{ map: 'id' }] }),
    'resources[1].processingSteps[0].map',
    'expected a function, got string',
  ],
  [
    ofResource({ processingSteps: [{ map: String, filter: Boolean }] }),
    'resources[1].processingSteps[0].map',
    'unknown option',
  ],
  [ofResource({ includeFromParent: ['id'] }), 'resources[1].includeFromParent', 'no parent to include from'],

  // Endpoints
  [ofResource({ endpoint: 7 }), E, 'expected an object, got number'],
  [ofEndpoint({ paht: 'b' }), `${E}.paht`, 'Did you mean `path`?'],
  [ofEndpoint({ data_selector: 'data' }), `${E}.data_selector`, 'Did you mean `dataSelector`?'],
  [ofEndpoint({ method: 'GET /' }), `${E}.method`, "such as 'GET' or 'POST'"],
  [ofEndpoint({ method: 'CONNECT' }), `${E}.method`, "such as 'GET' or 'POST'"],
  [ofEndpoint({ params: { a: { type: 'incrementl' } } }), `${E}.params.a.type`, 'Did you mean `incremental`?'],
  [ofEndpoint({ params: { a: { b: 1 } } }), `${E}.params.a`, 'null or a list, got object'],
  [ofEndpoint({ params: { a: undefined } }), `${E}.params.a`, 'null or a list, got undefined'],
  [ofEndpoint({ params: { a: [{}] } }), `${E}.params.a[0]`, 'a string, a number or a boolean, got object'],
  [ofEndpoint({ params: { a: () => 1 } }), `${E}.params.a`, 'got function'],
  [ofEndpoint({ params: { a: { type: 'incremental' } } }), `${E}.params.a.cursorPath`, 'missing'],
  [ofEndpoint({ params: { a: { type: 'resolve', resource: 'a' } } }), `${E}.params.a.field`, 'missing'],
  [
    ofEndpoint({ params: { a: { type: 'resolve', resource: 'a', field: 'id' } } }),
    `${E}.params.a`,
    'the path has no {a}',
  ],
  [
    ofEndpoint({
      params: { a: { type: 'incremental', cursorPath: 'x' }, b: { type: 'incremental', cursorPath: 'y' } },
    }),
    `${E}.params.b`,
    'a second incremental',
  ],
  [
    ofEndpoint({ incremental: { cursorPath: 'x' }, params: { a: { type: 'incremental', cursorPath: 'x' } } }),
    `${E}.params.a`,
    'a second incremental',
  ],
  [ofEndpoint({ method: 'POST', json: { at: new Date(0) } }), `${E}.json`, 'a JSON value'],
  [ofEndpoint({ method: 'POST', json: { n: Number.NaN } }), `${E}.json`, 'a JSON value'],
  [ofEndpoint({ method: 'POST', data: 7 }), `${E}.data`, 'expected an object, got number'],
  [ofEndpoint({ method: 'POST', data: [['a']] }), `${E}.data[0]`, 'expected a pair of a name and a text'],
  [ofEndpoint({ method: 'POST', json: {}, data: {} }), `${E}.data`, 'json and data are both set', 'body_conflict'],
  [ofEndpoint({ json: {} }), `${E}.json`, 'a GET request cannot have a body', 'get_with_body'],
  [ofEndpoint({ method: 'get', data: 'x' }), `${E}.data`, 'a GET request cannot have a body', 'get_with_body'],
  [
    ofDefaults({ endpoint: { json: { a: 1 } } }),
    'resourceDefaults.endpoint.json',
    'a GET request cannot have a body',
    'get_with_body',
  ],
  [
    ofPaginator({ type: 'cursor', cursorBodyPath: 'page.token' }),
    `${P}.cursorBodyPath`,
    'cannot have a body',
    'get_with_body',
  ],
  [ofEndpoint({ headers: { a: 'x\ny' } }), `${E}.headers.a`, 'without line breaks'],
  [ofEndpoint({ parse: 'ndjson' }), `${E}.parse`, 'expected a function, got string'],
  [ofEndpoint({ dataSelector: 7 }), `${E}.dataSelector`, 'got number'],
  [ofEndpoint({ dataSelector: 'a..' }), `${E}.dataSelector`, 'cannot be read at position', 'selector_invalid'],
  [
    ofEndpoint({ responseActions: [{ statusCode: 404, action: 'ignor' }] }),
    `${E}.responseActions[0].action`,
    'Did you mean `ignore`?',
  ],
  [ofEndpoint({ responseActions: [{ statusCode: 404 }] }), `${E}.responseActions[0].action`, 'missing'],
  [
    ofEndpoint({ responseActions: [{ statusCode: 4040, action: 'ignore' }] }),
    `${E}.responseActions[0].statusCode`,
    'a number from 100 to 599',
  ],
  [
    ofEndpoint({ responseActions: [() => undefined, { jsonPath: 'a..', action: 'fail' }] }),
    `${E}.responseActions[1].jsonPath`,
    'cannot be read at position',
    'selector_invalid',
  ],
  [
    ofDefaults({ endpoint: { responseActions: [{ jsonPath: '', action: 'fail' }] } }),
    'resourceDefaults.endpoint.responseActions[0].jsonPath',
    'a string that is not empty',
  ],
  [
    ofEndpoint({ responseActions: [{ jsonPath: 'a', equals: [1], action: 'fail' }] }),
    `${E}.responseActions[0].equals`,
    'a boolean or null, got array',
  ],
  [ofEndpoint({ auth: { type: 'nope' } }), `${E}.auth.type`, '"bearer"'],
  [ofDefaults({ endpoint: { path: 'x' } }), 'resourceDefaults.endpoint.path', 'unknown option'],
  [ofDefaults({ name: 'x' }), 'resourceDefaults.name', 'unknown option'],
  [ofDefaults({ endpoint: 'x' }), 'resourceDefaults.endpoint', 'expected an object, got string'],

  // Paginators
  [ofPaginator('offset'), `${P}.limit`, 'missing'],
  [ofPaginator({ type: 'offset', limit: '100' }), `${P}.limit`, 'expected a whole number above 0, got string'],
  [ofPaginator({ type: 'offset', limit: 0 }), `${P}.limit`, 'expected a whole number above 0'],
  [ofPaginator({ type: 'offset', limit: 10, limt: 10 }), `${P}.limt`, 'Did you mean `limit`?'],
  [ofPaginator({ type: 'page', page: 1 }), `${P}.type`, '"page_number"'],
  [ofPaginator({ limit: 10 }), `${P}.type`, 'missing'],
  [ofPaginator({ type: 'page_number', pageParam: '' }), `${P}.pageParam`, 'a string that is not empty'],
  [ofPaginator({ type: 'page_number', pageParam: 'p', pageBodyPath: 'p' }), P, 'not both'],
  [
    ofPaginator({ type: 'offset', limit: 2, totalPath: null, stopAfterEmptyPage: false }),
    P,
    'a rule that ends the pages',
  ],
  [ofPaginator({ start: () => ({}), next: () => ({ end: 'complete' }) }), P, 'start, apply and next'],

  // Cursors
  [ofEndpoint({ incremental: {} }), `${I}.cursorPath`, 'missing'],
  [ofEndpoint({ incremental: 'updated_at' }), I, 'expected an object, got string'],
  [ofCursor({ cursorPath: '' }), `${I}.cursorPath`, 'a string that is not empty'],
  [ofCursor({ cursorPath: 'a..' }), `${I}.cursorPath`, 'cannot be read', 'selector_invalid'],
  [ofCursor({ initial_value: 1 }), `${I}.initial_value`, 'Did you mean `initialValue`?'],
  [ofCursor({ initialValue: new Date(0) }), `${I}.initialValue`, 'got object'],
  [ofCursor({ onCursorValueMissing: 'skip' }), `${I}.onCursorValueMissing`, '"raise" | "include" | "exclude"'],
  [ofCursor({ lastValueFunc: 'maximum' }), `${I}.lastValueFunc`, '"max" | "min"'],
  [ofCursor({ lag: -1 }), `${I}.lag`, 'a number of 0 or more'],
  [ofCursor({ convert: 'seconds' }), `${I}.convert`, 'expected a function, got string'],
  [ofCursor({ endValue: 5 }), `${I}.endValue`, 'endValue without an initialValue'],
  [ofCursor({ initialValue: 42, endValue: 22 }), `${I}.endValue`, 'endValue is below initialValue'],
  [ofCursor({ initialValue: 5, endValue: 7, lastValueFunc: 'min' }), `${I}.endValue`, 'endValue is above initialValue'],
  [ofCursor({ initialValue: '2024-01-01T00:00:00Z', endValue: '2024-01-01T00:30:00+01:00' }), `${I}.endValue`, 'below'],
  [
    ofCursor({ initialValue: 1, endValue: '2024-01-01' }),
    `${I}.endValue`,
    'expected a number, as initialValue is one, got string',
  ],
  [ofCursor({ startParam: 'at', endParam: 'at', initialValue: 1, endValue: 2 }), `${I}.endParam`, 'the same parameter'],
  [ofCursor({ endParam: 'until' }), `${I}.endParam`, 'endParam without an endValue'],

  // Sync tokens and conditions
  [ofToken({ tokenPath: '' }), `${I}.tokenPath`, 'a path such as meta.total'],
  [ofToken({ tokenPath: 'a..' }), `${I}.tokenPath`, 'a path such as meta.total'],
  [ofToken({ cursorPath: 'at' }), `${I}.cursorPath`, 'Options here: tokenPath, startParam, initialValue'],
  [ofCursor({ tokenpath: 'next' }), `${I}.tokenpath`, 'unknown option'],
  [ofToken({ initialValue: 1 }), `${I}.initialValue`, 'a string that is not empty, got number'],
  [ofToken({ rejectedStatuses: [410, '400'] }), `${I}.rejectedStatuses[1]`, 'a whole number of 0 or more, got string'],
  [ofToken({ rejectedStatuses: 410 }), `${I}.rejectedStatuses`, 'expected an array, got number'],
  [
    ofEndpoint({ params: { x: '{incremental.token}' }, incremental: { cursorPath: 'x' } }),
    `${E}.params.x`,
    'start_value',
  ],
  [
    ofEndpoint({ params: { x: '{incremental.start_value}' }, incremental: { tokenPath: 'x' } }),
    `${E}.params.x`,
    'There are: token.',
  ],
  [ofEndpoint({ conditional: 'etag' }), `${E}.conditional`, 'expected boolean, got string'],

  // Placeholders and parents
  [
    ofEndpoint({ path: 'b/{id}' }),
    `${E}.path`,
    '{id} is not bound (resources[1].endpoint.path). Set endpoint.params.id.',
  ],
  [ofEndpoint({ path: 'b/{ids}', params: { id: 1 } }), `${E}.path`, 'Did you mean `id`?'],
  [ofEndpoint({ path: 'b/{id}', params: { id: null } }), `${E}.path`, '{id} is not bound'],
  [ofEndpoint({ path: 'b/{toString}' }), `${E}.path`, '{toString} is not bound'],
  [ofEndpoint({ path: 'b/{' }), `${E}.path`, "a template has a single '{' at position 3"],
  [ofEndpoint({ path: 'b/{resources.a}' }), `${E}.path`, 'no placeholder at position 3'],
  [ofResource({ endpoint: 'b/{resources.aa.id}' }), E, 'no resource `aa`'],
  [ofResource({ endpoint: 'b/{resources.a.id}/{resources.c.id}' }), E, 'two parents, `a` and `c`'],
  ...(['cursorPath', 'tokenPath'] as const).map((path): [unknown, string, string] => [
    ofResources(
      { name: 'a', primaryKey: 'id', endpoint: { path: 'a', incremental: { [path]: 'at', startParam: 'since' } } },
      { name: 'b', primaryKey: 'id', endpoint: 'b/{resources.a.id}' },
      { name: 'c', endpoint: 'c/{resources.b.id}' },
    ),
    'resources[2].name',
    'each run would replace the table by what hangs on the rows of `a` that are new',
  ]),
  [
    ofEndpoint({ path: 'b/{x}', params: { x: { type: 'resolve', resource: 'as', field: 'id' } } }),
    `${E}.path`,
    'Did you mean `a`?',
  ],
  [ofEndpoint({ params: { x: '{unknown.a.id}' } }), `${E}.params.x`, 'unknown placeholder {unknown.a.id}'],
  [ofEndpoint({ method: 'POST', json: { x: ['{unknown}'] } }), `${E}.json.x[0]`, 'unknown placeholder {unknown}'],
  [ofEndpoint({ method: 'POST', data: { x: '{unknown}' } }), `${E}.data.x`, 'unknown placeholder {unknown}'],
  [ofEndpoint({ headers: { x: '{unknown}' } }), `${E}.headers.x`, 'unknown placeholder {unknown}'],
  [
    ofEndpoint({ params: { x: '{incremental.start}' }, incremental: { cursorPath: 'x' } }),
    `${E}.params.x`,
    'unknown placeholder {incremental.start}',
  ],
  [
    ofEndpoint({ params: { x: '{incremental.start_value}' } }),
    `${E}.params.x`,
    '{incremental.start_value} without an incremental',
  ],
  [ofResources({ name: 'a', endpoint: '{resources.a.id}' }), 'resources[0].endpoint', 'a circle of parents: a -> a'],
  [
    ofResources({ name: 'a', endpoint: '{resources.b.id}/x' }, { name: 'b', endpoint: '{resources.a.id}/x' }),
    'resources[0].endpoint',
    'a circle of parents: a -> b -> a',
  ],
  [
    ofDefaults({ endpoint: { headers: { x: '{unknown}' } } }),
    'resourceDefaults.endpoint.headers.x',
    'unknown placeholder {unknown}',
  ],
]

test.each(table)('%j is refused at %s: %s', (config, path, message, code = 'config_invalid') => {
  const error = refusal(config)
  expect({ code: error.code, path: error.path }).toEqual({ code, path })
  expect(error.message).toContain(message)
})

test('all mistakes are listed, and the first is the one of the error', () => {
  const error = refusal({
    name: 'crm',
    client: { baseUr: 'x' },
    resources: [{ name: 'a', endpoint: { paginator: 'ofset' } }],
  })
  expect(error.path).toBe('client.baseUrl')
  expect(error.message).toBe(
    [
      'missing (client.baseUrl). 2 more mistakes:',
      '- client.baseUr: unknown option. Did you mean `baseUrl`?',
      '- resources[0].endpoint.paginator.type: expected "auto" | "single_page" | "offset" | "page_number" | "cursor" | ' +
        '"header_cursor" | "json_link" | "header_link". Did you mean `offset`?',
    ].join('\n'),
  )
  const rules = refusal(ofResources('a', 'a', { name: '_b', endpoint: '{resources.c.id}' }))
  expect(rules.message.split('\n')).toHaveLength(3)
})

test('every unknown option of one object is listed', () => {
  const { message } = refusal(ofPaginator({ type: 'offset', limit: 1, limt: 1, ofset: 1, more: 1 }))
  for (const name of ['limt', 'ofset', 'more']) expect(message).toContain(`paginator.${name}`)
})

test('no message has a value of the config', () => {
  const secret = 'S3CRET'
  const configs = [
    ofClient({ baseUrl: `https://${secret}@example.com` }),
    ofClient({ auth: { type: 'bearer', token: { value: secret } } }),
    ofClient({ auth: { type: secret } }),
    ofClient({ auth: { type: 'api_key', apiKey: secret, location: secret } }),
    ofClient({ auth: { type: 'http_basic', username: 'u', password: [secret] } }),
    ofClient({ headers: { authorization: `${secret}\n` } }),
    ofClient({ headers: { authorization: [secret] } }),
    ofEndpoint({ params: { key: { type: secret } } }),
    ofEndpoint({ method: 'POST', json: { key: new Map([[secret, secret]]) } }),
    ofCursor({ initialValue: [secret] }),
    ofPaginator(secret),
  ]
  for (const config of configs)
    expect(JSON.stringify({ ...refusal(config), message: refusal(config).message })).not.toContain(secret)
})
