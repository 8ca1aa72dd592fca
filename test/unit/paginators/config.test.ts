import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import { createPaginator } from '../../../src/paginators/create.ts'
import { type PaginatorConfig, type PaginatorName, paginatorSchema } from '../../../src/paginators/index.ts'

const custom = { start: () => ({}), apply: (request: never) => request, next: () => ({ end: 'complete' }) }

const accepted: unknown[] = [
  'auto',
  'single_page',
  'page_number',
  'cursor',
  'header_cursor',
  'json_link',
  'header_link',
  custom,
  { type: 'offset', limit: 1 },
  { type: 'offset', limit: 1, totalPath: null },
  { type: 'offset', limit: 1, totalPath: null, stopAfterEmptyPage: false, maximumOffset: 10 },
  { type: 'offset', limit: 1, totalPath: null, stopAfterEmptyPage: false, hasMorePath: 'a.b' },
  { type: 'page_number', basePage: 1, totalPath: "['@total'].pages" },
  { type: 'cursor', cursorBodyPath: 'page.token' },
]

test.each(accepted)('%j is a paginator', async (config) => {
  const parsed = v.parse(paginatorSchema, config)
  expect((await createPaginator(parsed)).start()).toBeTypeOf('object')
})

const refused: [config: unknown, message: RegExp][] = [
  ['no_such', /Expected \("auto" \| "single_page" \| "offset"/],
  ['__proto__', /Expected \("auto"/],
  ['offset', /Expected "limit"/],
  [7, /^an object with one of the types "auto", "single_page"/],
  [{ type: 'no_such' }, /Expected \("auto"/],
  [{ type: 'constructor' }, /Expected \("auto"/],
  [{}, /Expected "type"/],
  [{ ...custom, next: 'x' }, /^a paginator: an object with the functions/],
  [{ next: () => ({}) }, /^a paginator/],
  [{ type: 'offset' }, /Expected "limit"/],
  [{ type: 'offset', limit: 0 }, /^a whole number above 0/],
  [{ type: 'offset', limit: 1.5 }, /^a whole number/],
  [{ type: 'offset', limit: '10' }, /^a whole number above 0/],
  [{ type: 'offset', limit: 1, ofset: 1 }, /^type limit offset /],
  [{ type: 'offset', limit: 1, offset: -1 }, /^a whole number of 0 or more/],
  [{ type: 'offset', limit: 1, offsetParam: '' }, /^a string that is not empty/],
  [{ type: 'offset', limit: 1, offsetParam: 'o', offsetBodyPath: 'o' }, /offsetParam or offsetBodyPath, not both/],
  [{ type: 'offset', limit: 1, limitParam: 'o', limitBodyPath: 'o' }, /limitParam or limitBodyPath, not both/],
  [{ type: 'offset', limit: 1, totalPath: 'a[' }, /^a path/],
  [{ type: 'offset', limit: 1, limitBodyPath: 'a..b' }, /^keys with dots/],
  [{ type: 'offset', limit: 1, totalPath: null, stopAfterEmptyPage: false }, /^a rule that ends the pages/],
  [{ type: 'page_number', pageParam: 'p', pageBodyPath: 'p' }, /pageParam or pageBodyPath, not both/],
  [{ type: 'page_number', pageParam: '' }, /^a string that is not empty/],
  [{ type: 'page_number', totalPath: null, stopAfterEmptyPage: false }, /^a rule that ends the pages/],
  [{ type: 'cursor', cursorParam: 'c', cursorBodyPath: 'c' }, /cursorParam or cursorBodyPath, not both/],
  [{ type: 'header_cursor', cursorKey: 'a b' }, /^the name of a header/],
]

test.each(refused)('%j is refused', (config, message) => {
  const { success, issues } = v.safeParse(paginatorSchema, config)
  expect(success).toBe(false)
  expect(issues?.map((issue) => issue.message).join('; ')).toMatch(message)
})

test('the list of mechanisms gives the types', () => {
  expectTypeOf<PaginatorName>().toEqualTypeOf<
    'auto' | 'single_page' | 'page_number' | 'cursor' | 'header_cursor' | 'json_link' | 'header_link'
  >()
  expectTypeOf<{ type: 'offset'; limit: 100 }>().toExtend<PaginatorConfig>()
  // @ts-expect-error: offset needs a limit
  expectTypeOf<'offset'>().toExtend<PaginatorConfig>()
  // @ts-expect-error: no such option
  const config: PaginatorConfig = { type: 'json_link', nextUrl: 'next' }
  expect(config).toBeDefined()
})
