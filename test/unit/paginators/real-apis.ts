// First pages as real APIs send them, written from what their documentation says. Each API has 5 records, 2 on a page.
// Either all of them are read and the end is proved, or the error has a draft that needs no more than the API's own names.
import type { RequestSpec } from '../../../src/http/request.ts'
import type { JsonObject, JsonValue } from '../../../src/json.ts'
import type { PaginatorOptions } from '../../../src/paginators/index.ts'
import type { Reply } from './drive.ts'

const SIZE = 2
export const HOST = 'https://api.example.com'
export const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }))

/** What the API knows of the page that begins at `from`: `more` is undefined on the last one. */
interface At {
  readonly from: number
  readonly items: JsonObject[]
  readonly more: number | undefined
  /** The number of the page, from 1. */
  readonly page: number
}

export function at(from: number): At {
  const more = from + SIZE < rows.length ? from + SIZE : undefined
  return { from, items: rows.slice(from, from + SIZE), more, page: from / SIZE + 1 }
}

/** Where the parameter says, or at the beginning without it. */
export const offset = (query: URLSearchParams, name: string, first = 0) => at(Number(query.get(name) ?? first) - first)
export const numbered = (query: URLSearchParams, name = 'page', first = 1) =>
  at((Number(query.get(name) ?? first) - first) * SIZE)
/** A cursor that is no number. */
const token = (more: number | undefined) => (more === undefined ? undefined : `t/${more}=`)
const byToken = (query: URLSearchParams, name: string) => at(Number(/\d+/.exec(query.get(name) ?? '0')?.[0]))
/** Behind the record with this id. */
const behind = (query: URLSearchParams, name: string) => at(rows.findIndex(({ id }) => id === query.get(name)) + 1)
/** Without the members that are undefined, as JSON has it. */
export const body = (value: object): Reply => ({ body: JSON.parse(JSON.stringify(value)) as JsonValue })
const link = (more: number | undefined, name: string) => (more === undefined ? null : `${HOST}/items?${name}=${more}`)

type Api = (query: URLSearchParams, request: RequestSpec) => Reply

/** They are read to the end. */
export const read: Record<string, Api> = {
  GitHub(query) {
    const { items, page, more } = numbered(query)
    const next = `<${HOST}/items?page=${page + 1}>; rel="next", <${HOST}/items?page=3>; rel="last"`
    return { body: items, headers: more ? { link: next } : {} }
  },
  'GitHub search'(query) {
    const { items, page, more } = numbered(query)
    const headers = more ? { link: `<${HOST}/items?page=${page + 1}>; rel="next"` } : {}
    return { ...body({ total_count: 5, incomplete_results: false, items }), ...(more && { headers }) }
  },
  'GitLab without a Link header'(query) {
    const { items, page, more } = numbered(query)
    const next = more ? String(page + 1) : ''
    return {
      body: items,
      headers: { 'x-page': String(page), 'x-next-page': next, 'x-total': '5', 'x-total-pages': '3' },
    }
  },
  Shopify(query) {
    const { items, more } = offset(query, 'page_info')
    const next = more ? `, <${HOST}/items?limit=2&page_info=${more}>; rel="next"` : ''
    return { ...body({ products: items }), headers: { link: `<${HOST}/items?page_info=0>; rel="previous"${next}` } }
  },
  'Sentry, which links to pages without an end'(query) {
    const { from, items, more } = byToken(query, 'cursor')
    const next = `<${HOST}/items?cursor=${from + SIZE}>; rel="next"; results="${more !== undefined}"; cursor="0:2:0"`
    return { body: items, headers: { link: `<${HOST}/items?cursor=0>; rel="previous"; results="false", ${next}` } }
  },
  'Azure DevOps'(query) {
    const { items, more } = offset(query, 'continuationtoken')
    const headers: Record<string, string> = more ? { 'x-ms-continuationtoken': String(more) } : {}
    return { ...body({ count: 2, value: items }), headers }
  },
  Salesforce(_, { url }) {
    const { items, more } = at(Number(/-(\d+)$/.exec(url)?.[1] ?? 0))
    const next = more && { nextRecordsUrl: `/services/data/v58.0/query/01g-${more}` }
    return body({ totalSize: 5, done: !more, ...next, records: items })
  },
  'Microsoft Graph'(query) {
    const { items, more } = offset(query, '$skip')
    return body({
      '@odata.context': `${HOST}/$metadata`,
      '@odata.nextLink': link(more, '$skip') ?? undefined,
      value: items,
    })
  },
  'OData v2'(query) {
    const { items, more } = offset(query, '$skiptoken')
    return body({ d: { results: items, __count: '5', __next: link(more, '$skiptoken') ?? undefined } })
  },
  Azure(query) {
    const { items, more } = offset(query, '$skiptoken')
    return body({ value: items, nextLink: link(more, '$skiptoken') ?? undefined })
  },
  HubSpot(query) {
    const { items, more } = offset(query, 'after')
    return body({
      results: items,
      ...(more && { paging: { next: { after: String(more), link: link(more, 'after') } } }),
    })
  },
  'HubSpot without the link'(query) {
    const { items, more } = offset(query, 'after')
    return body({ results: items, ...(more && { paging: { next: { after: String(more) } } }) })
  },
  'HubSpot v1'(query) {
    const { items, more, from } = offset(query, 'offset')
    return body({ companies: items, 'has-more': more !== undefined, offset: more ?? from })
  },
  'Zendesk, pages'(query) {
    const { items, page, more } = numbered(query)
    return body({ tickets: items, next_page: more && link(page + 1, 'page'), previous_page: null, count: 5 })
  },
  'Zendesk, cursors'(query) {
    const { items, more } = offset(query, 'page[after]')
    const meta = { has_more: more !== undefined, after_cursor: 'x', before_cursor: 'y' }
    return body({ tickets: items, meta, links: { prev: null, next: link(more, 'page[after]') } })
  },
  'Django REST framework'(query) {
    const { items, page, more } = numbered(query)
    return body({ count: 5, next: more ? link(page + 1, 'page') : null, previous: null, results: items })
  },
  PokeAPI(query) {
    const { items, more } = offset(query, 'offset')
    return body({ count: 5, next: link(more, 'limit=2&offset'), previous: null, results: items })
  },
  'Laravel, resources'(query) {
    const { items, page, more } = numbered(query)
    const links = { first: '/x', last: '/y', prev: null, next: more ? link(page + 1, 'page') : null }
    const meta = {
      current_page: page,
      from: 1,
      last_page: 3,
      links: [{ url: null, label: '1' }],
      per_page: 2,
      total: 5,
    }
    return body({ data: items, links, meta })
  },
  'Laravel, paginate'(query) {
    const { items, page, more } = numbered(query)
    const around = { current_page: page, from: 1, last_page: 3, links: [{ url: null }], per_page: 2, total: 5 }
    return body({ ...around, data: items, next_page_url: more ? link(page + 1, 'page') : null })
  },
  'JSON:API'(query) {
    const { items, more } = offset(query, 'page[offset]')
    return body({ data: items, links: { self: '/items', next: link(more, 'page[offset]') } })
  },
  'JSON:API, links as objects'(query) {
    const { items, more } = offset(query, 'page[offset]')
    const next = more && { next: { href: link(more, 'page[offset]') } }
    return body({ jsonapi: { version: '1.0' }, data: items, links: { self: { href: '/items' }, ...next } })
  },
  HAL(query) {
    const { items, page, more } = numbered(query)
    const next = more && { next: { href: `/items?page=${page + 1}` } }
    return body({ _links: { self: { href: '/items' }, ...next }, _embedded: { things: items }, page, pages: 3 })
  },
  Asana(query) {
    const { items, more } = offset(query, 'offset')
    const next = more ? { offset: 'x', path: `/items?offset=${more}`, uri: link(more, 'offset') } : null
    return body({ data: items, next_page: next })
  },
  Twilio(query) {
    const { items, page, more } = numbered(query, 'Page', 0)
    const next = more ? `/items?Page=${page}` : null
    return body({
      first_page_uri: '/x',
      calls: items,
      uri: '/x',
      page_size: 2,
      start: 0,
      next_page_uri: next,
      page: page - 1,
    })
  },
  Spotify(query) {
    const { items, more, from } = offset(query, 'offset')
    return body({ items, limit: 2, next: link(more, 'limit=2&offset'), offset: from, previous: null, total: 5 })
  },
  Discogs(query) {
    const { items, page, more } = numbered(query)
    const urls = { last: '/x', ...(more && { next: link(page + 1, 'page') }) }
    return body({ pagination: { page, pages: 3, per_page: 2, items: 5, urls }, releases: items })
  },
  'a link without a slash'(query) {
    const { items, page, more } = numbered(query)
    return body({ data: items, next: more ? `items?page=${page + 1}` : null })
  },
  Google(query) {
    const { items, more } = byToken(query, 'pageToken')
    return body({ kind: 'drive#fileList', nextPageToken: token(more), incompleteSearch: false, files: items })
  },
  YouTube(query) {
    const { items, more } = byToken(query, 'pageToken')
    return body({ nextPageToken: token(more), pageInfo: { totalResults: 5, resultsPerPage: 2 }, items })
  },
  Slack(query) {
    const { items, more } = byToken(query, 'cursor')
    return body({ ok: true, channels: items, response_metadata: { next_cursor: token(more) ?? '' } })
  },
  Airtable(query) {
    const { items, more } = byToken(query, 'offset')
    return body({ records: items, offset: token(more) })
  },
  Square(query) {
    const { items, more } = byToken(query, 'cursor')
    return body({ objects: items, cursor: token(more) })
  },
  Reddit(query) {
    const { items, more } = byToken(query, 'after')
    return body({ kind: 'Listing', data: { after: token(more) ?? null, dist: 2, children: items, before: null } })
  },
  Facebook(query) {
    const { items, more } = byToken(query, 'after')
    return body({ data: items, paging: more && { cursors: { before: 'x', after: token(more) } } })
  },
  'OpenAI and Anthropic'(query) {
    const { items, more } = behind(query, 'after')
    return body({ object: 'list', data: items, first_id: items[0]?.id, last_id: items.at(-1)?.id, has_more: !!more })
  },
  Intercom(query) {
    const { items, more, page } = byToken(query, 'starting_after')
    const next = more && { next: { page: page + 1, starting_after: token(more) } }
    return body({
      type: 'list',
      data: items,
      total_count: 5,
      pages: { type: 'pages', ...next, page: 1, total_pages: 3 },
    })
  },
  'AWS, NextToken'(query) {
    const { items, more } = byToken(query, 'NextToken')
    return body({ Items: items, NextToken: token(more) })
  },
  'Zoho with a token'(query) {
    const { items, more } = byToken(query, 'page_token')
    const info = { per_page: 2, count: 2, page: 1, more_records: !!more, next_page_token: token(more) ?? null }
    return body({ data: items, info })
  },
  'Pipedrive v1'(query) {
    const { items, more, from } = offset(query, 'start')
    const pagination = { start: from, limit: 2, more_items_in_collection: more !== undefined, next_start: more }
    return body({ success: true, data: items, additional_data: { pagination } })
  },
  'Pipedrive v2'(query) {
    const { items, more } = byToken(query, 'cursor')
    return body({ success: true, data: items, additional_data: { next_cursor: token(more) ?? null } })
  },
  'Bitbucket Server'(query) {
    const { items, more, from } = offset(query, 'start')
    return body({ size: 2, limit: 2, isLastPage: !more, values: items, start: from, nextPageStart: more ?? null })
  },
  'a next page as an object'(query) {
    const { items, more, page } = numbered(query)
    return body({ results: items, ...(more && { next: { page: page + 1, limit: 2 } }) })
  },
  Spring(query) {
    const { items, page, from, more } = numbered(query, 'page', 0)
    const pageable = { pageNumber: page - 1, pageSize: 2, offset: from, paged: true }
    return body({ content: items, pageable, totalPages: 3, totalElements: 5, last: !more, size: 2, number: page - 1 })
  },
  'Spring, slices'(query) {
    const { items, page, from, more } = numbered(query, 'page', 0)
    const pageable = { pageNumber: page - 1, pageSize: 2, offset: from, paged: true }
    return body({ content: items, pageable, last: !more, size: 2, number: page - 1, first: page === 1 })
  },
  'Spring 3'(query) {
    const { items, page } = numbered(query, 'page', 0)
    return body({ content: items, page: { size: 2, number: page - 1, totalElements: 5, totalPages: 3 } })
  },
  'an offset beside the number of the next page'(query) {
    const { items, page, more } = numbered(query)
    return body({ items, offset: 0, limit: 2, next_page: more && page + 1 })
  },
  Zoho(query) {
    const { items, page, more } = numbered(query)
    return body({ data: items, info: { per_page: 2, count: 2, page, more_records: !!more } })
  },
  Xero(query) {
    const { items, page } = numbered(query)
    return body({ pagination: { page, pageSize: 2, pageCount: 3, itemCount: 5 }, Invoices: items })
  },
  BigCommerce(query) {
    const { items, page } = numbered(query)
    return body({
      data: items,
      meta: { pagination: { total: 5, count: 2, per_page: 2, current_page: page, total_pages: 3 } },
    })
  },
  Typeform: (query) => body({ total_items: 5, page_count: 3, items: numbered(query).items }),
  Algolia(query) {
    const { items, page } = numbered(query, 'page', 0)
    return body({ hits: items, nbHits: 5, page: page - 1, nbPages: 3, hitsPerPage: 2 })
  },
  'pages, sizes and totals as text'(query) {
    const { items, page } = numbered(query)
    return body({ page: String(page), per_page: '2', total: '5', data: items })
  },
  'the number of the page and its size'(query) {
    const { items, page } = numbered(query)
    return body({ page, page_size: 2, data: items })
  },
  Jira(query) {
    const { items, from } = offset(query, 'startAt')
    return body({ expand: 'names', startAt: from, maxResults: 2, total: 5, issues: items })
  },
  'Jira boards'(query) {
    const { items, from, more } = offset(query, 'startAt')
    return body({ maxResults: 2, startAt: from, isLast: !more, values: items })
  },
  Contentful(query) {
    const { items, from } = offset(query, 'skip')
    return body({ sys: { type: 'Array' }, total: 5, skip: from, limit: 2, items })
  },
  SCIM(query) {
    const { items, from } = offset(query, 'startIndex', 1)
    return body({ schemas: ['urn:x'], totalResults: 5, startIndex: from + 1, itemsPerPage: 2, Resources: items })
  },
  Solr(query) {
    const { items, from } = offset(query, 'start')
    return body({ responseHeader: { status: 0, QTime: 1 }, response: { numFound: 5, start: from, docs: items } })
  },
  'a count of all, before the limit'(query) {
    const { items, from } = offset(query, 'offset')
    return body({ count: 5, offset: from, limit: 2, results: items })
  },
}

/** What the draft says, and what its reader has to correct in it. */
type Draft = [api: Api, draft: PaginatorOptions, names?: object]

const counted = { type: 'offset', limit: 2, offsetParam: 'offset', limitParam: 'limit' } as const
const byPage = { type: 'page_number', basePage: 1, pageParam: 'page', totalPath: null } as const

/** They are refused with a draft of what to configure. */
export const drafts: Record<string, Draft> = {
  Stripe: [
    (query) => {
      const { items, more } = behind(query, 'starting_after')
      return body({ object: 'list', url: '/v1/charges', has_more: !!more, data: items })
    },
    { type: 'cursor', cursorPath: 'data[-1].id', cursorParam: 'starting_after', hasMorePath: 'has_more' },
  ],
  'Stack Exchange': [
    (query) => {
      const { items, more } = numbered(query)
      return body({ items: items.map(({ id }) => ({ question: id })), has_more: !!more, quota_remaining: 299 })
    },
    { ...byPage, hasMorePath: 'has_more' },
  ],
  Notion: [
    (query) => {
      const { items, more } = byToken(query, 'start_cursor')
      return body({ object: 'list', results: items, next_cursor: token(more) ?? null, has_more: !!more })
    },
    { type: 'cursor', cursorPath: 'next_cursor', cursorParam: 'cursor', hasMorePath: 'has_more' },
    { cursorParam: 'start_cursor' },
  ],
  'Jira, tokens': [
    (query) => {
      const { items, more } = byToken(query, 'nextPageToken')
      return body({ issues: items, nextPageToken: token(more), isLast: !more })
    },
    { type: 'cursor', cursorPath: 'nextPageToken', cursorParam: 'pageToken' },
    { cursorParam: 'nextPageToken' },
  ],
  'X, which refuses parameters that it does not know': [
    (query) => {
      if (query.has('next_token')) return { status: 400 }
      const { items, more } = byToken(query, 'pagination_token')
      return body({ data: items, meta: { result_count: 2, next_token: token(more) } })
    },
    { type: 'cursor', cursorPath: 'meta.next_token', cursorParam: 'next_token' },
    { cursorParam: 'pagination_token' },
  ],
  Twitch: [
    (query) => {
      const { items, more } = byToken(query, 'after')
      return body({ data: items, pagination: more ? { cursor: token(more) } : {} })
    },
    { type: 'cursor', cursorPath: 'pagination.cursor', cursorParam: 'cursor' },
    { cursorParam: 'after' },
  ],
  'Zendesk, incremental': [
    (query) => {
      const { items, more, from } = byToken(query, 'cursor')
      return body({ tickets: items, after_url: '/x', after_cursor: token(more ?? from + SIZE), end_of_stream: !more })
    },
    { type: 'cursor', cursorPath: 'after_cursor', cursorParam: 'after' },
    { cursorParam: 'cursor', stopAfterEmptyPage: true },
  ],
  Lever: [
    (query) => {
      const { items, more } = byToken(query, 'offset')
      return body({ data: items, hasNext: !!more, next: token(more) })
    },
    { type: 'cursor', cursorPath: 'next', cursorParam: 'cursor', hasMorePath: 'hasNext' },
    { cursorParam: 'offset' },
  ],
  'S3 as JSON': [
    (query) => {
      const { items, more } = byToken(query, 'marker')
      return body({ IsTruncated: !!more, NextMarker: token(more), Contents: items })
    },
    { type: 'cursor', cursorPath: 'NextMarker', cursorParam: 'Marker', hasMorePath: 'IsTruncated' },
    { cursorParam: 'marker' },
  ],
  Elasticsearch: [
    (query) => {
      const hits = { total: { value: 5, relation: 'eq' }, max_score: 1, hits: offset(query, 'from').items }
      return body({ took: 1, timed_out: false, _shards: { total: 9, successful: 9 }, hits })
    },
    { ...counted, totalPath: 'hits.total.value' },
    { offsetParam: 'from', limitParam: 'size' },
  ],
  'OData with a count': [
    (query) => body({ '@odata.context': '/x', '@odata.count': 5, value: offset(query, '$skip').items }),
    { ...counted, totalPath: '["@odata.count"]' },
    { offsetParam: '$skip', limitParam: '$top' },
  ],
  Mailchimp: [
    (query) =>
      body({ lists: offset(query, 'offset').items, total_items: 5, _links: [{ rel: 'self', href: '/items' }] }),
    { ...counted, totalPath: 'total_items' },
    { limitParam: 'count' },
  ],
  CKAN: [
    (query) => body({ success: true, result: { count: 5, sort: 'x', results: offset(query, 'start').items } }),
    { ...counted, totalPath: 'result.count' },
    { offsetParam: 'start', limitParam: 'rows' },
  ],
  'a total as text': [
    (query) => body({ data: offset(query, 'from').items, total: '5' }),
    { ...counted, totalPath: 'total' },
    { offsetParam: 'from' },
  ],
  CouchDB: [
    (query) => {
      const { from, items } = offset(query, 'skip')
      return body({ total_rows: 5, offset: from, rows: items })
    },
    { ...counted, totalPath: 'total_rows' },
    { offsetParam: 'skip' },
  ],
  QuickBooks: [
    (query) => {
      const { from, items } = offset(query, 'start', 1)
      return body({ QueryResponse: { Customer: items, startPosition: from + 1, maxResults: 2 }, time: 'x' })
    },
    { ...counted, offsetParam: 'startPosition', limitParam: 'maxResults', totalPath: null },
    { offset: 1, offsetParam: 'start' },
  ],
  'WordPress without a Link header': [
    (query) => ({ body: numbered(query).items, headers: { 'x-wp-total': '5', 'x-wp-totalpages': '3' } }),
    byPage,
  ],
  'a total in a header': [
    (query) => ({ ...body({ status: 'ok', data: numbered(query, 'p').items }), headers: { 'x-total-count': '5' } }),
    byPage,
    { pageParam: 'p' },
  ],
  'a total number of pages in a header': [
    (query) => ({ body: numbered(query).items, headers: { 'x-total-pages': '3' } }),
    byPage,
  ],
  'a flag that is a number': [
    (query) => {
      const { items, more } = numbered(query)
      return body({ data: items.map(({ id }) => ({ key: id })), has_more: more ? 1 : 0 })
    },
    byPage,
  ],
  'a flag that is text': [
    (query) => {
      const { items, more } = numbered(query)
      return body({ data: items.map(({ id }) => ({ key: id })), more: more ? 'True' : 'False' })
    },
    { ...byPage, hasMorePath: 'more' },
  ],
  PostgREST: [
    (query) => {
      const { from, items } = offset(query, 'offset')
      return { body: items, headers: { 'content-range': `${from}-${from + items.length - 1}/5` } }
    },
    byPage,
    { type: 'offset', limit: 2, basePage: undefined, pageParam: undefined },
  ],
}
