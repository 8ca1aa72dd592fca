import { type ErrorCode, type JsonObject, openDataset } from 'syncline'
import { manyRows } from '../../../support/fake-api.ts'
import type { Api } from '../api.ts'
import { equal, fails, has, ok } from '../assert.ts'
import { idsIn } from '../rows.ts'
import type { Theme } from '../suite.ts'

const ROWS = manyRows(25)
const at = (second: number) => new Date(Date.UTC(2024, 0, 1) + second * 1000).toISOString()
const source = (api: Api, more: object = {}) =>
  api.source({ endpoint: { incremental: { cursorPath: 'updated_at', startParam: 'since', ...more } } })

export const incremental: Theme = {
  name: 'incremental',
  cases: [
    {
      name: 'the second run asks for what is new, and takes it',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source(api), store())
        await api.serves({ '/items': { rows: manyRows(27), by: 'offset' } })
        const { resources } = await api.sync(source(api), store())
        has(resources.items, { received: 3, added: 2, unchanged: 1 })
        equal(resources.items?.cursor, { before: at(25), after: at(27) })
        equal((await api.asked('since')).at(-1), at(25))
        equal((await idsIn(source(api), store())).length, 27)
      },
    },
    {
      name: 'the cursor moves only when a pass is complete',
      async run({ api, store }) {
        await api.serves({ '/items': [{ json: { data: ROWS.slice(0, 10), total: 25 } }, { status: 400 }] })
        await fails(api.sync(source(api), store()), 'http_status')
        equal(await (await openDataset(source(api), store())).cursors(), {})
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source(api), store())
        equal(await (await openDataset(source(api), store())).cursors(), { items: at(25) })
      },
    },
    {
      name: 'an initial value, and a lag',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        const lagging = source(api, { initialValue: at(21), lag: 2 })
        has((await api.sync(lagging, store())).resources.items, { received: 5 })
        has((await api.sync(lagging, store())).resources.items, { received: 3 })
        equal(await api.asked('since'), [at(21), at(23)])
      },
    },
    {
      name: 'a range is a backfill that leaves the cursor alone',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source(api), store())
        const range = source(api, { initialValue: at(3), endValue: at(7), endParam: 'until' })
        has((await api.sync(range, store())).resources.items, { received: 4, unchanged: 4 })
        equal(await (await openDataset(source(api), store())).cursors(), { items: at(25) })
      },
    },
    {
      name: 'a time in the future does not become the cursor: the Date of the server limits it',
      async run({ api, store }) {
        const rows = [...ROWS, { id: 99, updated_at: '2099-01-01T00:00:00.000Z' }]
        const date = 'Mon, 01 Jan 2024 00:00:10 GMT'
        await api.serves({ '/items': [{ json: { data: rows, total: 26 }, headers: { date } }] })
        const single = api.source({
          endpoint: { paginator: 'single_page', incremental: { cursorPath: 'updated_at', startParam: 'since' } },
        })
        const { resources } = await api.sync(single, store())
        const after = String(resources.items?.cursor?.after)
        ok(after >= at(9) && after <= at(10), `the cursor is ${after}`)
      },
    },
    {
      name: 'a record without a cursor, and one that is no time',
      async run({ api, store }) {
        for (const [row, code] of [
          [{ id: 1 }, 'cursor_missing'],
          [{ id: 1, updated_at: null }, 'cursor_null'],
          [{ id: 1, updated_at: [] }, 'cursor_type_mismatch'],
        ] as [JsonObject, ErrorCode][]) {
          await api.serves({ '/items': [{ json: { data: [row], total: 1 } }] })
          await fails(api.sync(source(api), store()), code)
        }
      },
    },
  ],
}
