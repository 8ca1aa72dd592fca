import { type ResourceReport, step, sync } from 'syncline'
import { manyRows } from '../../../support/fake-api.ts'
import { equal, has, ok } from '../assert.ts'
import { idsIn, rowsIn } from '../rows.ts'
import type { Theme } from '../suite.ts'

const ROWS = manyRows(35)
const IDS = ROWS.map(({ id }) => id)
const changed = ROWS.map((row) => (Number(row.id) % 10 === 0 ? { ...row, name: 'changed' } : row))

export const balance = (r: ResourceReport | undefined) =>
  equal(r?.rows, r && r.added + r.updated + r.unchanged + r.deleted + r.duplicates + r.filtered + r.quarantined)

export const merge: Theme = {
  name: 'merge and resume',
  cases: [
    {
      name: 'all rows come in, and writing them again changes nothing',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        const source = api.source()
        const first = await api.sync(source, store())
        has(first.resources.items, { received: 35, added: 35, pages: 4, complete: true, status: 'done' })
        equal(await rowsIn(source, store()), ROWS)
        const second = await api.sync(source, store())
        has(second.resources.items, { added: 0, updated: 0, unchanged: 35 })
        for (const { resources } of [first, second]) balance(resources.items)
      },
    },
    {
      name: 'only rows that differ are updated',
      async run({ api, store }) {
        const source = api.source()
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        await api.sync(source, store())
        await api.serves({ '/items': { rows: changed, by: 'offset' } })
        has((await api.sync(source, store())).resources.items, { updated: 3, unchanged: 32 })
        equal(await rowsIn(source, store()), changed)
      },
    },
    {
      name: 'step by step with nothing but the store between: no page is read twice',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        const statuses: string[] = []
        do {
          // A new source and a new store each time, as after a restart.
          const { status } = await step(api.source(), store(), { ports: api.ports, budget: { requests: 1 } })
          statuses.push(status)
        } while (statuses.at(-1) === 'more' && statuses.length < 20)
        equal(statuses, ['more', 'more', 'more', 'done'])
        equal(await api.asked('offset'), ['0', '10', '20', '30'])
        equal(await rowsIn(api.source(), store()), ROWS)
      },
    },
    ...(['link', 'cursor', 'header cursor'] as const).map((by) => ({
      name: `a run that failed goes on at its page, by ${by}`,
      async run({ api, store }: Parameters<Theme['cases'][number]['run']>[0]) {
        const paginator = {
          link: { type: 'json_link' },
          cursor: { type: 'cursor', cursorPath: 'next', cursorParam: 'cursor' },
          'header cursor': { type: 'header_cursor', cursorKey: 'x-next', cursorParam: 'cursor' },
        }[by]
        const source = api.source({ endpoint: { paginator, dataSelector: by === 'header cursor' ? '$' : 'data' } })
        await api.serves({ '/items': { rows: ROWS, by } })
        const { status } = await step(source, store(), { ports: api.ports, budget: { requests: 2 } })
        equal(status, 'more')
        await api.serves({ '/items': [{ status: 500 }] })
        const failed = await step(source, store(), { ports: api.ports })
        equal([failed.status, failed.error?.code], ['failed', 'http_status'])
        await api.serves({ '/items': { rows: ROWS, by } })
        const { resources } = await api.sync(source, store())
        has(resources.items, { complete: true })
        equal(
          (await api.asked('cursor')).map((cursor) => cursor ?? null),
          [null, '10', '20', '20', '30'],
        )
        equal(await idsIn(source, store()), IDS)
      },
    })),
    {
      name: 'two syncs at the same time are one',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        const [source, place] = [api.source(), store()]
        const [first, second] = await Promise.all([1, 2].map(() => sync(source, place, { ports: api.ports })))
        ok(first === second, 'two reports')
        equal((await api.log()).length, 4)
      },
    },
    {
      name: 'append keeps what came, replace what came last, skip nothing',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS.slice(0, 5), by: 'none' } })
        const source = api.source({ primaryKey: null, endpoint: { paginator: 'single_page' } })
        for (const [writeDisposition, count] of [
          ['append', 5],
          ['append', 10],
          ['replace', 5],
          ['skip', 5],
        ] as const) {
          await api.sync(source, store(), { writeDisposition })
          equal((await rowsIn(source, store())).length, count, writeDisposition)
        }
      },
    },
    {
      name: 'datasets are apart, and one that is dropped is forgotten',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS, by: 'offset' } })
        const source = api.source()
        await api.sync(source, store(), { dataset: 'a' })
        await api.sync(source, store(), { dataset: 'b' })
        await store().drop('a')
        has((await api.sync(source, store(), { dataset: 'a' })).resources.items, { added: 35 })
        has((await api.sync(source, store(), { dataset: 'b' })).resources.items, { unchanged: 35 })
      },
    },
    {
      name: 'events tell what happens, in order',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: ROWS.slice(0, 12), by: 'offset' } })
        const types: string[] = []
        await api.sync(api.source(), store(), { onEvent: ({ type }) => void types.push(type) })
        equal([types[0], types.filter((type) => type === 'page').length], ['start', 2])
        ok(types.includes('commit') && types.at(-1) === 'end', types.join())
      },
    },
  ],
}
