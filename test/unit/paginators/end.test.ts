import { expect, test } from 'vitest'
import { isSynclineError } from '../../../src/errors.ts'
import type { JsonObject } from '../../../src/json.ts'
import type { PaginatorConfig } from '../../../src/paginators/index.ts'
import { drive, scripted } from './drive.ts'

// What APIs say about the end of their pages, true and false: [paginator, pages, requests, end or error code]. When the
// listed pages are used up, the server goes on with empty ones that repeat what the last page says.

let id = 0
const page = (count: number, says: JsonObject = {}): JsonObject => ({
  data: Array.from({ length: count }, () => ({ id: id++ })),
  ...says,
})

const offset: PaginatorConfig = { type: 'offset', limit: 2 }
const numbered: PaginatorConfig = { type: 'page_number', basePage: 1 }
const cursor: PaginatorConfig = { type: 'cursor', cursorPath: 'next' }
const link: PaginatorConfig = { type: 'json_link' }
const more = { hasMorePath: 'more', totalPath: null }

type Row = [paginator: PaginatorConfig, pages: JsonObject[], requests: number, end: string]

const table: Record<string, Row> = {
  'offset: no total, a full last page': [offset, [page(2), page(2)], 3, 'complete'],
  'offset: no total, a short last page': [offset, [page(2), page(1)], 3, 'complete'],
  'offset: no total, nothing at all': [offset, [page(0)], 1, 'complete'],
  'offset: total, exact': [offset, [page(2, { total: 4 }), page(2, { total: 4 })], 2, 'complete'],
  'offset: total, a short last page': [offset, [page(2, { total: 3 }), page(1, { total: 3 })], 2, 'complete'],
  'offset: total as text': [offset, [page(2, { total: '3' }), page(1, { total: '3' })], 2, 'complete'],
  'offset: total as text with spaces': [offset, [page(1, { total: ' 1 ' })], 1, 'complete'],
  'offset: total 0 and nothing': [offset, [page(0, { total: 0 })], 1, 'complete'],
  'offset: total 0 but records': [offset, [page(2, { total: 0 }), page(1, { total: 0 })], 3, 'complete'],
  'offset: total too small': [
    offset,
    [page(2, { total: 3 }), page(2, { total: 3 }), page(1, { total: 3 })],
    4,
    'complete',
  ],
  'offset: total too large': [offset, [page(2, { total: 9 }), page(1, { total: 9 })], 3, 'complete'],
  'offset: total shrinks: the rows before are looked for, and are not where they were': [
    offset,
    [page(2, { total: 6 }), page(2, { total: 4 })],
    4,
    'complete',
  ],
  'offset: total grows': [offset, [page(2, { total: 3 }), page(2, { total: 5 }), page(1, { total: 5 })], 3, 'complete'],
  'offset: total null': [offset, [page(2, { total: null }), page(1, { total: null })], 3, 'complete'],
  'offset: total negative': [offset, [page(2, { total: -1 })], 1, 'paginator_bad_total'],
  'offset: total a fraction': [offset, [page(2, { total: 2.5 })], 1, 'paginator_bad_total'],
  'offset: total a word': [offset, [page(2, { total: 'many' })], 1, 'paginator_bad_total'],
  'offset: total true': [offset, [page(2, { total: true })], 1, 'paginator_bad_total'],
  'offset: total an object': [offset, [page(2, { total: { value: 4 } })], 1, 'paginator_bad_total'],
  'offset: total beyond 2^53': [offset, [page(2, { total: 2 ** 53 })], 1, 'paginator_bad_total'],
  'offset: total wrong on an empty page': [offset, [page(2), page(0, { total: 'many' })], 2, 'complete'],
  'offset: total asked for, missing': [{ ...offset, totalPath: 'total' }, [page(2)], 1, 'paginator_missing_total'],
  'offset: total asked for, null': [
    { ...offset, totalPath: 't' },
    [page(2, { t: null })],
    1,
    'paginator_missing_total',
  ],
  'offset: total asked for, missing on an empty page': [{ ...offset, totalPath: 't' }, [page(0)], 1, 'complete'],
  'offset: total the only rule, missing': [
    { ...offset, stopAfterEmptyPage: false },
    [page(2)],
    1,
    'paginator_missing_total',
  ],
  'offset: total the only rule, too small': [
    { ...offset, stopAfterEmptyPage: false },
    [page(2, { total: 3 }), page(2, { total: 3 })],
    3,
    'complete',
  ],
  'offset: total of a full page, which may be of the page': [offset, [page(2, { total: 2 })], 2, 'complete'],
  'offset: total of the page': [offset, [page(2, { total: 2 }), page(2, { total: 2 }), page(1)], 4, 'complete'],
  'offset: total of a full page, as it was asked for': [
    { ...offset, totalPath: 'total' },
    [page(2, { total: 2 })],
    1,
    'complete',
  ],
  'offset: total of a full page, as the only rule': [
    { ...offset, stopAfterEmptyPage: false },
    [page(2, { total: 2 })],
    1,
    'complete',
  ],
  'offset: total of a full page, and no more': [
    { ...offset, hasMorePath: 'more' },
    [page(2, { total: 2, more: false })],
    1,
    'complete',
  ],
  'offset: the server caps pages at 1': [
    offset,
    [page(1, { total: 3 }), page(1, { total: 3 }), page(1, { total: 3 })],
    3,
    'complete',
  ],
  'offset: more records than asked for': [offset, [page(3, { total: 4 }), page(3, { total: 4 })], 2, 'complete'],
  'offset: maximum reached': [{ ...offset, maximumOffset: 4 }, [page(2), page(2), page(2)], 2, 'capped'],
  'offset: maximum no multiple of the limit': [
    { ...offset, maximumOffset: 3 },
    [page(2), page(2), page(2)],
    2,
    'capped',
  ],
  'offset: maximum and total at once': [
    { ...offset, totalPath: 'total', maximumOffset: 2 },
    [page(2, { total: 2 })],
    1,
    'complete',
  ],
  'offset: maximum and no more': [{ ...offset, ...more, maximumOffset: 2 }, [page(2, { more: false })], 1, 'complete'],
  'offset: maximum is not overruled': [
    { ...offset, ...more, maximumOffset: 2 },
    [page(2, { more: true })],
    1,
    'capped',
  ],
  'offset: empty pages are skipped': [
    { ...offset, totalPath: 'total', stopAfterEmptyPage: false },
    [page(0, { total: 4 }), page(2, { total: 4 })],
    2,
    'complete',
  ],
  'offset: more, then no more': [
    { ...offset, ...more },
    [page(2, { more: true }), page(2, { more: false })],
    2,
    'complete',
  ],
  'offset: more as words': [{ ...offset, ...more }, [page(2, { more: 'Yes' }), page(2, { more: 'F' })], 2, 'complete'],
  'offset: more as digits in text': [
    { ...offset, ...more },
    [page(2, { more: '1' }), page(2, { more: '0' })],
    2,
    'complete',
  ],
  'offset: more as a number': [{ ...offset, ...more }, [page(2, { more: 1 })], 1, 'paginator_bad_has_more'],
  'offset: more as an unknown word': [
    { ...offset, ...more },
    [page(2, { more: 'perhaps' })],
    1,
    'paginator_bad_has_more',
  ],
  'offset: more missing': [{ ...offset, ...more }, [page(2)], 1, 'paginator_missing_has_more'],
  'offset: more null': [{ ...offset, ...more }, [page(2, { more: null })], 1, 'paginator_missing_has_more'],
  'offset: more missing on an empty page': [{ ...offset, ...more }, [page(0)], 1, 'complete'],
  'offset: always more, then empty': [{ ...offset, ...more }, [page(2, { more: true })], 2, 'unproved'],
  'offset: more, but the total says no': [
    { ...offset, hasMorePath: 'more' },
    [page(2, { total: 2, more: true })],
    1,
    'unproved',
  ],
  'offset: no more, but the total says yes': [
    { ...offset, hasMorePath: 'more' },
    [page(2, { total: 9, more: false })],
    1,
    'complete',
  ],
  'page: no total': [numbered, [page(2), page(1)], 3, 'complete'],
  'page: total': [numbered, [page(2, { total: 2 }), page(2, { total: 2 })], 2, 'complete'],
  'page: total as text': [numbered, [page(2, { total: '2' }), page(1, { total: '2' })], 2, 'complete'],
  'page: total that counts rows': [numbered, [page(2, { total: 3 }), page(1, { total: 3 })], 3, 'complete'],
  'page: total grows': [numbered, [page(1, { total: 2 }), page(1, { total: 3 }), page(1, { total: 3 })], 3, 'complete'],
  'page: total shrinks': [numbered, [page(1, { total: 5 }), page(1, { total: 2 })], 2, 'complete'],
  'page: total null': [numbered, [page(1, { total: null })], 2, 'complete'],
  'page: total a word': [numbered, [page(1, { total: 'many' })], 1, 'paginator_bad_total'],
  'page: always more, then empty': [{ ...numbered, ...more }, [page(1, { more: true })], 2, 'unproved'],
  'page: more, but the total says no': [
    { ...numbered, hasMorePath: 'more' },
    [page(1, { total: 1, more: true })],
    1,
    'unproved',
  ],
  'page: maximum is not overruled': [{ ...numbered, ...more, maximumPage: 2 }, [page(1, { more: true })], 1, 'capped'],
  'page: total from base 0': [{ type: 'page_number' }, [page(2, { total: 2 }), page(2, { total: 2 })], 2, 'complete'],
  'page: total 0 but records': [numbered, [page(2, { total: 0 })], 2, 'complete'],
  'page: total too large': [numbered, [page(2, { total: 5 })], 2, 'complete'],
  'page: total in the middle': [
    { ...numbered, page: 3 },
    [page(2, { total: 4 }), page(2, { total: 4 })],
    2,
    'complete',
  ],
  'page: begun behind the end': [{ ...numbered, page: 9 }, [page(0, { total: 4 })], 1, 'complete'],
  'page: total asked for, missing': [{ ...numbered, totalPath: 'pages' }, [page(2)], 1, 'paginator_missing_total'],
  'page: total negative': [numbered, [page(2, { total: -1 })], 1, 'paginator_bad_total'],
  'page: maximum': [{ ...numbered, maximumPage: 3 }, [page(1), page(1), page(1)], 2, 'capped'],
  'page: maximum from base 0': [
    { type: 'page_number', maximumPage: 3 },
    [page(1), page(1), page(1), page(1)],
    3,
    'capped',
  ],
  'page: maximum and the last page': [{ ...numbered, maximumPage: 2 }, [page(1, { total: 1 })], 1, 'complete'],
  'page: more, then no more': [
    { ...numbered, ...more },
    [page(1, { more: true }), page(1, { more: false })],
    2,
    'complete',
  ],
  'page: total the only rule, missing': [
    { ...numbered, stopAfterEmptyPage: false },
    [page(1)],
    1,
    'paginator_missing_total',
  ],
  'page: a maximum is a rule too': [
    { ...numbered, stopAfterEmptyPage: false, maximumPage: 3 },
    [page(1), page(0), page(1)],
    2,
    'capped',
  ],
  'page: more missing': [{ ...numbered, ...more }, [page(1)], 1, 'paginator_missing_has_more'],
  'page: empty pages are skipped': [
    { ...numbered, ...more, stopAfterEmptyPage: false },
    [page(0, { more: true }), page(1, { more: false })],
    2,
    'complete',
  ],
  'cursor: until null': [cursor, [page(1, { next: 'a' }), page(1, { next: null })], 2, 'complete'],
  'cursor: until missing': [cursor, [page(1, { next: 'a' }), page(1)], 2, 'complete'],
  'cursor: until empty text': [cursor, [page(1, { next: 'a' }), page(1, { next: '' })], 2, 'complete'],
  'cursor: until 0': [cursor, [page(1, { next: 1 }), page(1, { next: 0 })], 2, 'complete'],
  'cursor: until false': [cursor, [page(1, { next: false })], 1, 'complete'],
  'cursor: the word null is a cursor': [cursor, [page(1, { next: 'null' }), page(1)], 2, 'complete'],
  'cursor: an object': [cursor, [page(1, { next: { id: 1 } })], 1, 'config_invalid'],
  'cursor: an empty page in between': [cursor, [page(0, { next: 'a' }), page(1)], 2, 'complete'],
  'cursor: stop at an empty page': [{ ...cursor, stopAfterEmptyPage: true }, [page(0, { next: 'a' })], 1, 'complete'],
  'cursor: no more in spite of a cursor': [
    { ...cursor, hasMorePath: 'more' },
    [page(1, { next: 'a', more: false })],
    1,
    'complete',
  ],
  'cursor: more but no cursor': [{ ...cursor, hasMorePath: 'more' }, [page(1, { more: true })], 1, 'unproved'],
  'cursor: more missing': [{ ...cursor, hasMorePath: 'more' }, [page(1)], 1, 'paginator_missing_has_more'],
  'link: until null': [link, [page(1, { next: '/items?p=2' }), page(1, { next: null })], 2, 'complete'],
  'link: until missing': [link, [page(1, { next: '/items?p=2' }), page(1)], 2, 'complete'],
  'link: empty': [link, [page(1, { next: '' })], 1, 'complete'],
  'link: blank': [link, [page(1, { next: ' ' })], 1, 'complete'],
  'link: false': [link, [page(1, { next: false })], 1, 'complete'],
  'link: 0': [link, [page(1, { next: 0 })], 1, 'complete'],
  'link: a number': [link, [page(1, { next: 2 })], 1, 'invalid_url'],
  'link: true': [link, [page(1, { next: true })], 1, 'invalid_url'],
  'link: an object': [link, [page(1, { next: { href: '/items' } })], 1, 'invalid_url'],
  'link: the word null is a URL': [link, [page(1, { next: 'null' }), page(1)], 2, 'complete'],
  'link: to an empty page': [link, [page(1, { next: '/items?p=2' }), page(0)], 2, 'complete'],
  'link: an empty page in between': [link, [page(0, { next: '/items?p=2' }), page(1)], 2, 'complete'],
  'link: no URL': [link, [page(1, { next: 'http://[' })], 1, 'invalid_url'],
}

test.each(Object.entries(table))('the end of %s', async (_, [paginator, pages, requests, expected]) => {
  let asked = 0
  const server = scripted(pages)
  let outcome: string | undefined
  try {
    const { end } = await drive(
      paginator,
      (request, index) => {
        asked++
        return server(request, index)
      },
      { selector: 'data' },
    )
    outcome = end
  } catch (error) {
    if (!isSynclineError(error)) throw error
    outcome = error.code
  }
  expect({ requests: asked, outcome }).toEqual({ requests, outcome: expected })
})

test('a Link header that is not read to its end does not prove the end', async () => {
  const headers = { link: `</items?page=1>; rel="first"; title="${'x'.repeat(20_000)}"` }
  const header = { type: 'header_link' } as const
  await expect(drive(header, () => ({ body: page(1), headers }))).rejects.toThrowError(
    expect.objectContaining({ code: 'body_too_large' }),
  )
  const readable = { link: `</items?page=2>; rel="next", ${headers.link}` }
  const driven = await drive(header, (_, index) => ({ body: page(1), headers: index === 0 ? readable : {} }))
  expect(driven).toMatchObject({ requests: { length: 2 }, end: 'complete' })
})

test.each([offset, numbered, cursor, link, { ...offset, hasMorePath: 'more' }, { ...cursor, hasMorePath: 'more' }])(
  'a page without a body is an empty page and no error: %j',
  async (paginator) => {
    expect(await drive(paginator, () => ({}))).toMatchObject({ requests: { length: 1 }, end: 'complete' })
  },
)
