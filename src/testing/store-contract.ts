import { isSynclineError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import type { Change, Commit, CommitResult, Dataset, Entry, Store, TableChanges } from '../store/dataset.ts'
import type { Key } from '../store/key.ts'

/** One fresh place per case. */
export interface StoreHarness {
  readonly store: Store
  /** The same place, as another tab, process or isolate sees it: nothing is shared in memory. */
  other(): Store
  /** Makes the store's clock show a later time. */
  advance(ms: number): void
  /**
   * What the place does not have. `lease`: its leases exclude each other within one store only. `cas`: it says so in its
   * limits, so all that writes at the same time must write through one store. `watch`: it hears of what is committed
   * through the same store only.
   */
  readonly lacks?: readonly ('lease' | 'cas' | 'watch')[]
}

export interface StoreCase {
  readonly name: string
  run(harness: StoreHarness): Promise<void>
}

/** What every store must do. Plain cases, so that any test runner on any platform can run them. */
export const storeContract: readonly StoreCase[] = [
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
  {
    name: 'awkward keys are kept apart and in order: numbers, strings by code unit, composite keys',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const keys: Key[] = [-1e300, -2, -1.5, 0, 5e-324, 1, 2, 10, Number.MAX_SAFE_INTEGER, 1e300]
      keys.push(
        '',
        '\0',
        '\0\0',
        '\u0001',
        '\t',
        '\n',
        ' ',
        '"',
        '.',
        '..',
        '../x',
        '/',
        '1',
        '10',
        '2',
        '\\',
        '__proto__',
      )
      keys.push('constructor', 'toString', '\u00e9', 'e\u0301', '\ud7ff', '\ud800', '\ud83d\ude00', '\udc00', '\ue000')
      keys.push('\uffff', [1], [1, 'a'], [2], ['1'], ['a'], ['a', 'b'], ['a\0'], ['a\u0001'], ['ab'], ['x'.repeat(300)])
      const sorted = await sortedByStore(dataset, keys)
      const at = (wanted: Key) => sorted.findIndex((each) => JSON.stringify(each) === JSON.stringify(wanted))
      equal(sorted.length, keys.length)
      const numbers = keys.filter((each) => typeof each === 'number')
      const strings = keys.filter((each) => typeof each === 'string')
      equal(
        sorted.slice(0, numbers.length),
        numbers.sort((a, b) => a - b),
      )
      equal(sorted.slice(numbers.length, numbers.length + strings.length), strings.sort())
      equal(at(['a']) < at(['a', 'b']) && at(['a', 'b']) < at(['a\0']) && at(['a\u0001']) < at(['ab']), true)
      for (const each of keys) equal(await (await other().open('d')).get('awkward', each), { key: each as string })
    },
  },
  {
    name: 'a key of a million characters is a key like others',
    async run({ store }) {
      const dataset = await store.open('d')
      const long = 'x'.repeat(1_000_000)
      const entries: [Key, JsonObject][] = [long, `${long}y`, 'x'].map((each, i) => [each, { i }])
      await writer(dataset).put('t', entries)
      equal(
        (await all(dataset.scan('t'))).map(({ value }) => value.i),
        [2, 0, 1],
      )
      equal([await dataset.get('t', long), await dataset.get('t', `${long}y`)], [{ i: 0 }, { i: 1 }])
    },
  },
  {
    name: 'a key that is none is refused, and nothing is changed',
    async run({ store }) {
      const dataset = await store.open('d')
      for (const bad of [Number.NaN, [], null, {}, undefined, true, [['a']]] as unknown as Key[]) {
        await rejects('key_invalid', () => writer(dataset).put('t', [...rows(2), { key: bad, value: {} }]))
        await rejects('key_invalid', () => dataset.get('t', bad))
      }
      equal([await dataset.count('t'), await dataset.units()], [0, []])
    },
  },
  {
    name: 'values come back as they were: nested, unicode, lone surrogates, __proto__, large and small',
    async run({ store, other }) {
      const dataset = await store.open('d')
      const values: JsonObject[] = [
        {},
        JSON.parse('{"__proto__":{"x":1},"constructor":null,"toString":[]}'),
        { text: '\0\n\t"\\\ud800é😀\u2028', list: [[[]], {}, null, true, -0.1, 1e-7, 1e21] },
        { large: 'é'.repeat(300_000) },
      ]
      await writer(dataset).put(
        't',
        values.map((value, i) => [i, value]),
      )
      for (const [i, value] of values.entries()) equal(await (await other().open('d')).get('t', i), value)
      equal(
        (await all(dataset.scan('t'))).map(({ value }) => value),
        values,
      )
      equal(({} as JsonObject).x, undefined)
    },
  },
  {
    name: 'what a caller does to a value afterwards does not change what is stored',
    async run({ store }) {
      const dataset = await store.open('d')
      const value = { list: [1] }
      const position = { page: 1 }
      await writer(dataset).put('t', [['a', value]], position)
      value.list.push(2)
      position.page = 2
      const read = await dataset.get('t', 'a')
      if (Array.isArray(read?.list)) read.list.push(3)
      equal(await dataset.get('t', 'a'), { list: [1] })
      equal((await dataset.position('u')).value, { page: 1 })
    },
  },
  {
    name: 'getMany answers in the order of the keys, repeated and absent ones too',
    async run({ store }) {
      const dataset = await store.open('d')
      await fill(dataset, 300)
      const keys = [key(7), 'absent', key(299), key(7), key(0)]
      equal(
        (await dataset.getMany('t', keys)).map((row) => row?.i ?? null),
        [7, null, 299, 7, 0],
      )
    },
  },
  {
    name: 'scan goes in key order, from after a key, up to a limit; a page ends where the next begins',
    async run({ store }) {
      const dataset = await store.open('d')
      await fill(dataset, 1200)
      equal(await all(dataset.scan('t')), rows(1200))
      const paged: Entry[] = []
      for (let after: Key | undefined; ; ) {
        const page = await all(dataset.scan('t', after === undefined ? { limit: 17 } : { after, limit: 17 }))
        paged.push(...page)
        after = page.at(-1)?.key
        if (after === undefined) break
      }
      equal(paged, rows(1200))
      equal(await all(dataset.scan('t', { after: key(1199) })), [])
      equal((await all(dataset.scan('t', { after: `${key(5)}0` })))[0], rows(1200)[6])
      equal(await all(dataset.scan('t', { limit: 0 })), [])
    },
  },
  {
    name: 'a scan may be left early',
    async run({ store }) {
      const dataset = await store.open('d')
      await fill(dataset, 1200)
      for await (const batch of dataset.scan('t')) {
        equal(batch.length > 0, true)
        break
      }
      equal((await all(dataset.scan('t'))).length, 1200)
    },
  },
  {
    name: 'during a scan rows may be written: keys ascend, and what stays is seen',
    async run({ store, advance, other }) {
      const dataset = await store.open('d')
      const write = writer(await other().open('d'))
      await fill(dataset, 1500)
      let last = ''
      const seen = new Set<Key>()
      let round = 0
      for await (const batch of dataset.scan('t')) {
        for (const { key: each } of batch) {
          equal(String(each) > last, true)
          last = String(each)
          seen.add(each)
        }
        for (let i = 0; i < 12; i++) {
          await write.put(
            't',
            rows(1500)
              .filter((_, at) => at % 7 === i % 7)
              .map(({ key: k }) => [k, { round, i }]),
            {},
            'other',
          )
        }
        round++
        advance(3_600_000)
        await write.dataset.lease(async () => {})
      }
      for (const each of rows(1500)) equal(seen.has(each.key), true)
    },
  },
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
  {
    name: 'a lease runs alone, in the order of asking, and is given back after an error',
    async run({ store, other, lacks }) {
      const a = await store.open('d')
      const b = await (lacks?.includes('lease') ? store : other()).open('d')
      let running = 0
      const order: number[] = []
      const hold = (dataset: Dataset, id: number) =>
        dataset.lease(async () => {
          equal(++running, 1)
          order.push(id)
          await dataset.version()
          running--
          return id
        })
      equal(await Promise.all([hold(a, 1), hold(a, 2), hold(b, 3)]), [1, 2, 3])
      equal(order.indexOf(1) < order.indexOf(2), true)
      let failure: unknown
      await a
        .lease(async () => Promise.reject(new Error('mine')))
        .catch((error) => {
          failure = error
        })
      equal(failure instanceof Error && failure.message, 'mine')
      equal(await hold(b, 4), 4)
    },
  },
  {
    name: 'waiting for a lease can be aborted, and the queue goes on',
    async run({ store, other, lacks }) {
      const a = await store.open('d')
      const b = await (lacks?.includes('lease') ? store : other()).open('d')
      for (const waiting of [a, b]) {
        const controller = new AbortController()
        const reason = { my: 'reason' }
        let caught: unknown
        await a.lease(async () => {
          const refused = waiting
            .lease(async () => {}, { signal: controller.signal })
            .catch((error) => {
              caught = error
            })
          await a.version()
          controller.abort(reason)
          await refused
        })
        equal(caught === reason, true)
      }
      equal(await b.lease(async () => 'on'), 'on')
    },
  },
  {
    name: 'cleaning up leaves every row, and a slow writer loses nothing',
    async run({ store, other, advance }) {
      const dataset = await store.open('d')
      await fill(dataset, 3000)
      const { put } = writer(dataset)
      for (let round = 0; round < 10; round++) {
        await put(
          't',
          rows(3000)
            .filter((_, i) => i % 10 === round)
            .map(({ key: k, value }) => [k, { ...value, round }]),
        )
      }
      const slow = writer(await other().open('d'), 'slow')
      const committing = slow.put('s', rows(1000), {}, 'slow')
      advance(7_200_000)
      await dataset.lease(async () => {})
      await committing
      advance(7_200_000)
      await dataset.lease(async () => {})
      const again = await other().open('d')
      equal([(await all(again.scan('t'))).length, (await all(again.scan('s'))).length], [3000, 1000])
      equal((await again.get('t', key(7)))?.round, 7)
    },
  },
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

type Rows = readonly (Entry | readonly [Key, JsonObject])[]

/** Commits one after the other, as a unit does. */
function writer(dataset: Dataset, name = 'u') {
  const commit = async (rest: Omit<Commit, 'unit' | 'position' | 'expect'>, position = {}, unit = name) => {
    const { version } = await dataset.position(unit)
    return dataset.commit({ unit, position, expect: version, ...rest })
  }
  const write = (tables: Record<string, TableChanges>, position?: JsonObject) => commit({ tables }, position)
  const put = (table: string, entries: Rows, position?: JsonObject, unit?: string): Promise<CommitResult> => {
    const all = entries.map((each) => ('key' in each ? each : entry(...each)))
    return commit({ tables: { [table]: { put: all } } }, position, unit)
  }
  return { dataset, commit, write, put }
}

/** Table `t` with rows in scattered order, over several commits. */
async function fill(dataset: Dataset, count: number): Promise<void> {
  const { put } = writer(dataset)
  for (let from = 0; from < 7; from++)
    await put(
      't',
      rows(count).filter((_, i) => (i * 5) % 7 === from),
    )
}

function rows(count: number): Entry[] {
  return Array.from({ length: count }, (_, i) => entry(key(i), { i, text: text(i) }))
}

function entry(key: Key, value: JsonObject): Entry {
  return { key, value }
}

function key(i: number): string {
  return `k${String(i).padStart(5, '0')}`
}

function text(i: number): string {
  return `row ${i} `.repeat(10)
}

async function sortedByStore(dataset: Dataset, keys: readonly Key[]): Promise<Key[]> {
  const shuffled = keys.map((each, i) => ({ each, at: (i * 7919) % 101 })).sort((a, b) => a.at - b.at)
  const { put } = writer(dataset)
  await put(
    'awkward',
    shuffled.slice(0, 20).map(({ each }) => [each, { key: each as string }]),
  )
  await put(
    'awkward',
    shuffled.slice(20).map(({ each }) => [each, { key: each as string }]),
  )
  return (await all(dataset.scan('awkward'))).map((row) => row.key)
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = []
  for await (const batch of batches) items.push(...batch)
  return items
}

async function changed(dataset: Dataset, since: string, table?: string): Promise<Change[] | undefined> {
  const changes = await dataset.changes(since, table)
  return changes === 'reset' ? undefined : all(changes)
}

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

async function rejects(code: Parameters<typeof isSynclineError>[1], run: () => Promise<unknown>): Promise<void> {
  let outcome = 'nothing was thrown'
  try {
    await run()
  } catch (error) {
    if (isSynclineError(error, code)) return
    outcome = String(error)
  }
  throw new Error(`Expected a SynclineError ${code}, but: ${outcome}`)
}

function equal(actual: unknown, expected: unknown): void {
  const [left, right] = [canonical(actual), canonical(expected)]
  if (left !== right) throw new Error(`Expected ${right.slice(0, 400)}, but got ${left.slice(0, 400)}`)
}

/** Text that is equal for equal values, whatever the order of fields; `undefined` is told from `null`. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return value === undefined ? 'undefined' : JSON.stringify(value)
  const fields = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`)
  return `{${fields.sort().join()}}`
}
