import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cloudflareKvStore, type KvNamespace } from '../../adapters/cloudflare-kv.ts'
import { cloudflareR2Store } from '../../adapters/cloudflare-r2.ts'
import { filesystemStore } from '../../adapters/filesystem.ts'
import { indexedDbStore } from '../../adapters/indexeddb.ts'
import { memoryStore } from '../../adapters/memory.ts'
import { fromDlt } from '../../src/config/dlt.ts'
import {
  createClient,
  defineSource,
  type ErrorCode,
  extract,
  type JsonObject,
  openDataset,
  type Store,
  step,
  sync,
} from '../../src/index.ts'
import { jsonpath } from '../../src/select/jsonpath.ts'
import type { Dataset } from '../../src/store/index.ts'
import { kvDouble } from '../contract/support/kv-double.ts'
import { CANARY } from '../support/canaries.ts'
import { manyRows } from '../support/fake-api.ts'
import { itemsSource } from '../support/items.ts'
import { type FakePorts, fakePorts } from '../support/ports.ts'
import { fakeServer, json, type Reply, type SeenRequest, text } from '../support/server.ts'

/** A situation that ends with a code: rejects with it, or resolves to the result of a step that has it as its status. */
export interface Situation {
  (): Promise<unknown>
  /** It takes a file system: not every runtime has one. */
  readonly inFiles?: true
}

// What must not show in any error: the key of the API, a parameter, a value of a record, the text of a body.
const auth = { type: 'api_key', name: 'api_key', apiKey: CANARY, location: 'query' }
const params = { note: CANARY }
const rows = (count: number, from = 1): JsonObject[] => manyRows(count, from).map((row) => ({ ...row, text: CANARY }))
const page = (more: JsonObject = {}): Response => json({ data: rows(2), ...more })

type Answer = (request: SeenRequest, index: number) => Reply
interface Changes {
  resource?: object
  endpoint?: object
  client?: object
  options?: object
  ports?: FakePorts
}

const worldOf = (answer: Answer) => {
  let index = 0
  return fakePorts({ fetch: fakeServer((request) => answer(request, index++)).fetch })
}
const sourceOf = ({ resource, endpoint, client }: Changes) =>
  itemsSource(resource, { params, incremental: undefined, ...endpoint }, { auth, ...client })

const syncing =
  (answer: Answer, changes: Changes = {}, store: Store = memoryStore()): Situation =>
  () =>
    sync(sourceOf(changes), store, { ports: changes.ports ?? worldOf(answer), ...changes.options })

const extracting =
  (answer: Answer, changes: Changes = {}): Situation =>
  () =>
    toEnd(extract(sourceOf(changes), { ports: changes.ports ?? worldOf(answer) }))

const paging =
  (answer: Answer, { endpoint, client, ports = worldOf(answer) }: Changes = {}): Situation =>
  () => {
    const config = { baseUrl: 'https://api.example.com', auth, retry: { retries: 0 }, ...client }
    const { paginate } = createClient(config as never, { ports })
    return toEnd(paginate({ path: '/items', params, dataSelector: 'data', ...endpoint } as never))
  }

async function toEnd(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

/** A second sync, after the API has changed its records. */
const changing =
  (resource: object, change: (row: JsonObject) => JsonObject): Situation =>
  async () => {
    const store = memoryStore()
    const changes = { resource, endpoint: { paginator: 'single_page' } }
    await syncing(() => page(), changes, store)()
    return syncing(() => json({ data: rows(2).map(change) }), changes, store)()
  }

/** The same through each entry that shapes records. */
const shaped = (about: string, answer: Answer, changes?: Changes): Record<string, Situation> => ({
  [`sync: ${about}`]: syncing(answer, changes),
  [`extract: ${about}`]: extracting(answer, changes),
})

/** The same through each entry that sends requests. */
const read = (about: string, answer: Answer, changes?: Changes): Record<string, Situation> => ({
  ...shaped(about, answer, changes),
  [`client: ${about}`]: paging(answer, changes),
})

const paged = (paginator: object | string, more: object = {}): Changes => ({ endpoint: { paginator, ...more } })

/** Of records of which these cannot be taken: kept with their code where they are few, and the code of the run if not. */
const refused = (bad: unknown[], resource: object = {}, good = rows(20)): Record<string, Situation> => {
  const answer = (records: unknown[]) => () => text(`{"data":${exactJson(records)}}`)
  const changes = { resource, endpoint: { paginator: 'single_page' } }
  return {
    async quarantine() {
      const store = memoryStore()
      await syncing(answer([...good, ...bad]), changes, store)()
      const data = await openDataset(sourceOf(changes), store)
      const kept: unknown[] = []
      for await (const { code, reason } of data.quarantine()) kept.push({ code, reason })
      if (kept.length !== bad.length) throw new Error(`${kept.length} rows in quarantine`)
      return { quarantined: kept }
    },
    'sync: too many': syncing(answer([...good.slice(0, 1), ...Array.from({ length: 25 }, () => bad).flat()]), changes),
  }
}

/** Numbers that no value holds are written as text in `@`. */
const exactJson = (value: unknown) => JSON.stringify(value).replaceAll(/"@([^"]*)@"/g, '$1')

/** A child below two parents, /items/1 and /items/2. */
function family(answer: Answer, child: object = {}, options: object = {}, parent: object = {}): Situation {
  const source = defineSource({
    name: 'test',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 }, auth },
    resourceDefaults: { primaryKey: 'id', endpoint: { dataSelector: 'data', paginator: 'single_page' } },
    resources: [
      { name: 'items', ...parent },
      { name: 'notes', endpoint: { path: '/items/{resources.items.id}/notes' }, ...child },
    ],
  } as never)
  const ports = worldOf((request, index) => (request.url.endsWith('/items') ? page() : answer(request, index)))
  return () => sync(source, memoryStore(), { ports, ...options })
}

const define = (resource: object, client: object = {}): Situation => {
  const config = { name: 'test', client: { baseUrl: 'https://api.example.com', ...client }, resources: [resource] }
  return async () => defineSource(config as never)
}

/** While `run` runs, a global is another. */
async function withGlobal<R>(name: string, value: unknown, run: () => Promise<R>): Promise<R> {
  const before = Object.getOwnPropertyDescriptor(globalThis, name)
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  try {
    return await run()
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, name)
    else Object.defineProperty(globalThis, name, before)
  }
}

/** A response as browsers give it. */
const typed = (response: Response, type: ResponseType) => Object.defineProperty(response, 'type', { value: type })
const opaque = () => Object.defineProperty(typed(new Response(null), 'opaqueredirect'), 'status', { value: 0 })
/** `fetch` of the doubles above makes responses anew: this one hands out what it is given. */
const browserFetch = (respond: () => Response): Changes => ({ ports: fakePorts({ fetch: async () => respond() }) })

/** An IndexedDB that answers each opening with this error, or not at all. */
function brokenIndexedDb(error: string | undefined): Situation {
  const open = () => {
    const request: { error?: DOMException; onerror?(): void } = {}
    if (error !== undefined)
      queueMicrotask(() => {
        request.error = new DOMException(CANARY, error)
        request.onerror?.()
      })
    return request
  }
  const store = indexedDbStore({ name: 'x', ports: fakePorts() })
  return () => withGlobal('indexedDB', { open }, () => store.open('test'))
}

/** In a folder of its own, which is removed. */
const inFolder = (run: (dir: string) => Promise<unknown>): Situation => {
  const situation = async () => {
    const dir = await mkdtemp(join(tmpdir(), 'syncline-errors-'))
    return run(dir).finally(() => rm(dir, { recursive: true }))
  }
  return Object.assign(situation, { inFiles: true } as const)
}

const put = async (dataset: Dataset, id = 1) => {
  const { version } = await dataset.position('unit')
  const value = { id, text: CANARY }
  return dataset.commit({
    unit: 'unit',
    position: id,
    expect: version,
    tables: { items: { put: [{ key: id, value }] } },
  })
}

/** What the newest head of a dataset in files says, changed. */
const withHead = (change: (head: string) => string): Situation =>
  inFolder(async (dir) => {
    await put(await filesystemStore(dir).open('test'))
    const [folder = ''] = await readdir(dir)
    await writeFile(join(dir, folder, 'head.1'), change('0123456789abcdef 0\nsyncline 1\n'))
    return filesystemStore(dir).open('test')
  })

const redirectTo = (location: string, status = 302) => new Response(null, { status, headers: { location } })
const loop: Answer = ({ query }, index) => json({ data: rows(2, 1 + 2 * index), next: `?p=${query.p === '2' ? 3 : 2}` })

/** Each code, brought about through what users call. A code that is not here does not compile. */
export const situations = {
  config_invalid: {
    'defineSource: an unknown option': define({ name: 'items', endpoint: { paginator: { type: 'offset', limt: 1 } } }),
    'fromDlt: an unknown option': async () =>
      fromDlt({ client: { base_url: 'https://api.example.com' }, resorces: [] }),
    'createClient: an unknown option': async () =>
      createClient({ baseUrl: 'https://a.example', ath: 1 } as never).request('/'),
    'createClient: a base URL that is none': async () => createClient({ baseUrl: 'api.example.com' }).request('/'),
    'createClient: a base URL with a password': async () =>
      createClient({ baseUrl: 'https://u:p@api.example.com' }).request('/'),
    'defineSource: an unclosed placeholder': define({ name: 'items', endpoint: '/items/{id' }),
    'sync: something else than a source': async () => sync({} as never, memoryStore()),
    'sync: a schema contract that is none': syncing(() => page(), { options: { schemaContract: 'freez' } }),
    'step: a budget that a token uses up': () =>
      step(sourceOf({ client: { auth: oauth() } }), memoryStore(), { budget: { requests: 1 } }),
    'cloudflareKvStore: nothing said of writers': async () =>
      cloudflareKvStore(kvDouble({ now: () => 0, random: () => 0 }).at('here'), {} as never),
    'sync: an unknown resource': syncing(() => page(), { options: { resources: ['item'] } }),
    'sync: an unknown write disposition': async () =>
      sync(sourceOf({ resource: { primaryKey: undefined } }), memoryStore(), { writeDisposition: 'merge' }),
    ...shaped('a header that cannot be sent', () => page(), {
      endpoint: {
        headers: { 'x-since': '{incremental.start_value}' },
        incremental: { cursorPath: 'updated_at', initialValue: `${CANARY}\n!` },
      },
    }),
    ...read(
      'a cursor that is an object',
      () => page({ next: { id: 1 } }),
      paged({ type: 'cursor', cursorPath: 'next' }),
    ),
    ...read(
      'a body path through a list',
      () => page(),
      paged(
        { type: 'offset', limit: 2, offsetBodyPath: 'q.o', limitBodyPath: 'q.l' },
        { method: 'POST', json: { q: [] } },
      ),
    ),
  },
  body_conflict: {
    'defineSource: two bodies': define({ name: 'items', endpoint: { method: 'POST', json: {}, data: '' } }),
    ...read('a paginator that adds a second one', () => page(), {
      endpoint: {
        method: 'POST',
        data: CANARY,
        paginator: { type: 'offset', limit: 2, offsetBodyPath: 'o', limitBodyPath: 'l' },
      },
    }),
  },
  get_with_body: {
    'defineSource: a GET with json': define({ name: 'items', endpoint: { json: {} } }),
    'defineSource: a GET with a body path': define({
      name: 'items',
      endpoint: { paginator: { type: 'cursor', cursorBodyPath: 'after' } },
    }),
    ...read('a paginator that adds a body', () => page(), {
      endpoint: {
        paginator: {
          start: () => ({}),
          apply: (request: object) => ({ ...request, json: { text: CANARY } }),
          next: () => ({}),
        },
      },
    }),
  },
  not_implemented: {
    'fromDlt: scd2': async () =>
      fromDlt({
        client: { base_url: 'https://api.example.com' },
        resources: [{ name: 'items', write_disposition: { disposition: 'merge', strategy: 'scd2' } }],
      }),
    'sync: a cookie where none can be set': async () => {
      class Forgetful extends Request {
        override readonly headers = new Headers()
      }
      const cookie = { auth: { type: 'api_key', name: 'key', apiKey: 'cAn4ry-7f3e9d', location: 'cookie' } }
      return withGlobal(
        'Request',
        Forgetful,
        syncing(() => page(), { client: cookie }),
      )
    },
    'sync: a JWT without WebCrypto': () => {
      const jwt = { type: 'oauth_jwt', accessTokenUrl: 'https://id.example/token', clientId: 'id', privateKey: CANARY }
      return withGlobal(
        'crypto',
        undefined,
        syncing(() => page(), { client: { auth: jwt } }),
      )
    },
  },
  invalid_url: {
    ...read('a next link that is none', () => page({ next: `http://[${CANARY}` }), paged('json_link')),
    ...read(
      'a next link with a password',
      () => page({ next: `https://user:${encodeURIComponent(CANARY)}@api.example.com` }),
      paged('json_link'),
    ),
    ...read('a next link that is a number', () => page({ next: 7 }), paged('json_link')),
    ...read('a redirect to nowhere', () => redirectTo('http://['), {}),
    ...read(
      'a cursor with the key within',
      () => page({ next: `again:${CANARY}` }),
      paged({ type: 'cursor', cursorPath: 'next' }),
    ),
    'sync: a sync token without a place': syncing(
      () => page({ token: CANARY }),
      paged('single_page', { incremental: { tokenPath: 'token' } }),
    ),
  },
  foreign_origin: {
    ...read(
      'a next link',
      () => page({ next: `https://other.example/?t=${encodeURIComponent(CANARY)}` }),
      paged('json_link'),
    ),
    ...read('a redirect', () => redirectTo('https://other.example/')),
    ...read('a redirect to http', () => redirectTo('http://api.example.com/items')),
    ...read('a body for an origin without credentials', () => page({ next: 'https://files.example/2' }), {
      endpoint: { method: 'POST', json: { text: CANARY }, paginator: 'json_link' },
      client: { allowedOrigins: ['https://files.example'] },
    }),
    ...read('an auth function that goes elsewhere', () => page(), {
      endpoint: { auth: (request: object) => ({ ...request, url: new URL('https://api.example.com.evil.example') }) },
    }),
  },
  path_param_invalid: {
    'sync: an empty field': family(
      () => page(),
      { endpoint: '/items/{resources.items.none}/notes' },
      {},
      {
        processingSteps: [{ map: (row: object) => ({ ...row, none: '' }) }],
      },
    ),
    'sync: dots': family(
      () => page(),
      { endpoint: '/items/{resources.items.none}/notes' },
      {},
      {
        processingSteps: [{ map: (row: object) => ({ ...row, none: '..' }) }],
      },
    ),
  },
  secret_invalid: {
    ...read('an empty key', () => page(), { client: { auth: { ...auth, apiKey: '' } } }),
    ...read('a variable that is not set', () => page(), { client: { auth: { ...auth, apiKey: () => undefined } } }),
    ...read('a key with a line break', () => page(), { client: { auth: { token: `${CANARY}\n` } } }),
  },
  auth_failed: {
    ...read('a function that throws', () => page(), {
      client: {
        auth: () => {
          throw new Error(CANARY)
        },
      },
    }),
    ...read('a function that returns nothing', () => page(), { client: { auth: () => undefined } }),
    ...read(
      'a token endpoint that refuses',
      () => json({ error: 'invalid_client', error_description: CANARY }, { status: 401 }),
      {
        client: { auth: { ...oauth() } },
      },
    ),
    ...read('a token endpoint that fails', () => text(CANARY, { status: 500 }), { client: { auth: { ...oauth() } } }),
    ...read(
      'a token endpoint that asks to wait',
      () => text(CANARY, { status: 429, headers: { 'retry-after': '30' } }),
      { client: { auth: oauth() } },
    ),
    ...read('a token endpoint with other tokens', () => json({ access_token: 'x', token_type: 'mac' }), {
      client: { auth: oauth() },
    }),
    ...read('a token endpoint that does not answer', () => 'connection', { client: { auth: oauth() } }),
  },
  network: {
    ...read('no connection', () => 'connection'),
    ...read(
      'a body that breaks',
      () => new Response(new ReadableStream({ start: (body) => body.error(new Error(CANARY)) })),
    ),
  },
  timeout: {
    ...read('no answer', () => 'timeout'),
    ...read('a body that stops', () => new Response(new ReadableStream({}))),
  },
  http_status: {
    ...read('401', () => text(CANARY, { status: 401 })),
    ...read('403', () => text(CANARY, { status: 403 })),
    ...read('404', () => text(CANARY, { status: 404 })),
    ...read('418', () => text(CANARY, { status: 418 })),
    ...read('503 until later', () => text(CANARY, { status: 503, headers: { 'retry-after': '30' } })),
    'sync: a child whose parent is gone': family(() => text('', { status: 404 })),
  },
  rate_limited: {
    ...read('429', () => text(CANARY, { status: 429 })),
    ...read('429 until later', () => text(CANARY, { status: 429, headers: { 'retry-after': '30' } })),
    ...read('a response action', () => page(), {
      endpoint: { responseActions: [{ statusCode: 200, action: 'rate_limited' }] },
    }),
  },
  redirect_refused: {
    ...read('in a circle', () => redirectTo('/items')),
    ...read('too many', (_, index) => redirectTo(`/items?${index}`)),
    ...read('of a POST', () => redirectTo('/other'), { endpoint: { method: 'POST', json: {} } }),
    ...read('of a body, to another origin', () => redirectTo('https://other.example', 307), {
      endpoint: { method: 'POST', json: {} },
    }),
  },
  redirect_opaque: { ...read('in a browser', () => page(), browserFetch(opaque)) },
  body_too_large: {
    ...read('a page', () => page(), { client: { maxBodyBytes: 20 } }),
    ...read(
      'a Link header',
      () => json({ data: rows(1) }, { headers: { link: `<x>; title="${'x'.repeat(20_000)}"` } }),
      paged('header_link'),
    ),
  },
  invalid_json: {
    ...read('nothing', () => text('')),
    ...read('cut', () => text(`{"data":[{"id":"${encodeURIComponent(CANARY)}`)),
    ...read('no JSON', () => text(CANARY)),
    ...read('too deep', () => text(`${'['.repeat(600)}${']'.repeat(600)}`)),
    ...read('no text', () => new Response(new Uint8Array([0xff, 0xfe, 0xfd]))),
    ...read('an unknown charset', () =>
      text('[]', { headers: { 'content-type': 'application/json; charset=x-none' } }),
    ),
    ...read('parse has seen no end', () => text(CANARY), { endpoint: { parse: () => ({ body: [], ended: false }) } }),
  },
  unexpected_html: { ...read('a login page', () => text(`<!doctype html><input value="${CANARY}">`)) },
  response_rejected: {
    ...read('fail', () => page(), { endpoint: { responseActions: [{ content: 'data', action: 'fail' }] } }),
    ...read('retry, to the end', () => page(), {
      endpoint: { responseActions: [{ statusCode: 200, action: 'retry' }] },
    }),
    ...read('parse returns something else', () => text(CANARY), { endpoint: { parse: (body: string) => body } }),
    ...read('a function that throws', () => page(), {
      endpoint: {
        responseActions: [
          () => {
            throw new Error(CANARY)
          },
        ],
      },
    }),
  },
  paginator_missing_total: {
    ...read('none', () => page(), paged({ type: 'offset', limit: 2, totalPath: 'meta.total' })),
  },
  paginator_bad_total: { ...read('text', () => page({ total: CANARY }), paged({ type: 'offset', limit: 2 })) },
  paginator_missing_has_more: {
    ...read('none', () => page(), paged({ type: 'cursor', cursorPath: 'next', hasMorePath: 'more' })),
  },
  paginator_bad_has_more: {
    ...read('a word', () => page({ more: CANARY }), paged({ type: 'cursor', cursorPath: 'next', hasMorePath: 'more' })),
  },
  paginator_unproved: {
    ...read('a total beyond the page', () => page({ total: 9 }), paged('auto')),
    ...read('page 2 is page 1', () => page({ meta: { offset: 0, limit: 2, total: 9 } }), paged('auto')),
  },
  header_not_exposed: {
    ...read('a Link header', () => page(), {
      ...browserFetch(() => typed(page(), 'cors')),
      ...paged('header_link', { params: { ...params, per_page: 2 } }),
    }),
    ...read('a cursor header', () => page(), {
      ...browserFetch(() => typed(page(), 'cors')),
      ...paged({ type: 'header_cursor', cursorKey: 'x-next' }, { params: { ...params, limit: 2 } }),
    }),
  },
  pagination_loop: { ...read('of links', loop, paged('json_link')) },
  pagination_no_progress: {
    ...read('of a server that does not listen', () => page(), paged({ type: 'offset', limit: 2 })),
  },
  selector_invalid: {
    'defineSource: a filter': define({ name: 'items', endpoint: { dataSelector: 'data[?(@.id)]' } }),
    'jsonpath: a bracket': async () => jsonpath('$.data['),
  },
  selector_empty: { ...read('a renamed key', () => json({ rows: rows(2) })) },
  selector_ambiguous: {
    'sync: a list of another name for another parent': family(
      ({ url }) => json(url.includes('/1/') ? { notes: rows(1) } : { notes: [], likes: rows(1) }),
      { endpoint: { path: '/items/{resources.items.id}/notes', dataSelector: null } },
    ),
  },
  selector_budget: {
    ...read('many descents', () => json({ data: nested(12) }), {
      endpoint: { dataSelector: jsonpath('$..[*]..[*]..[*]..[*]..id') },
    }),
  },
  parent_field_missing: {
    'sync: a placeholder': family(() => page(), { endpoint: '/items/{resources.items.slug}/notes' }),
    'sync: includeFromParent': family(() => page(), { includeFromParent: ['slug'] }),
  },
  processing_failed: {
    'sync: a dataSelector that throws': syncing(() => page(), {
      endpoint: {
        dataSelector: () => {
          throw new Error(CANARY)
        },
      },
    }),
    ...shaped('a map that throws', () => page(), {
      resource: {
        processingSteps: [
          {
            map: () => {
              throw new Error(CANARY)
            },
          },
        ],
      },
    }),
  },
  cursor_missing: {
    'sync: no token': syncing(
      () => page(),
      paged('single_page', { incremental: { tokenPath: 'token', startParam: 't' } }),
    ),
    ...shaped('a record without', () => json({ data: [{ id: 1, text: CANARY }] }), incrementalBy('updated_at')),
  },
  cursor_null: {
    ...shaped('a record with null', () => json({ data: [{ id: 1, updated_at: null }] }), incrementalBy('updated_at')),
  },
  cursor_type_mismatch: {
    ...shaped('a list', () => json({ data: [{ id: 1, updated_at: [CANARY] }] }), incrementalBy('updated_at')),
    ...shaped('text and a number', () => page(), incrementalBy('updated_at', { initialValue: 1 })),
  },
  not_an_object: { ...refused([CANARY]) },
  not_json: {
    ...refused(
      [{ id: 'bad', text: CANARY }],
      { schema: standard((row) => ({ value: isBad(row) ? { at: new Date(0) } : row })) },
      textRows(),
    ),
  },
  key_column_missing: { ...refused([{ text: CANARY }]) },
  key_invalid: {
    ...refused([{ id: [CANARY] }]),
    'get: null': async () => await (await openDataset(sourceOf({}), memoryStore())).table('items').get(null as never),
  },
  key_type_mixed: { ...refused([{ id: CANARY }]) },
  key_not_unique: {
    'sync: one row below two parents': family(() => json({ data: [{ id: 7, text: CANARY }] }), {}, { full: true }),
    'commit: two changes of a row': async () => {
      const dataset = await memoryStore().open('test')
      const rows = [1, 2].map((n) => ({ key: 1, value: { n, text: CANARY } }))
      return dataset.commit({ unit: 'u', position: 1, expect: '', tables: { items: { put: rows } } })
    },
  },
  unsafe_integer: { ...refused([{ id: 99, n: '@9007199254740993@', text: CANARY }]) },
  number_overflow: { ...refused([{ id: 99, n: '@1e400@', text: CANARY }]) },
  null_in_not_null_column: {
    ...refused([{ id: 99, name: null, text: CANARY }], { columns: { name: { nullable: false } } }),
  },
  contract_violation: {
    'sync: a new column in a frozen table': changing({ schemaContract: 'freeze' }, (row) => ({
      ...row,
      fresh: CANARY,
    })),
    'sync: another type': changing({ schemaContract: { dataType: 'freeze' } }, (row) => ({ ...row, name: 7 })),
  },
  schema_invalid: {
    ...refused(
      [{ id: 'bad', text: CANARY }],
      {
        schema: standard((row) =>
          isBad(row) ? { issues: [{ message: `not ${CANARY}`, path: ['text'] }] } : { value: row },
        ),
      },
      textRows(),
    ),
    'defineSource: merge without a key': define({ name: 'items', writeDisposition: 'merge' }),
  },
  budget_exceeded: {
    'step: requests': () => stepping((_, index) => json({ data: rows(10, index * 10), total: 99 }), { requests: 1 }),
    'step: the wait of a rate limit': () =>
      step(sourceOf({ client: { rateLimit: { requests: 1, perSeconds: 60 } } }), memoryStore(), {
        ports: worldOf((_, index) => json({ data: rows(10, index * 10), total: 99 })),
        budget: { wallMs: 1000 },
      }),
    'step: a wait': () => stepping(() => text('', { status: 429, headers: { 'retry-after': '30' } }), { wallMs: 1000 }),
  },
  full_refresh_needed: {
    async 'sync: another key'() {
      const store = memoryStore()
      await syncing(() => json({ data: rows(2), total: 2 }), {}, store)()
      return syncing(() => page(), { resource: { primaryKey: 'name' } }, store)()
    },
    async 'sync: a refused token of rows that are appended'() {
      const store = memoryStore()
      const incremental = { tokenPath: 'token', startParam: 'token' }
      const changes = { resource: { writeDisposition: 'append' }, endpoint: { paginator: 'single_page', incremental } }
      await syncing(() => page({ token: 't-1' }), changes, store)()
      return syncing(() => text('', { status: 410 }), changes, store)()
    },
  },
  needs_confirmation: {
    async 'step: most rows are gone'() {
      const store = memoryStore()
      await syncing(() => json({ data: rows(9), total: 9 }), {}, store)()
      return step(sourceOf({}), store, { full: true, ports: worldOf(() => json({ data: rows(2), total: 2 })) })
    },
  },
  conflict: {
    async 'commit: of an old version'() {
      const dataset = await memoryStore().open('test')
      await put(dataset)
      return dataset.commit({ unit: 'unit', position: 2, expect: 'old', tables: {} })
    },
    async 'sync: another writer meanwhile'() {
      const store = memoryStore()
      const other = await store.open('test')
      const interfere = async () => {
        const { version } = await other.position('items')
        await other.commit({ unit: 'items', position: null, expect: version, tables: {} })
        return json({ data: rows(2), total: 2 })
      }
      const { fetch } = fakeServer(interfere)
      return sync(sourceOf({}), store, { ports: fakePorts({ fetch }) })
    },
  },
  lease_lost: {
    'commit: after a suspension': inFolder(async (dir) => {
      const [first, second] = await Promise.all([1, 2].map(() => filesystemStore(dir).open('test')))
      return first?.lease(async () => {
        const [folder = ''] = await readdir(dir)
        await utimes(join(dir, folder, 'lease'), new Date(0), new Date(0))
        await second?.lease(() => put(first))
      })
    }),
  },
  position_too_large: {
    'sync: a very long link': syncing(() => page({ next: `/items?token=${'x'.repeat(9000)}` }), paged('json_link')),
  },
  store_corrupt: {
    'open: no head is sound': withHead((head) => `${head}00`),
    async 'sync: a damaged chunk'() {
      const ports = fakePorts()
      const kv = kvDouble({ now: ports.now, random: () => 0 }).at('here')
      const options = { singleWriter: true, limits: { inlineBytes: 0 }, ports } as const
      await put(await cloudflareKvStore(kv, options).open('test'))
      const tear = ([key, value]: [string, string | null]) => [key, key.includes('/run/') ? 'torn' : value] as const
      const get: KvNamespace['get'] = async (...asked) => new Map([...(await kv.get(...asked))].map(tear))
      return syncing(() => page(), {}, cloudflareKvStore({ ...kv, get }, options))()
    },
  },
  store_too_new: {
    'open: another format': withHead(() => '0123456789abcdef 0\nsyncline 99\nbody'),
    async 'sync: another position'() {
      const store = memoryStore()
      await (await store.open('test')).commit({ unit: 'items', position: { v: 99 }, expect: '', tables: {} })
      return syncing(() => page(), {}, store)()
    },
  },
  store_full: { 'open: a quota in a browser': brokenIndexedDb('QuotaExceededError') },
  store_blocked: { 'open: another tab is in the way': brokenIndexedDb(undefined) },
  store_lost: { 'open: a connection that was lost twice': brokenIndexedDb('UnknownError') },
  store_unavailable: {
    'open: a frame without an origin': brokenIndexedDb('SecurityError'),
    'open: no IndexedDB': () => withGlobal('indexedDB', undefined, () => indexedDbStore({ name: 'x' }).open('test')),
    'open: a folder that is a file': inFolder(async (dir) => {
      await writeFile(join(dir, CANARY.replace('/', '')), '')
      return filesystemStore(join(dir, CANARY.replace('/', ''))).open('test')
    }),
    'open: R2 does not answer': () => {
      const fail = () => Promise.reject(new Error(CANARY))
      return cloudflareR2Store({ get: fail, put: fail, delete: fail, list: fail }, { ports: fakePorts() }).open('test')
    },
    'sync: KV fails for good': syncing(() => page(), {}, brokenKv('KV PUT failed: 401 Unauthorized')),
    'sync: KV fails for now': syncing(() => page(), {}, brokenKv('KV PUT failed: 500 Internal Server Error')),
    'sync: KV says something': syncing(() => page(), {}, brokenKv(CANARY)),
  },
} satisfies Record<ErrorCode, Record<string, Situation>>

function oauth() {
  return {
    type: 'oauth2_client_credentials',
    accessTokenUrl: 'https://id.example/token',
    clientId: 'id',
    clientSecret: CANARY,
  }
}

function incrementalBy(cursorPath: string, more: object = {}): Changes {
  return { endpoint: { incremental: { cursorPath, ...more } } }
}

/** Rows with text as ids, since a schema may refuse the one with the id `bad`. */
function textRows(): JsonObject[] {
  return rows(20).map((row) => ({ ...row, id: String(row.id) }))
}

function isBad(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'id' in row && row.id === 'bad'
}

/** A Standard Schema. */
function standard(validate: (value: unknown) => object) {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

function nested(depth: number): unknown[] {
  return depth === 0 ? [{ id: 1 }] : [nested(depth - 1), nested(depth - 1)]
}

function stepping(answer: Answer, budget: object) {
  return step(sourceOf({ client: { retry: { retries: 3 } } }), memoryStore(), { ports: worldOf(answer), budget })
}

function brokenKv(message: string): Store {
  const ports = fakePorts()
  const kv = kvDouble({ now: ports.now, random: () => 0 }).at('here')
  const put = () => Promise.reject(new Error(message))
  return cloudflareKvStore({ ...kv, put }, { singleWriter: true, ports })
}
