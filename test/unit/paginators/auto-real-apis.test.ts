import { expect, test } from 'vitest'
import { isSynclineError } from '../../../src/errors.ts'
import type { RequestSpec } from '../../../src/http/request.ts'
import type { JsonObject, JsonValue } from '../../../src/json.ts'
import type { PaginatorOptions } from '../../../src/paginators/index.ts'
import { drive, itemsRequest, type Reply } from './drive.ts'
import { at, body, drafts, HOST, offset, read, rows } from './real-apis.ts'

test.each(Object.entries(read))('%s is read to the end', async (_, api) => {
  const driven = await drive('auto', (request, __, query) => api(query, request))
  expect(driven).toMatchObject({ records: rows, end: 'complete' })
})

test('a cursor that is the size of a page is one', async () => {
  const request = { ...itemsRequest, params: { limit: 2 } }
  const api = (query: URLSearchParams) => {
    const { items, more } = offset(query, 'offset')
    return body({ data: items, paging: { next_offset: more } })
  }
  const { records, end } = await drive('auto', (_, __, query) => api(query), { request })
  expect([records, end]).toEqual([rows, 'complete'])
})

test('the records that a selector finds are those that page 2 has to prove', async () => {
  const api = (query: URLSearchParams) => {
    const { from, items } = offset(query, 'offset')
    return body({ notes: [{ id: 'same' }], things: items, offset: from, limit: 2, total: 5 })
  }
  const { records, end } = await drive('auto', (_, __, query) => api(query), { selector: 'things' })
  expect([records, end]).toEqual([rows, 'complete'])
  const deaf = () => body({ notes: [{ id: 'same' }], things: rows.slice(3), offset: 0, limit: 2, total: 5 })
  await expect(drive('auto', deaf, { selector: 'things' })).rejects.toThrowError(
    expect.objectContaining({ code: 'paginator_unproved' }),
  )
})

test('records that only a selector finds prove nothing', async () => {
  const api = () => body({ items: { a: { id: 1 }, b: { id: 2 } }, page: 1, total_pages: 3 })
  expect(await drive('auto', api, { selector: 'items.*' })).toMatchObject({ records: { length: 2 }, end: 'unproved' })
})

test('a POST with a JSON body is paged in the body', async () => {
  const request = { ...itemsRequest, method: 'POST', json: { filters: [] } }
  const hubSpot = ({ json }: RequestSpec) => {
    const { items, more } = at(Number((json as { after?: string }).after ?? 0))
    return body({ total: 5, results: items, ...(more && { paging: { next: { after: String(more) } } }) })
  }
  const { records, requests, end } = await drive('auto', hubSpot, { request })
  expect([records, end]).toEqual([rows, 'complete'])
  expect(requests.at(-1)).toBe('POST /items {"filters":[],"after":"4"}')

  const byHeader = ({ params }: RequestSpec) => {
    const { items, more } = at(Number(params.page ?? 0))
    return { body: items, headers: { 'x-next-page': String(more ?? '') } }
  }
  expect((await drive('auto', byHeader, { request })).records).toEqual(rows)

  const search = ({ json }: RequestSpec) => {
    const { from, items } = at((json as { from?: number }).from ?? 0)
    return body({ from, start: from, size: 2, total: 5, hits: items })
  }
  await expect(drive('auto', search, { request })).rejects.toThrowError(
    expect.objectContaining({ code: 'paginator_unproved', hint: expect.stringContaining('"offsetBodyPath":"start"') }),
  )
})

const draftIn = (hint: string) => JSON.parse(/\{.*\}/.exec(hint)?.[0] ?? 'null') as PaginatorOptions

test.each(Object.entries(drafts))('%s is refused with a draft', async (_, [api, draft, names]) => {
  const serve = (request: RequestSpec, __: number, query: URLSearchParams) => api(query, request)
  const error = await drive('auto', serve).catch((thrown: unknown) => thrown)
  if (!isSynclineError(error, 'paginator_unproved')) throw error
  expect(draftIn(error.hint ?? '')).toEqual(draft)
  // With the API's own names in it, the draft is what was wanted.
  const config = JSON.parse(JSON.stringify({ ...draft, ...names })) as PaginatorOptions
  const { records, end } = await drive(config, serve)
  expect([records.length, end]).toEqual([5, 'complete'])
})

test.each<[string, JsonValue]>([
  [
    'FHIR',
    {
      resourceType: 'Bundle',
      link: [
        { relation: 'self', url: '/items' },
        { relation: 'next', url: '/items?p=2' },
      ],
      entry: rows.slice(2),
    },
  ],
  ['Oracle REST', { items: rows.slice(2), links: [{ rel: 'next', href: '/items?p=2' }] }],
  ['DynamoDB', { Items: rows.slice(2), Count: 3, LastEvaluatedKey: { id: 'e' } }],
])('%s names its next page in a form that no options have', async (_, page) => {
  await expect(drive('auto', () => ({ body: page }))).rejects.toThrowError(
    expect.objectContaining({ code: 'paginator_unproved', hint: expect.stringContaining('a paginator of your own') }),
  )
})

// None of these says that there is more.
test.each<[string, Reply]>([
  [
    'a last page with links',
    { body: { data: rows, links: [{ rel: 'self', href: '/' }], link: [{ relation: 'prev', url: '/' }] } },
  ],
  ['a total of this page', { body: { data: rows, total: 5, count: 5 } }],
  ['a total in headers', { body: { data: rows, ok: true }, headers: { 'x-total-count': '5', 'x-total-pages': '1' } }],
  ['a range of all', { body: { data: rows, ok: true }, headers: { 'content-range': 'items 0-4/5' } }],
  ['a range of unknown size', { body: { data: rows, ok: true }, headers: { 'content-range': 'items 0-4/*' } }],
  ['no page behind this one', { body: { data: rows, page: 1, per_page: 5, total: 5, is_last: true } }],
  ['a page that is not full', { body: { data: rows, page: 1, per_page: 20 } }],
  ['shards', { body: { _shards: { total: 9 }, hits: { total: { value: 5, relation: 'eq' }, hits: rows } } }],
  ['a page of unknown size', { body: { data: rows, page: 1 } }],
  ['a page behind the first', { body: { data: rows, page: 3, per_page: 20 } }],
  ['a flag in words', { body: { data: rows, has_more: 'False', page: 1, per_page: 5 } }],
  ['a last record, and no more', { body: { data: rows, last_id: 'e' } }],
  ['an empty header', { body: { data: rows, ok: true }, headers: { 'x-next-page': '' } }],
  ['a flag that is none', { body: { data: rows, has_more: 'perhaps' } }],
  ['a flag as a number', { body: { data: rows, truncated: 0, page: 1, per_page: 5 } }],
  ['an empty link', { body: { data: rows, limit: 5, links: { next: { href: '' } } } }],
  ['an empty cursor', { body: { data: rows, limit: 5, after: '' } }],
  ['what was asked for', { body: { data: rows, after: '2025' }, url: `${HOST}/items?after=2025` }],
  ['an empty object as the cursor', { body: { data: rows, next: {}, links: { next: { href: null } } } }],
])('%s is all there is', async (_, reply) => {
  expect(await drive('auto', () => reply)).toMatchObject({ requests: { length: 1 }, records: rows, end: 'complete' })
})

test('as many records as were asked for, or as a page has, and no word on more, prove nothing', async () => {
  expect((await drive('auto', () => body({ items: rows, page_size: 5 }))).end).toBe('unproved')
  expect((await drive('auto', () => body({ items: rows, page_size: 5, next: null }))).end).toBe('complete')
  expect((await drive('auto', () => body({ items: rows, page_size: 5, has_more: false }))).end).toBe('complete')
  const request = { ...itemsRequest, params: { per_page: 5 } }
  const reply = body({ ok: true, items: rows })
  expect((await drive('auto', () => reply, { request })).end).toBe('unproved')
  expect((await drive('auto', () => reply, { request: { ...request, params: { per_page: 6 } } })).end).toBe('complete')
})

test.each([400, 404, 422])('a guess that is refused with status %i is no error of the API', async (status) => {
  const api = (_: RequestSpec, index: number) => (index > 0 ? { status } : body({ data: rows, next_cursor: 'x' }))
  await expect(drive('auto', api)).rejects.toThrowError(
    expect.objectContaining({
      code: 'paginator_unproved',
      hint: expect.stringContaining('"cursorPath":"next_cursor"'),
    }),
  )
})

test.each<[number, JsonObject[]]>([
  [500, [{ data: rows, next_cursor: 'x' }]],
  [401, [{ data: rows, next_cursor: 'x' }]],
  // Links are no guesses, and what page 2 has proved is none any more.
  [404, [{ data: rows, next: '/items?p=2' }]],
  [
    404,
    [
      { data: rows.slice(2), next_cursor: 'x' },
      { data: rows.slice(0, 2), next_cursor: 'y' },
    ],
  ],
  [404, []],
])('status %i otherwise stays what it is', async (status, pages) => {
  const api = (_: RequestSpec, index: number) => (pages[index] ? body(pages[index]) : { status })
  await expect(drive('auto', api)).rejects.toThrowError(expect.objectContaining({ code: 'http_status' }))
})
