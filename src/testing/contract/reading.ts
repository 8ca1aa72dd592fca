import type { Entry } from '../../store/dataset.ts'
import type { Key } from '../../store/key.ts'
import type { StoreCase } from './store-case.ts'
import { all, equal, fill, key, rows, writer } from './support.ts'

/** Reading many rows. */
export const readingCases: readonly StoreCase[] = [
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
]
