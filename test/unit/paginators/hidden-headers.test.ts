import { expect, test } from 'vitest'
import type { PaginatorConfig } from '../../../src/paginators/index.ts'
import { drive, itemsRequest, type Reply } from './drive.ts'

const list = (count: number): Reply => ({
  body: Array.from({ length: count }, (_, id) => ({ id })),
  headersHidden: true,
})

type Row = [paginator: PaginatorConfig, reply: Reply, params: Record<string, number>, code: string | undefined]

const table: Record<string, Row> = {
  'as many as were asked for': ['header_link', list(2), { per_page: 2 }, 'header_not_exposed'],
  'a cursor header, as many as were asked for': ['header_cursor', list(2), { limit: 2 }, 'header_not_exposed'],
  'as many as pages usually have': ['header_link', list(30), {}, 'header_not_exposed'],
  'fewer than were asked for': ['header_link', list(30), { per_page: 100 }, undefined],
  nothing: ['header_link', list(0), { per_page: 0 }, undefined],
  'a number that is no usual page': ['header_link', list(7), {}, undefined],
  'the header is there, but names no next page': [
    'header_link',
    { ...list(2), headers: { link: '</items>; rel="last"' } },
    { per_page: 2 },
    undefined,
  ],
  'all headers are seen': ['header_link', { body: [1, 2] }, { per_page: 2 }, undefined],
  'automatic, as many as were asked for': ['auto', list(2), { per_page: 2 }, 'header_not_exposed'],
  'automatic, as many as pages usually have': ['auto', list(100), {}, undefined],
  'the paginator for one page': ['single_page', list(2), { per_page: 2 }, undefined],
}

test.each(Object.entries(table))('a header that may be hidden: %s', async (_, [paginator, reply, params, code]) => {
  const run = () => drive(paginator, () => reply, { request: { ...itemsRequest, params } })
  if (code === undefined) expect((await run()).end).toMatch(/^(?:complete|unproved)$/)
  else
    await expect(run()).rejects.toThrowError(
      expect.objectContaining({ code, hint: expect.stringContaining('Access-Control-Expose-Headers') }),
    )
})

test('a size in the URL counts, and only the first page is judged', async () => {
  const url = 'https://api.example.com/items?per_page=2'
  await expect(drive('header_link', () => list(2), { request: { ...itemsRequest, url } })).rejects.toThrowError(
    expect.objectContaining({ code: 'header_not_exposed' }),
  )
  const pages = [{ ...list(2), headers: { link: '<?per_page=2&p=2>; rel=next' } }, list(2)]
  const server = (_: unknown, index: number) => pages[index] ?? {}
  expect((await drive('header_link', server, { request: { ...itemsRequest, url } })).end).toBe('complete')
})
