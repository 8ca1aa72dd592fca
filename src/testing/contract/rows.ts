import type { Dataset } from '../../store/dataset.ts'
import type { StoreCase } from './store-case.ts'
import { all, changed, entry, equal, key, rows, text, writer } from './support.ts'

/** Rows come in, are told apart, and go. */
export const rowCases: readonly StoreCase[] = [
  {
    name: 'a dataset that was never written is empty',
    async run({ store }) {
      const dataset = await store.open('d')
      const { value, version } = await dataset.position('u')
      equal([value, await dataset.units(), await dataset.tables()], [undefined, [], []])
      equal([await dataset.get('t', 'a'), await dataset.getMany('t', ['a', 1])], [undefined, [undefined, undefined]])
      equal([await all(dataset.scan('t')), await dataset.count('t')], [[], 0])
      equal(typeof version, 'string')
      equal(await changed(dataset, await dataset.version()), [])
    },
  },
  {
    name: 'rows and position are there after a commit, and after opening again',
    async run({ store, other }) {
      const dataset = await store.open('d')
      await writer(dataset).put('t', rows(3), { page: 1 })
      for (const each of [dataset, await store.open('d'), await other().open('d')]) {
        equal(await all(each.scan('t')), rows(3))
        equal((await each.position('u')).value, { page: 1 })
        equal([await each.units(), await each.tables(), await each.count('t')], [['u'], ['t'], 3])
      }
    },
  },
  {
    name: 'every read sees what others have committed meanwhile',
    async run({ store, other }) {
      const write = writer(await other().open('d'))
      for (const read of [
        async (dataset: Dataset) => (await dataset.get('t', 'a'))?.i,
        async (dataset: Dataset) => (await dataset.getMany('t', ['a']))[0]?.i,
        async (dataset: Dataset) => (await all(dataset.scan('t')))[0]?.value.i,
        async (dataset: Dataset) => ((await dataset.count('t')) === 1 ? 1 : undefined),
      ]) {
        const dataset = await store.open('d')
        await write.put('t', [['a', { i: 0 }]], {})
        await read(dataset)
        await write.put('t', [['a', { i: 1 }]], {})
        equal(await read(dataset), 1)
      }
    },
  },
  {
    name: 'put merges by key: added, updated and unchanged are told apart, whatever the order of fields',
    async run({ store }) {
      const { put } = writer(await store.open('d'))
      const first = await put('t', [
        ['a', { x: 1, y: { p: [1, 2], q: null } }],
        ['b', { x: 1 }],
      ])
      equal(first.tables, { t: { added: 2, updated: 0, unchanged: 0, deleted: 0 } })
      const second = await put('t', [
        ['a', { y: { q: null, p: [1, 2] }, x: 1 }],
        ['b', { x: '1' }],
        ['c', {}],
      ])
      equal(second.tables, { t: { added: 1, updated: 1, unchanged: 1, deleted: 0 } })
    },
  },
  {
    name: 'contents that look alike are different: the order of arrays, types, missing and null, names and values',
    async run({ store }) {
      const { put } = writer(await store.open('d'))
      const values = ['{}', '{"a":null}', '{"a":[]}', '{"a":{}}', '{"a":""}', '{"a":0}', '{"a":false}', '{"a":"0"}']
      values.push('{"a":[1,2]}', '{"a":[2,1]}', '{"a":[[1],2]}', '{"a":1.5}', '{"a":"b","c":"d"}', '{"a":"d","c":"b"}')
      values.push(
        '{"__proto__":1}',
        '{"__proto__":2}',
        '{"a":9007199254740991}',
        '{"a":-1}',
        '{"a":[null]}',
        '{"a":true}',
      )
      for (const [i, text] of values.entries()) {
        const { tables } = await put('t', [['k', JSON.parse(text)]])
        equal([text, tables.t?.added, tables.t?.updated], [text, i === 0 ? 1 : 0, i === 0 ? 0 : 1])
      }
    },
  },
  {
    name: 'with keep, put only adds: rows that are stored stay as they are, and count as unchanged',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const { put, write } = writer(dataset)
      await put('t', rows(300))
      await write({ t: { delete: [key(1)] } })
      const fresh = [key(0), key(1), 'new'].map((each) => entry(each, { fresh: true }))
      const { tables } = await write({ t: { put: fresh, delete: [key(2), 'absent'], keep: true } })
      equal(tables.t, { added: 2, updated: 0, unchanged: 1, deleted: 1 })
      const found = await (await other().open('d')).getMany('t', [key(0), key(1), key(2), 'new'])
      equal(found, [{ i: 0, text: text(0) }, { fresh: true }, undefined, { fresh: true }])
      equal((await write({ t: { put: [entry(key(0), { fresh: true })] } })).tables.t?.updated, 1)
    },
  },
  {
    name: 'with keep, a row that another unit has added meanwhile stays, and is no conflict',
    async run({ store, other }) {
      const [a, b] = [await store.open('d'), await other().open('d')]
      const { version: expect } = await a.position('one')
      await writer(b, 'two').put('t', [['shared', { by: 'two' }]], {}, 'two')
      const put = [entry('mine', {}), entry('shared', { by: 'one' })]
      const { tables } = await a.commit({ unit: 'one', position: {}, expect, tables: { t: { put, keep: true } } })
      equal(tables.t, { added: 1, updated: 0, unchanged: 1, deleted: 0 })
      for (const each of [a, b]) equal(await each.get('t', 'shared'), { by: 'two' })
    },
  },
  {
    name: 'a row that is changed and changed back counts as updated twice',
    async run({ store }) {
      const { put } = writer(await store.open('d'))
      for (const x of [1, 2, 1]) await put('t', [['a', { x }]])
      const { tables } = await put('t', [['a', { x: 1 }]])
      equal(tables.t, { added: 0, updated: 0, unchanged: 1, deleted: 0 })
    },
  },
  {
    name: 'delete removes; only rows that were there are counted; a row may come back, also with its old content',
    async run({ store }) {
      const dataset = await store.open('d')
      const { put, write } = writer(dataset)
      await put('t', rows(3))
      const { tables } = await write({ t: { delete: [key(1), 'absent'] } })
      equal(tables.t, { added: 0, updated: 0, unchanged: 0, deleted: 1 })
      equal([await dataset.get('t', key(1)), await dataset.count('t')], [undefined, 2])
      equal((await all(dataset.scan('t'))).length, 2)
      equal((await put('t', rows(3))).tables.t, { added: 1, updated: 0, unchanged: 2, deleted: 0 })
      equal(await all(dataset.scan('t')), rows(3))
    },
  },
  {
    name: 'a table that has lost its last row does not exist',
    async run({ store }) {
      const dataset = await store.open('d')
      const { put, write } = writer(dataset)
      await put('t', rows(2))
      await write({ t: { delete: [key(0), key(1)] } })
      equal([await dataset.tables(), await dataset.count('t')], [[], 0])
    },
  },
]
