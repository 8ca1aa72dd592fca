import { manyRows } from '../../../support/fake-api.ts'
import type { Paging, Script } from '../../api/script.ts'
import { equal, fails } from '../assert.ts'
import type { Case, Theme, World } from '../suite.ts'

const ROWS = manyRows(25)
const IDS = ROWS.map(({ id }) => id)
const table = (by: Paging): Script => ({ '/items': { rows: ROWS, by } })

/** Reads all 25 rows in three pages; the values of the parameter that leads from page to page. */
function reads(name: string, by: Paging, endpoint: object, param: string, values: (string | null)[]): Case {
  return {
    name,
    async run({ api }: World) {
      await api.serves(table(by))
      const rows = await api.read(endpoint)
      equal([rows.map(({ id }) => id), rows], [IDS, ROWS])
      equal(
        (await api.asked(param)).map((value) => value ?? null),
        values,
      )
    },
  }
}

const data = { dataSelector: 'data' }

export const paginators: Theme = {
  name: 'paginators',
  cases: [
    reads('offset', 'offset', { ...data, paginator: { type: 'offset', limit: 10 } }, 'offset', ['0', '10', '20']),
    reads(
      'page_number',
      'page',
      { ...data, paginator: { type: 'page_number', basePage: 1 }, params: { limit: 10 } },
      'page',
      ['1', '2', '3'],
    ),
    reads(
      'cursor',
      'cursor',
      { ...data, paginator: { type: 'cursor', cursorPath: 'next', cursorParam: 'cursor' } },
      'cursor',
      [null, '10', '20'],
    ),
    reads('json_link', 'link', { ...data, paginator: { type: 'json_link', nextUrlPath: 'next' } }, 'cursor', [
      null,
      '10',
      '20',
    ]),
    reads('header_link', 'header link', { paginator: 'header_link' }, 'cursor', [null, '10', '20']),
    reads(
      'header_cursor',
      'header cursor',
      { paginator: { type: 'header_cursor', cursorKey: 'X-Next', cursorParam: 'cursor' } },
      'cursor',
      [null, '10', '20'],
    ),
    reads('auto finds a link in the body', 'link', {}, 'cursor', [null, '10', '20']),
    reads('auto finds a Link header', 'header link', {}, 'cursor', [null, '10', '20']),
    reads('a paginator of your own', 'offset', { ...data, paginator: own() }, 'offset', ['0', '10', '20']),
    {
      name: 'single_page asks once',
      async run({ api }) {
        await api.serves(table('none'))
        equal((await api.read({ ...data, paginator: 'single_page' })).length, 25)
        equal((await api.log()).length, 1)
      },
    },
    {
      name: 'links in a circle are an error',
      async run({ api }) {
        const page = (id: number, next: string) => [{ json: { data: [{ id }], next: `${api.base}${next}` } }]
        await api.serves({ '/items': page(1, '/b'), '/b': page(2, '/c'), '/c': page(3, '/b') })
        await fails(api.read({ ...data, paginator: 'json_link' }), 'pagination_loop')
      },
    },
    {
      name: 'a server that ignores paging is an error',
      async run({ api }) {
        await api.serves({ '/items': [{ json: { data: ROWS.slice(0, 2) } }] })
        await fails(api.read({ ...data, paginator: { type: 'offset', limit: 2 } }), 'pagination_no_progress')
      },
    },
    {
      name: 'parameters arrive as they are, whatever their characters',
      async run({ api }) {
        await api.serves({ '/items': [{ json: [] }] })
        const params = { q: 'ä &=+/?#%20\u{1f600}', list: ['a', 'b c'], flag: true, n: 1.5 }
        await api.read({ paginator: 'single_page', params })
        const [{ query } = { query: {} }] = await api.log()
        equal(query, { q: params.q, list: 'b c', flag: 'true', n: '1.5' })
      },
    },
  ],
}

/** By offset, written by hand. */
function own() {
  return {
    start: () => ({ at: 0 }),
    apply: (request: { params: object }, { at }: { at: number }) => ({
      ...request,
      params: { ...request.params, offset: at, limit: 10 },
    }),
    next: ({ count }: { count: number }, { at }: { at: number }) =>
      count < 10 ? { end: 'complete' } : { next: { at: at + 10 } },
  }
}
