import { manyRows } from '../../../support/fake-api.ts'
import { equal, has, ok } from '../assert.ts'
import { idsIn } from '../rows.ts'
import type { Theme } from '../suite.ts'

const ROWS = manyRows(35)
const full = { full: true }

export const fullRefresh: Theme = {
  name: 'full refresh',
  cases: [
    {
      name: 'removes rows that the API no longer has, and no others',
      async run({ api, store }) {
        const source = api.source()
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source, store())
        const left = ROWS.filter(({ id }) => Number(id) % 7 !== 0)
        await api.serves({ '/items': { rows: left, by: 'offset' } })
        has((await api.sync(source, store(), full)).resources.items, { unchanged: 30, swept: 5, complete: true })
        equal(
          await idsIn(source, store()),
          left.map(({ id }) => id),
        )
      },
    },
    {
      name: 'asks before it removes more than half, and goes on with the answer',
      async run({ api, store }) {
        const source = api.source()
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source, store())
        await api.serves({ '/items': { rows: ROWS.slice(0, 5), by: 'offset' } })
        const { status, confirm = '' } = await api.sync(source, store(), full)
        equal([status, (await idsIn(source, store())).length], ['needs_confirmation', 35])
        has((await api.sync(source, store(), { ...full, confirm })).resources.items, { swept: 30 })
        equal((await idsIn(source, store())).length, 5)
      },
    },
    {
      name: 'removes nothing when a page is missing',
      async run({ api, store }) {
        const source = api.source()
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source, store())
        const page = (from: number) => ({ json: { data: ROWS.slice(from, from + 10), total: 36 } })
        await api.serves({ '/items': [0, 10, 20, 30, 40].map(page) })
        const { resources } = await api.sync(source, store(), full)
        equal([resources.items?.swept, (await idsIn(source, store())).length], [0, 35])
        ok(!resources.items?.complete || resources.items.unswept !== undefined, 'it does not say why')
      },
    },
    {
      name: 'an empty answer removes nothing',
      async run({ api, store }) {
        const source = api.source()
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source, store())
        await api.serves({ '/items': { rows: [], by: 'offset' } })
        equal((await api.sync(source, store(), full)).status, 'needs_confirmation')
        equal((await idsIn(source, store())).length, 35)
      },
    },
    {
      name: 'a replaced table shows its old rows until the new ones are complete',
      async run({ api, store }) {
        const source = api.source({ writeDisposition: 'replace' })
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source, store())
        await api.serves({ '/items': { rows: manyRows(15, 100), by: 'offset' } })
        await api.sync(source, store(), { limit: { pages: 1 } })
        equal((await idsIn(source, store())).length, 35)
        await api.sync(source, store())
        equal(
          await idsIn(source, store()),
          manyRows(15, 100).map(({ id }) => id),
        )
      },
    },
  ],
}
