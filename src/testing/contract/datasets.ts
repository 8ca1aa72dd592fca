import type { StoreCase } from './store-case.ts'
import { equal, fill, rejects, rows, writer } from './support.ts'

/** Datasets as a whole. */
export const datasetCases: readonly StoreCase[] = [
  {
    name: 'datasets are apart, and any text is a name',
    async run({ store, other }) {
      const names = [
        'd',
        'D',
        '',
        '.',
        '..',
        '../d',
        'a/b',
        '__proto__',
        '\0',
        '\ud800',
        '\udc00',
        'x'.repeat(1000),
        'd:',
      ]
      for (const [i, name] of names.entries()) await writer(await store.open(name)).put('t', [['a', { i }]])
      for (const [i, name] of names.entries()) equal(await (await other().open(name)).get('t', 'a'), { i })
    },
  },
  {
    name: 'dropping a dataset forgets all of it and leaves the others',
    async run({ store, other }) {
      const open = await store.open('d')
      await fill(open, 500)
      await writer(await store.open('e')).put('t', rows(2))
      const expect = (await open.position('u')).version
      await store.drop('d')
      await store.drop('absent')
      const again = await other().open('d')
      equal([await again.count('t'), await again.units(), await again.tables()], [0, [], []])
      equal(await (await other().open('e')).count('t'), 2)
      await rejects('conflict', () => open.commit({ unit: 'u', position: 1, expect, tables: { t: { put: rows(1) } } }))
      equal((await writer(await other().open('d')).put('t', rows(2))).tables.t?.added, 2)
    },
  },
  {
    name: 'usage grows with what is done; limits are positive',
    async run({ store }) {
      const dataset = await store.open('d')
      const before = dataset.usage()
      await writer(dataset).put('t', rows(100))
      const after = dataset.usage()
      equal(after.operations > before.operations && after.bytesWritten > before.bytesWritten + 2000, true)
      const { commitBytes, commitMs, maxOps } = dataset.limits
      equal([commitBytes > 0, commitMs >= 0, maxOps > 0], [true, true, true])
    },
  },
]
