import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import type { SourceConfig } from '../../src/config/source-config.ts'
import { defineSource, openDataset, type Paginator, type Source, type SyncEvent, sync } from '../../src/index.ts'
import type { JsonObject } from '../../src/json.ts'
import type { Dataset, Store } from '../../src/store/index.ts'
import { expectBalance } from '../support/balance.ts'
import { manyRows } from '../support/fake-api.ts'
import { changedStore } from '../support/items.ts'
import { fakePorts } from '../support/ports.ts'
import { fakeServer, json, type SeenRequest } from '../support/server.ts'

const SIZE = 2

/** In pages of two. Each says in every way where the next one is; what a paginator does not look for does not disturb it. */
function answer(rows: readonly JsonObject[], { url, query }: SeenRequest, kind: string): Response {
  if (kind === 'single_page') return json({ data: rows })
  const from = Number(query.offset ?? query.cursor ?? (query.page === undefined ? 0 : (Number(query.page) - 1) * SIZE))
  const data = rows.slice(from, from + Number(query.limit ?? SIZE))
  const next = from + SIZE < rows.length ? String(from + SIZE) : undefined
  const link = next === undefined ? null : `${url}?cursor=${next}`
  const body = {
    offset: { total: rows.length },
    page_number: { pages: Math.ceil(rows.length / SIZE) },
    cursor: { next: next ?? null },
    json_link: { next: link },
    auto: { next: link },
    custom: { next: next ?? null },
  }[kind]
  const headers: Record<string, string> = {}
  if (kind === 'header_link' && link !== null) headers.link = `<${link}>; rel="next"`
  if (kind === 'header_cursor' && next !== undefined) headers['x-next'] = next
  return json({ data, ...body }, { headers })
}

const custom: Paginator = {
  start: () => ({}),
  apply: (request, { at }) =>
    at === undefined ? request : { ...request, params: { ...request.params, cursor: String(at) } },
  next({ body }) {
    const { next } = body as { next: string | null }
    return next === null ? { end: 'complete' } : { next: { at: next } }
  },
}

const paginators: Record<string, [kind: string, paginator: string | object]> = {
  offset: ['offset', { type: 'offset', limit: SIZE }],
  'offset with overlap': ['offset', { type: 'offset', limit: SIZE, overlap: 1 }],
  'offset with a window': ['offset', { type: 'offset', limit: SIZE, window: 3 }],
  'offset without a total': ['single', { type: 'offset', limit: SIZE, totalPath: null }],
  page_number: ['page_number', { type: 'page_number', basePage: 1, totalPath: 'pages' }],
  cursor: ['cursor', { type: 'cursor', cursorPath: 'next' }],
  json_link: ['json_link', { type: 'json_link', nextUrlPath: 'next' }],
  header_link: ['header_link', 'header_link'],
  header_cursor: ['header_cursor', { type: 'header_cursor', cursorKey: 'x-next' }],
  auto: ['auto', 'auto'],
  single_page: ['single_page', 'single_page'],
  'one of the user': ['custom', custom],
}

/** Three items, three parts of the first and one of the others, three bits of the first part and one of the others. */
const tables: Record<string, JsonObject[]> = { '/items': manyRows(3) }
for (const item of [1, 2, 3]) {
  tables[`/items/${item}/parts`] = manyRows(item === 1 ? 3 : 1, item * 10)
  for (const { id } of tables[`/items/${item}/parts`] ?? []) {
    tables[`/parts/${id}/bits`] = manyRows(id === 10 ? 3 : 1, Number(id) * 10)
  }
}

const NAMES = ['items', 'parts', 'bits'] as const
const nameOf = (url: string) => NAMES.find((name) => url.endsWith(name)) ?? ''

function world(kind: string, paginator: string | object, disposition: string, incremental?: object) {
  const server = fakeServer((request) => answer(tables[new URL(request.url).pathname] ?? [], request, kind))
  const config = {
    name: 'resumed',
    client: { baseUrl: 'https://api.example.com', retry: { retries: 0 } },
    resourceDefaults: {
      primaryKey: 'id',
      writeDisposition: disposition,
      endpoint: { dataSelector: 'data', paginator, ...(incremental && { incremental }) },
    },
    resources: [
      'items',
      { name: 'parts', endpoint: { path: 'items/{resources.items.id}/parts' } },
      { name: 'bits', endpoint: { path: 'parts/{resources.parts.id}/bits' } },
    ],
  }
  const source = defineSource(config as SourceConfig) as Source<Record<string, JsonObject>>
  const ports = fakePorts({ fetch: server.fetch })
  /** By resource, since the last call: its pages come in one order, whatever comes between them. */
  let logged = 0
  const log = () => {
    const asked: Record<string, string[]> = { items: [], parts: [], bits: [] }
    for (const { url, query } of server.requests.slice(logged)) {
      asked[nameOf(url)]?.push(`${new URL(url).pathname}?${new URLSearchParams(query as Record<string, string>)}`)
    }
    logged = server.requests.length
    return asked
  }
  return { source, ports, store: memoryStore(), log }
}

/** A process that dies at its nth commit, before it is there or right after. Tells how many pages were committed. */
function mortal(store: Store, nth: number, when: 'before' | 'after') {
  const read: Record<string, number> = {}
  const committed: Record<string, number> = { items: 0, parts: 0, bits: 0 }
  let commits = 0
  const onEvent = (event: SyncEvent) => {
    if (event.type === 'page') read[event.resource] = event.page
  }
  const dying = changedStore(store, (dataset: Dataset) => ({
    async commit(commit) {
      const last = commit.unit !== '_run' && commits++ === nth
      if (last && when === 'before') throw new TypeError('killed')
      const result = await dataset.commit(commit)
      if (commit.unit in committed) committed[commit.unit] = read[commit.unit] ?? 0
      if (last) throw new TypeError('killed')
      return result
    },
  }))
  return { store: dying, onEvent, committed }
}

async function rowsIn(store: Store, source: ReturnType<typeof world>['source']) {
  const data = await openDataset(source, store)
  return Promise.all(NAMES.map((name) => data.table(name).count()))
}

const WHOLE = [3, 5, 7]

/** So far back that all comes again. */
const CHANGED = { cursorPath: 'updated_at', lag: 1_000_000 }

const passes: [string, string, object, 'before' | 'after', incremental?: object][] = [
  ['a first load', 'merge', {}, 'before'],
  ['a full refresh', 'merge', { full: true }, 'before'],
  ['a full refresh, after the commit', 'merge', { full: true }, 'after'],
  ['a replaced table', 'replace', {}, 'before'],
  ['an appended table', 'append', {}, 'before'],
  ['what has changed, with a cursor for each parent', 'merge', {}, 'before', CHANGED],
]

/** What a pass is for does not depend on how it pages. */
const EVERY_WAY = ['offset with overlap', 'cursor', 'auto']

describe.each(Object.entries(paginators))(
  '%s: killed at each commit, no page that was committed is asked for twice',
  (name, [kind, paginator]) => {
    test.each(EVERY_WAY.includes(name) ? passes : passes.slice(0, 2))(
      '%s',
      async (__, disposition, options, when, incremental) => {
        const whole = world(kind, paginator, disposition, incremental)
        await sync(whole.source, whole.store, { ports: whole.ports, ...options })
        const pages = whole.log()
        expect(await rowsIn(whole.store, whole.source)).toEqual(WHOLE)
        for (let nth = 0; ; nth++) {
          const { source, store, ports, log } = world(kind, paginator, disposition, incremental)
          if ('full' in options || incremental) await sync(source, store, { ports })
          log()
          const first = mortal(store, nth, when)
          const killed = await sync(source, first.store, { ports, ...options, onEvent: first.onEvent }).catch(
            (error) => error,
          )
          if (killed instanceof Error) expect(killed.message).toBe('killed')
          else break
          log()
          const report = await sync(source, store, { ports, ...options })
          expectBalance(report)
          const left = Object.entries(pages).map(([name, asked]) => [name, asked.slice(first.committed[name])])
          // After the very last commit all is done, and what comes next is another run.
          const over = NAMES.every((name) => first.committed[name] === pages[name]?.length)
          const asked = log()
          const expected = over && asked.items?.length !== 0 ? pages : Object.fromEntries(left)
          expect({ nth, asked }).toEqual({ nth, asked: expected })
          expect(await rowsIn(store, source)).toEqual(WHOLE)
          expect(ports.pending()).toBe(0)
        }
      },
    )
  },
)
