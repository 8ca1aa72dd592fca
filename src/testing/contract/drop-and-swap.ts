import type { StoreCase } from './store-case.ts'
import { all, entry, equal, fill, key, rows, text, writer } from './support.ts'

/** Tables that are emptied and replaced. */
export const dropAndSwapCases: readonly StoreCase[] = [
  {
    name: 'drop empties tables before the rows of the same commit come in',
    async run({ store, other }) {
      const dataset = await store.open('d')
      await fill(dataset, 500)
      const { commit } = writer(dataset)
      const { tables } = await commit({ drop: ['t', 'absent'], tables: { t: { put: rows(2) } } })
      equal(tables.t, { added: 2, updated: 0, unchanged: 0, deleted: 0 })
      equal(await all((await other().open('d')).scan('t')), rows(2))
    },
  },
  {
    name: 'swap puts a staged table in the place of the live one; readers see the old rows until then',
    async run({ store, other }) {
      const dataset = await store.open('d')
      await fill(dataset, 500)
      const { put, commit } = writer(dataset)
      await put(
        'staged',
        rows(300).map(({ key: k }) => [k, { fresh: true }]),
      )
      equal(await dataset.get('t', key(1)), { i: 1, text: text(1) })
      await commit({ tables: { staged: { put: [entry('last', {})] } }, swap: { t: 'staged' } })
      for (const each of [dataset, await other().open('d')]) {
        equal([await each.count('t'), await each.tables()], [301, ['t']])
        equal([await each.get('t', key(1)), await each.get('t', key(400))], [{ fresh: true }, undefined])
      }
      const { tables } = await put('t', [[key(1), { fresh: true }]])
      equal(tables.t?.unchanged, 1)
    },
  },
  {
    name: 'a swap with a staged table that has no rows empties the live one',
    async run({ store }) {
      const dataset = await store.open('d')
      await fill(dataset, 300)
      await writer(dataset).commit({ swap: { t: 'absent' } })
      equal([await dataset.count('t'), await dataset.tables(), await all(dataset.scan('t'))], [0, [], []])
    },
  },
]
