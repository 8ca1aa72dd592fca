import { expect, test } from 'vitest'
import type { RequestSpec } from '../../../src/http/request.ts'
import type { JsonValue } from '../../../src/json.ts'
import { createPaginator } from '../../../src/paginators/create.ts'
import type { PaginatorConfig } from '../../../src/paginators/index.ts'
import { drive, itemsRequest, type Reply, scripted } from './drive.ts'

const post = (json?: JsonValue): RequestSpec => ({
  ...itemsRequest,
  method: 'POST',
  ...(json === undefined ? {} : { json }),
})
const two = scripted([
  { data: [1, 2], total: 3, next: 't' },
  { data: [3], total: 3 },
])

interface Case {
  paginator: PaginatorConfig
  request?: RequestSpec
  server?: (request: RequestSpec, index: number) => Reply
  requests: string[]
}

const cases: Record<string, Case> = {
  'offset in the query': {
    paginator: { type: 'offset', limit: 2 },
    requests: ['GET /items?offset=0&limit=2', 'GET /items?offset=2&limit=2'],
  },
  'offset under other names, over params of the same name': {
    paginator: { type: 'offset', limit: 2, offset: 1, offsetParam: 'skip', limitParam: 'take' },
    request: { ...itemsRequest, params: { take: 99, sort: 'id' } },
    requests: ['GET /items?take=2&sort=id&skip=1'],
  },
  'offset in the body': {
    paginator: { type: 'offset', limit: 2, offsetBodyPath: 'page.from', limitBodyPath: 'page.size' },
    request: post({ q: 'x', page: { size: 9, sort: 'id' } }),
    requests: [
      'POST /items {"q":"x","page":{"size":2,"sort":"id","from":0}}',
      'POST /items {"q":"x","page":{"size":2,"sort":"id","from":2}}',
    ],
  },
  'offset in a body that is not there': {
    paginator: { type: 'offset', limit: 2, offsetBodyPath: 'a.b.c', limitBodyPath: 'n' },
    request: post(),
    requests: ['POST /items {"a":{"b":{"c":0}},"n":2}', 'POST /items {"a":{"b":{"c":2}},"n":2}'],
  },
  'a body path that is a name of the language': {
    paginator: { type: 'page_number', pageBodyPath: '__proto__.page', basePage: 3, totalPath: null },
    request: post({}),
    server: scripted([{ data: [] }]),
    requests: ['POST /items {"__proto__":{"page":3}}'],
  },
  'page number': {
    paginator: { type: 'page_number', basePage: 1, pageParam: 'p' },
    server: scripted([{ data: [1], total: 2 }]),
    requests: ['GET /items?p=1', 'GET /items?p=2'],
  },
  'page number from a later page': {
    paginator: { type: 'page_number', page: 5 },
    server: scripted([{ data: [1], total: 6 }]),
    requests: ['GET /items?page=5'],
  },
  'cursor in the query, beside params': {
    paginator: { type: 'cursor', cursorPath: 'next', cursorParam: 'after' },
    request: { ...itemsRequest, params: { limit: 2 } },
    requests: ['GET /items?limit=2', 'GET /items?limit=2&after=t'],
  },
  'cursor in the body': {
    paginator: { type: 'cursor', cursorPath: 'next', cursorBodyPath: 'page.token' },
    request: post({ q: 1 }),
    requests: ['POST /items {"q":1}', 'POST /items {"q":1,"page":{"token":"t"}}'],
  },
  'cursor that is a number keeps its type in the body': {
    paginator: { type: 'cursor', cursorPath: 'next', cursorBodyPath: 'after' },
    request: post(),
    server: scripted([{ data: [1], next: 7 }, { data: [2] }]),
    requests: ['POST /items', 'POST /items {"after":7}'],
  },
  'cursor beyond what numbers hold exactly': {
    paginator: { type: 'cursor', cursorPath: 'next' },
    server: scripted([{ data: [1], next: (2n ** 64n) as unknown as number }, { data: [2] }]),
    requests: ['GET /items', 'GET /items?cursor=18446744073709551616'],
  },
  'cursor found by itself, beyond what numbers hold exactly': {
    paginator: 'auto',
    server: scripted([{ data: [1], next_cursor: (2n ** 64n) as unknown as number }, { data: [2] }]),
    requests: ['GET /items', 'GET /items?cursor=18446744073709551616'],
  },
  'cursor in a header': {
    paginator: { type: 'header_cursor', cursorKey: 'X-Next', cursorParam: 'c' },
    server: (_, index) => ({ body: [index], headers: { 'x-next': ['2', ' 3 ', ''][index] ?? '' } }),
    requests: ['GET /items', 'GET /items?c=2', 'GET /items?c=3'],
  },
  'link in the body, relative, drops the params and the fragment': {
    paginator: 'json_link',
    request: { ...itemsRequest, params: { sort: 'id' } },
    server: scripted([{ data: [1], next: '/v2/items?p=2#top' }, { data: [2] }]),
    requests: ['GET /items?sort=id', 'GET /v2/items?p=2'],
  },
  'link in the body keeps method and body': {
    paginator: { type: 'json_link', nextUrlPath: "['@odata.nextLink']" },
    request: post({ q: 1 }),
    server: scripted([{ data: [1], '@odata.nextLink': '?p=2' }, { data: [2] }]),
    requests: ['POST /items {"q":1}', 'POST /items?p=2 {"q":1}'],
  },
  'link relative to the URL that answered': {
    paginator: 'json_link',
    server: (_, index) => ({ body: { data: [1], next: index ? null : 'more' }, url: 'https://api.example.com/a/b' }),
    requests: ['GET /items', 'GET /a/more'],
  },
  'link to another origin is left to the HTTP client': {
    paginator: 'json_link',
    server: scripted([{ data: [1], next: '//other.example.org/x' }, { data: [2] }]),
    requests: ['GET /items', 'GET https://other.example.org/x'],
  },
  'link in a header': {
    paginator: 'header_link',
    server: (_, index) => ({ body: [index], headers: index ? {} : { link: '</items?p=2>; rel="prev next"' } }),
    requests: ['GET /items', 'GET /items?p=2'],
  },
  'link in a header with another relation': {
    paginator: { type: 'header_link', linksNextKey: 'Forward' },
    server: (_, index) => ({
      body: [index],
      headers: { link: index ? '</items?p=9>; rel=next' : '</items?p=2>; rel=forward' },
    }),
    requests: ['GET /items', 'GET /items?p=2'],
  },
  'an empty link in a header': {
    paginator: 'header_link',
    server: () => ({ body: [1], headers: { link: '<>; rel=next' } }),
    requests: ['GET /items'],
  },
  'a single page': {
    paginator: 'single_page',
    server: () => ({ body: { data: [1], next: '/items?p=2' }, headers: { link: '</items?p=2>; rel=next' } }),
    requests: ['GET /items'],
  },
  'a paginator of the user': {
    paginator: {
      start: () => ({ letter: 'a' }),
      apply: (request, state) => ({ ...request, params: { from: String(state.letter) } }),
      next: (_, state) => (state.letter === 'a' ? { next: { letter: 'b' } } : { end: 'complete' }),
    },
    requests: ['GET /items?from=a', 'GET /items?from=b'],
  },
}

test.each(Object.entries(cases))('%s', async (_, { paginator, request = itemsRequest, server = two, requests }) => {
  expect((await drive(paginator, server, { request })).requests).toEqual(requests)
})

test('a body path through something that is no object is an error, and nothing is overwritten', async () => {
  const paginator = { type: 'cursor', cursorPath: 'next', cursorBodyPath: 'tags.token' } as const
  await expect(drive(paginator, two, { request: post({ tags: ['a'] }) })).rejects.toThrowError(
    expect.objectContaining({ code: 'config_invalid' }),
  )
})

test('one paginator serves any number of passes: it keeps nothing', async () => {
  const paginator = await createPaginator({ type: 'offset', limit: 2 })
  expect(await drive(paginator, two)).toEqual(await drive(paginator, two))
})

test('the total is for progress: none on an empty page, even if it was asked for', async () => {
  const { total } = await createPaginator({ type: 'offset', limit: 2, totalPath: 'meta.total' })
  const page = { status: 200, headers: new Headers(), key: String, url: itemsRequest.url, request: itemsRequest }
  expect(total?.({ ...page, body: { meta: { total: '40' } }, count: 2 })).toBe(40)
  expect(total?.({ ...page, body: {}, count: 0 })).toBeUndefined()
})
