import type { JsonObject } from '../../json.ts'
import type { Commit } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'
import type { StoreCase } from './store-case.ts'
import { all, entry, equal, rejects, rows, writer } from './support.ts'

/** What is atomic, what is a conflict and what is none. */
export const commitCases: readonly StoreCase[] = [
  {
    name: 'tables are apart, and any text is a name',
    async run({ store }) {
      const dataset = await store.open('d')
      const names = ['t', 'T', '', '__proto__', 'constructor', '../x', 'a/b', '\0', '\ud800', '_seen', 'é'.repeat(500)]
      const { write } = writer(dataset)
      for (const [i, name] of names.entries()) {
        await write(Object.fromEntries([[name, { put: [{ key: 'a', value: { i } }] }]]))
      }
      for (const [i, name] of names.entries()) equal(await dataset.get(name, 'a'), { i })
      equal((await dataset.tables()).sort(), names.sort())
    },
  },
  {
    name: 'a commit changes several tables at once',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const { write } = writer(dataset)
      const result = await write({ a: { put: rows(400) }, b: { put: rows(2) }, c: {} })
      equal([result.tables.a?.added, result.tables.b?.added, result.tables.c?.added], [400, 2, 0])
      const again = await other().open('d')
      equal([await again.count('a'), await again.count('b'), await again.count('c')], [400, 2, 0])
    },
  },
  {
    name: 'a commit without rows moves the position; its version changes even if its value does not',
    async run({ store }) {
      const dataset = await store.open('d')
      const { write } = writer(dataset)
      const first = await write({}, { page: 1 })
      const second = await write({}, { page: 1 })
      equal([(await dataset.position('u')).value, first.version === second.version], [{ page: 1 }, false])
      equal((await dataset.position('u')).version, second.version)
    },
  },
  {
    name: 'units have positions of their own, and any text is a name',
    async run({ store }) {
      const dataset = await store.open('d')
      for (const unit of ['u', '__proto__', '', '\0', '\ud800']) await writer(dataset).put('t', rows(1), { unit }, unit)
      for (const unit of await dataset.units()) equal((await dataset.position(unit)).value, { unit })
      equal((await dataset.units()).length, 5)
      equal((await dataset.position('constructor')).value, undefined)
    },
  },
  {
    name: 'a commit on a position that has moved is a conflict, and changes nothing',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const rival = await other().open('d')
      const stale = (await dataset.position('u')).version
      await writer(rival).put('t', [['a', { by: 'rival' }]])
      const commit: Commit = { unit: 'u', position: 2, expect: stale, tables: { t: { put: rows(500) } } }
      await rejects('conflict', () => dataset.commit(commit))
      await rejects('conflict', () => dataset.commit({ ...commit, expect: 'nonsense' }))
      equal([await dataset.count('t'), (await dataset.position('u')).value], [1, {}])
      equal((await writer(dataset).put('t', rows(2))).tables.t?.added, 2)
    },
  },
  {
    name: 'commits of other units and rows are no conflict',
    async run({ store, other }) {
      const [a, b] = [await store.open('d'), await other().open('d')]
      const [one, two] = [writer(a, 'one'), writer(b, 'two')]
      for (let i = 0; i < 12; i++) {
        const counts = await one.put('t', [[`one${i}`, { i }]], { i }, 'one')
        equal(counts.tables.t?.added, 1)
        await two.put(
          't',
          Array.from({ length: 40 }, (_, j): [Key, JsonObject] => [`two${i}-${j}`, { i, j }]),
          { i },
          'two',
        )
      }
      equal([await a.count('t'), await b.count('t')], [12 * 41, 12 * 41])
      equal((await a.position('two')).value, { i: 11 })
    },
  },
  {
    name: 'a row that another unit changed since this dataset last looked is a conflict',
    async run({ store, other }) {
      const [a, b] = [await store.open('d'), await other().open('d')]
      const mine = writer(a, 'one')
      await mine.put('t', [['shared', { v: 0 }]], {}, 'one')
      const expect = (await a.position('one')).version
      await writer(b, 'two').put('t', [['shared', { v: 1 }]], {}, 'two')
      const commit: Commit = { unit: 'one', position: {}, expect, tables: { t: { put: [entry('shared', { v: 2 })] } } }
      await rejects('conflict', () => a.commit(commit))
      equal(await a.get('t', 'shared'), { v: 1 })
      await a.version()
      await a.commit(commit)
      equal(await b.version(), await a.version())
      equal(await b.get('t', 'shared'), { v: 2 })
    },
  },
  {
    name: 'concurrent commits of many units lose nothing',
    async run({ store, other, lacks }) {
      const third = lacks?.includes('cas') ? store : other()
      const datasets = [await store.open('d'), await store.open('d'), await third.open('d')]
      const work = datasets.map(async (dataset, w) => {
        const { put } = writer(dataset, `u${w}`)
        for (let i = 0; i < 15; i++) {
          const added = Array.from({ length: i % 3 === 0 ? 200 : 3 }, (_, j): [Key, JsonObject] => [
            `${w}-${i}-${j}`,
            { w },
          ])
          await put('t', added, { i }, `u${w}`)
        }
      })
      await Promise.all(work)
      const again = await other().open('d')
      equal(
        [await again.count('t'), (await all(again.scan('t'))).length],
        [3 * (5 * 200 + 10 * 3), 3 * (5 * 200 + 10 * 3)],
      )
      for (const w of [0, 1, 2]) equal((await again.position(`u${w}`)).value, { i: 14 })
    },
  },
  {
    name: 'opened again after each kind of interruption, it has the old pair of rows and position, or the new one',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const { put, commit } = writer(dataset)
      await put('t', rows(300), { pair: 'old' })
      const pair = async () => {
        for (const again = await other().open('d'); ; ) {
          const before = await again.version()
          const seen = [(await again.position('u')).value, (await all(again.scan('t'))).length, await again.count('t')]
          // What was committed in the midst of looking proves nothing.
          if (before === (await again.version())) return seen
        }
      }
      const [old, next] = [
        [{ pair: 'old' }, 300, 300],
        [{ pair: 'new' }, 900, 900],
      ]
      equal(await pair(), old)
      const throws = () => {
        throw new Error('mine')
      }
      const unreadable = { toJSON: throws } as unknown as JsonObject
      for (const tables of [
        { t: { put: [...rows(900), entry('x', { unreadable })] } },
        { t: { put: [...rows(900), entry(Number.NaN, {})] } },
        { t: { put: [...rows(900), entry('x', {})], delete: ['x'] } },
      ]) {
        await commit({ tables }).then(throws, () => {})
        equal(await pair(), old)
      }
      const committing = put('t', rows(900), { pair: 'new' })
      const met = await pair()
      equal(met, met[1] === 300 ? old : next)
      const closing = dataset.close() // waits for the commit that is under way
      await committing
      await closing
      equal(await pair(), next)
    },
  },
  {
    name: 'two changes of one row in a commit are refused',
    async run({ store }) {
      const dataset = await store.open('d')
      await rejects('key_not_unique', () =>
        writer(dataset).put('t', [
          ['a', {}],
          ['a', { x: 1 }],
        ]),
      )
      await rejects('key_not_unique', () => writer(dataset).write({ t: { put: [entry('a', {})], delete: ['a'] } }))
      equal(await dataset.count('t'), 0)
    },
  },
]
