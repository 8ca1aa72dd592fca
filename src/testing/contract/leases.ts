import type { Dataset } from '../../store/dataset.ts'
import type { StoreCase } from './store-case.ts'
import { all, equal, fill, key, rows, writer } from './support.ts'

/** Running alone, and what is cleaned up then. */
export const leaseCases: readonly StoreCase[] = [
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
]
