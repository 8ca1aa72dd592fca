import { expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/json.ts'
import { createPaginator } from '../../../src/paginators/create.ts'
import { detectPaginator } from '../../../src/paginators/detect.ts'
import { drive, itemsRequest, type Reply } from './drive.ts'

const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: 'same' }))
const ids = (records: JsonValue[]) => records.map((record) => (record as JsonObject).id)

interface Api {
  /** Answers a query with what its pages look like; all have 5 records, 2 on a page. */
  serve(query: URLSearchParams): Reply
  requests: string[]
}

const all = rows(5)
const slice = (from: number, size = 2) => all.slice(from, from + size)
const page = (query: URLSearchParams, base: number, name = 'page') => Number(query.get(name) ?? base) - base

const apis: Record<string, Api> = {
  'a Link header': {
    serve(query) {
      const at = page(query, 1)
      return { body: slice(at * 2), headers: at < 2 ? { link: `</items?page=${at + 2}>; rel="next"` } : {} }
    },
    requests: ['', '?page=2', '?page=3'],
  },
  'a link in the body': {
    serve(query) {
      const at = page(query, 1)
      return { body: { results: slice(at * 2), next: at < 2 ? `?page=${at + 2}` : null } }
    },
    requests: ['', '?page=2', '?page=3'],
  },
  'a link in an object': {
    serve(query) {
      const at = page(query, 1)
      const next = at < 2 ? { next: { href: `/items?page=${at + 2}` } } : {}
      return { body: { _embedded: { items: slice(at * 2) }, _links: { self: { href: '/items' }, ...next } } }
    },
    requests: ['', '?page=2', '?page=3'],
  },
  'pages that count from 1': {
    serve: (query) => ({ body: { items: slice(page(query, 1) * 2), total_pages: 3 } }),
    requests: ['', '?page=1', '?page=2', '?page=3'],
  },
  'pages that count from 0': {
    serve: (query) => ({ body: { items: slice(page(query, 0) * 2), total_pages: 3 } }),
    requests: ['', '?page=1', '?page=2'],
  },
  'pages that count from 1 and say so': {
    serve: (query) => ({ body: { items: slice(page(query, 1) * 2), meta: { page: page(query, 1) + 1, pages: 3 } } }),
    requests: ['', '?page=2', '?page=3'],
  },
  'pages that count from 0 and say so': {
    serve: (query) => ({ body: { content: slice(page(query, 0) * 2), number: page(query, 0), totalPages: 3 } }),
    requests: ['', '?page=1', '?page=2'],
  },
  'a cursor': {
    serve(query) {
      const at = page(query, 0, 'cursor')
      return { body: { data: slice(at * 2), next_cursor: at < 2 ? String(at + 1) : null } }
    },
    requests: ['', '?cursor=1', '?cursor=2'],
  },
  'a cursor, and a word on whether there is more': {
    serve(query) {
      const at = page(query, 0, 'cursor')
      return { body: { data: slice(at * 2), next_cursor: String(at + 1), has_more: at < 2 } }
    },
    requests: ['', '?cursor=1', '?cursor=2'],
  },
  'a page token': {
    serve(query) {
      const at = page(query, 0, 'pageToken')
      return { body: { files: slice(at * 2), ...(at < 2 && { nextPageToken: String(at + 1) }) } }
    },
    requests: ['', '?pageToken=1', '?pageToken=2'],
  },
  'the number of the next page': {
    serve(query) {
      const at = page(query, 1)
      return { body: { data: slice(at * 2), next_page: at < 2 ? at + 2 : null } }
    },
    requests: ['', '?page=2', '?page=3'],
  },
  'an offset': {
    serve(query) {
      const offset = page(query, 0, 'offset')
      return { body: { data: slice(offset), pagination: { offset, limit: 2, total: 5 } } }
    },
    requests: ['', '?offset=2&limit=2', '?offset=4&limit=2'],
  },
  'an offset under other names': {
    serve(query) {
      const startAt = page(query, 0, 'startAt')
      return { body: { issues: slice(startAt), startAt, maxResults: 2, total: 5 } }
    },
    requests: ['', '?startAt=2&maxResults=2', '?startAt=4&maxResults=2'],
  },
  'an offset without a total': {
    serve(query) {
      const skip = page(query, 0, 'skip')
      return { body: { data: slice(skip), skip, limit: 2 } }
    },
    requests: ['', '?skip=2&limit=2', '?skip=4&limit=2', '?skip=5&limit=2'],
  },
  'an offset that counts from 1': {
    serve(query) {
      const startIndex = Number(query.get('startIndex') ?? 1)
      return { body: { Resources: slice(startIndex - 1), startIndex, count: 2, totalResults: 5 } }
    },
    requests: ['', '?startIndex=3&count=2', '?startIndex=5&count=2', '?startIndex=6&count=2'],
  },
}

test.each(Object.entries(apis))('auto follows %s', async (_, { serve, requests }) => {
  const driven = await drive('auto', (_request, _index, query) => serve(query))
  expect(driven.requests.map((request) => request.replace('GET /items', ''))).toEqual(requests)
  expect(ids(driven.records)).toEqual([0, 1, 2, 3, 4])
  expect(driven.end).toBe('complete')
})

const single: Record<string, Reply> = {
  'an empty list': { body: [] },
  'no body': {},
  'a lone record': { body: { id: 1, pages: 300, next_token: 'x', total: 4 } },
  'all there is': { body: { data: rows(2), total: 2, has_more: false } },
  'one page of one': { body: { data: rows(2), total_pages: 1 } },
  'no pages': { body: { data: [], total_pages: 0 } },
  'no next link': { body: { results: rows(2), next: null, next_page: '' } },
  'an offset that is done': { body: { data: rows(2), offset: 0, limit: 5, total: 2 } },
  'an empty page of many': { body: { data: [], offset: 0, limit: 2 } },
}

test.each(Object.entries(single))('%s is a single page', async (_, reply) => {
  expect(await drive('auto', () => reply)).toMatchObject({ requests: { length: 1 }, end: 'complete' })
})

test.each<[string, JsonValue]>([
  ['a list', rows(2)],
  ['a list under a key and nothing else', { data: rows(2) }],
])('%s is taken as a single page, but proves nothing', async (_, body) => {
  expect(await drive('auto', () => ({ body }))).toMatchObject({ requests: { length: 1 }, end: 'unproved' })
})

test('cursors may lead through empty pages before they are proved', async () => {
  const pages = [{ data: rows(2), next: 'a' }, { data: [], next: 'b' }, { data: [{ id: 9 }] }]
  const { records } = await drive('auto', (_, index) => ({ body: pages[index] ?? null }))
  expect(ids(records)).toEqual([0, 1, 9])
})

const unproved: Record<
  string,
  { serve: (query: URLSearchParams, index: number) => JsonObject; requests: number; hint: string }
> = {
  'pages, but the parameter has another name': {
    serve: () => ({ items: rows(2), total_pages: 3 }),
    requests: 3,
    hint: '{"type":"page_number","pageParam":"page","totalPath":"total_pages","basePage":1}',
  },
  'pages that count from 1, but the parameter has another name': {
    serve: () => ({ items: rows(2), page: 1, total_pages: 3 }),
    requests: 2,
    hint: '{"type":"page_number","pageParam":"page","totalPath":"total_pages","basePage":1}',
  },
  'page=1 is neither the first page nor another': {
    serve: (query) => ({ items: query.has('page') ? slice(1) : slice(0), total_pages: 3 }),
    requests: 2,
    hint: '{"type":"page_number"',
  },
  'page=1 is empty': {
    serve: (query) => ({ items: query.has('page') ? [] : slice(0), total_pages: 3 }),
    requests: 2,
    hint: '{"type":"page_number"',
  },
  'a cursor, but the parameter has another name': {
    serve: () => ({ data: rows(2), next_cursor: 'x' }),
    requests: 2,
    hint: '{"type":"cursor","cursorPath":"next_cursor","cursorParam":"cursor"}',
  },
  'an offset, but the parameter has another name': {
    serve: () => ({ data: rows(2), meta: { offset: 0, limit: 2, total: 5 } }),
    requests: 2,
    hint: '{"type":"offset","limit":2,"offsetParam":"offset","limitParam":"limit","totalPath":"meta.total"}',
  },
  'an offset that skips too little': {
    serve: (query) => ({ data: query.has('offset') ? slice(1) : slice(0), offset: 0, limit: 2, total: 5 }),
    requests: 2,
    hint: '{"type":"offset"',
  },
  'an offset, but page 2 is empty': {
    serve: (query) => ({ data: query.has('offset') ? [] : slice(0), offset: 0, limit: 2, total: 5 }),
    requests: 2,
    hint: '{"type":"offset"',
  },
  'a total, but no way to the rest': {
    serve: () => ({ data: rows(2), total: 5 }),
    requests: 1,
    hint: 'Set endpoint.paginator',
  },
  'more, but no way to it': {
    serve: () => ({ data: rows(2), has_more: true }),
    requests: 1,
    hint: "if there is only this page, 'single_page'",
  },
}

test.each(Object.entries(unproved))('%s: refused with what to configure', async (_, { serve, requests, hint }) => {
  let asked = 0
  const run = () =>
    drive('auto', (_request, index, query) => {
      asked++
      return { body: serve(query, index) }
    })
  await expect(run()).rejects.toThrowError(
    expect.objectContaining({ code: 'paginator_unproved', hint: expect.stringContaining(hint) }),
  )
  expect(asked).toBe(requests)
})

test('records without an id, and numbers that JSON cannot hold, can be compared', async () => {
  const big = { data: [{ n: 2n ** 60n }, { n: 1 }], next_cursor: 'x' } as unknown as JsonObject
  await expect(drive('auto', () => ({ body: big }))).rejects.toThrowError(
    expect.objectContaining({ code: 'paginator_unproved' }),
  )
})

test('the state stays small, however many records a page has', async () => {
  const body = { items: rows(10_000), total_pages: 2 }
  let largest = 0
  const request = { ...itemsRequest }
  const paginator = await createPaginator('auto')
  await drive(
    {
      ...paginator,
      apply: (spec, state) => {
        largest = Math.max(largest, JSON.stringify(state).length)
        return paginator.apply(spec, state)
      },
    },
    (_, __, query) => ({ body: query.get('page') === '2' ? { items: [{ id: -1 }], total_pages: 2 } : body }),
    { request },
  )
  expect(largest).toBeGreaterThan(500)
  expect(largest).toBeLessThan(1500)
})

const detected: [body: JsonValue, headers: Record<string, string>, options: object][] = [
  [rows(2), { link: '</x?p=2>; rel="next"' }, { type: 'header_link' }],
  [{ data: rows(2), next: '/x' }, { link: '</x?p=2>; rel="last"' }, { type: 'json_link', nextUrlPath: 'next' }],
  [{ data: rows(2), next_page_url: 'https://h/x' }, {}, { type: 'json_link', nextUrlPath: 'next_page_url' }],
  [{ value: rows(2), '@odata.nextLink': '/x' }, {}, { type: 'json_link', nextUrlPath: '["@odata.nextLink"]' }],
  [{ data: rows(2), paging: { next: { url: '?p=2' } } }, {}, { type: 'json_link', nextUrlPath: 'paging.next.url' }],
  // A token that looks like a path is no link.
  [{ data: rows(2), next_cursor: '/9j=' }, {}, { type: 'cursor', cursorPath: 'next_cursor', cursorParam: 'cursor' }],
  [
    { data: rows(2), cursors: { next: 'a' } },
    {},
    { type: 'cursor', cursorPath: 'cursors.next', cursorParam: 'cursor' },
  ],
  [
    { data: rows(2), meta: { next_page_token: 'a' } },
    {},
    { type: 'cursor', cursorPath: 'meta.next_page_token', cursorParam: 'page_token' },
  ],
  // Where names begin with capitals, that of the parameter does too.
  [
    { data: rows(2), NextPageToken: 'a' },
    {},
    { type: 'cursor', cursorPath: 'NextPageToken', cursorParam: 'PageToken' },
  ],
  [{ data: rows(2), next_billing_date: '2025-01-01' }, {}, { type: 'single_page' }],
  [{ data: [{ next_cursor: 'a' }] }, {}, { type: 'single_page' }],
  [{ data: rows(2), total_pages: '3' }, {}, { type: 'page_number', pageParam: 'page', totalPath: 'total_pages' }],
  [
    { data: rows(2), total_pages: 3, next_page: 2 },
    {},
    { type: 'page_number', pageParam: 'page', totalPath: 'total_pages' },
  ],
  [
    { feed: rows(2), offset: 40, limit: 2, total_count: 200 },
    {},
    { type: 'offset', limit: 2, offsetParam: 'offset', limitParam: 'limit', totalPath: 'total_count' },
  ],
  [
    { data: rows(2), total_pages: 3 },
    { 'x-next-page': '' },
    { type: 'page_number', pageParam: 'page', totalPath: 'total_pages' },
  ],
  [
    { count: 5, offset: 0, feed: rows(2) },
    {},
    { type: 'offset', limit: 2, offsetParam: 'offset', limitParam: 'limit', totalPath: 'count' },
  ],
  // A count of all, of this page, and a size of nothing.
  [
    { count: 5, offset: 0, limit: 2, feed: rows(2) },
    {},
    { type: 'offset', limit: 2, offsetParam: 'offset', limitParam: 'limit', totalPath: 'count' },
  ],
  [
    { count: 2, offset: 0, limit: 2, feed: rows(2) },
    {},
    { type: 'offset', limit: 2, offsetParam: 'offset', limitParam: 'limit', totalPath: null },
  ],
  [
    { limit: 0, offset: 0, size: 2, feed: rows(2) },
    {},
    { type: 'offset', limit: 2, offsetParam: 'offset', limitParam: 'size', totalPath: null },
  ],
  [{ feed: rows(2), offset: 0, paging: { limit: 2 } }, {}, { type: 'single_page' }],
]

test.each(detected)('%j with the headers %j', (body, headers, options) => {
  expect(detectPaginator({ body, headers: new Headers(headers), url: 'https://h/x' })).toEqual(options)
})
