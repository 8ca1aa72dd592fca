import type { Dataset, TableChanges } from '../../store/dataset.ts'
import type { StoreCase } from './store-case.ts'
import { all, changed, entry, equal, key, rows, writer } from './support.ts'

/** What has changed, and who is told that something has. */
export const changeCases: readonly StoreCase[] = [
  {
    name: 'changes tells each row that changed since a version once, with its latest state',
    async run({ store }) {
      const dataset = await store.open('d')
      const { put, write } = writer(dataset)
      await put('t', rows(300))
      const since = await dataset.version()
      await put('t', [
        [key(1), { x: 1 }],
        ['new', { x: 1 }],
        ['gone', {}],
        [key(2), rows(3)[2]?.value ?? {}],
      ])
      await write({ t: { put: [entry(key(1), { x: 2 })], delete: ['gone', key(5)] } })
      await put('s', rows(200))
      const found = await changed(dataset, since)
      equal(
        found?.filter(({ table }) => table === 't'),
        [
          { type: 'deleted', table: 't', key: 'gone' },
          { type: 'updated', table: 't', key: key(1), value: { x: 2 } },
          { type: 'deleted', table: 't', key: key(5) },
          { type: 'added', table: 't', key: 'new', value: { x: 1 } },
        ],
      )
      equal(found?.filter(({ table }) => table === 's').length, 200)
      equal(await changed(dataset, await dataset.version()), [])
    },
  },
  {
    name: 'changes says reset for a version that it does not know any more, and after drop or swap',
    async run({ store }) {
      const dataset = await store.open('d')
      const { put, commit } = writer(dataset)
      equal(await dataset.changes('nonsense'), 'reset')
      await put('t', rows(3))
      const early = await dataset.version()
      await commit({ drop: ['t'] })
      equal(await dataset.changes(early), 'reset')
    },
  },
  {
    name: 'changes of one table are those of no other; only its own drop or swap is a reset',
    async run({ store }) {
      const dataset = await store.open('d')
      const { put, commit } = writer(dataset)
      await put('t', rows(2))
      await put('s', rows(2))
      const since = await dataset.version()
      const two: TableChanges = { put: [entry('x', {})] }
      await commit({ drop: ['s', 'absent'], swap: { none: 'neither' }, tables: { t: two, staged: two } })
      await commit({ swap: { u: 'staged' } })
      equal(await changed(dataset, since, 't'), [{ type: 'added', table: 't', key: 'x', value: {} }])
      equal(await changed(dataset, since, 'absent'), [])
      for (const table of ['s', 'u', 'staged', undefined]) equal(await dataset.changes(since, table), 'reset')
    },
  },
  {
    name: 'changes say up to which version they are; those since then are the rest, and none is told twice or missed',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const { put, write } = writer(await other().open('d'))
      await put('t', rows(3))
      const first = await dataset.changes('')
      await write({ t: { put: [entry(key(0), { x: 1 }), entry('new', {})], delete: [key(1)] } })
      await dataset.version()
      if (first === 'reset') throw new Error('Expected changes since the beginning')
      equal(
        (await all(first)).map(({ type, key: each }) => [type, each]),
        [0, 1, 2].map((i) => ['added', key(i)]),
      )
      equal(await changed(dataset, first.version), [
        { type: 'updated', table: 't', key: key(0), value: { x: 1 } },
        { type: 'deleted', table: 't', key: key(1) },
        { type: 'added', table: 't', key: 'new', value: {} },
      ])
    },
  },
  {
    name: 'changes since what was seen last are all that was committed after it was asked, by whomever',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const { put } = writer(await other().open('d'))
      for (let i = 0; i < 3; i++) {
        const { seen } = dataset
        await put('t', [[`k${i}`, { i }]])
        const keys = (await changed(dataset, seen))?.map((change) => change.key) ?? []
        equal(keys.includes(`k${i}`), true)
        equal(await changed(dataset, dataset.seen), [])
      }
    },
  },
  {
    name: 'who watches is called after commits and drops, by whomever, and not any more when that was ended',
    async run({ store, other, lacks }) {
      const dataset = await store.open('d')
      if (dataset.watch === undefined) return
      const elsewhere = lacks?.includes('watch') ? store : other()
      const { put } = writer(await elsewhere.open('d'))
      const [first, second] = [notices(dataset), notices(dataset)]
      for (let i = 0; i < 3; i++) {
        const [one, two] = [first.next(), second.next()]
        await put('t', [[`k${i}`, { i }]])
        await Promise.all([one, two])
        equal(await dataset.count('t'), i + 1)
      }
      first.stop()
      const { calls } = first
      const dropped = second.next()
      await elsewhere.drop('d')
      await dropped
      equal([await dataset.count('t'), first.calls], [0, calls])
      second.stop()
      second.stop()
    },
  },
]

/** Counts the calls of a watcher; `next` resolves with the next one. */
function notices(dataset: Dataset) {
  let wake = () => {}
  const noted = {
    calls: 0,
    next: () => new Promise<void>((resolve) => (wake = resolve)),
    stop: () => {},
  }
  noted.stop =
    dataset.watch?.(() => {
      noted.calls++
      wake()
    }) ?? noted.stop
  return noted
}
