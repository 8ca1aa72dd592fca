import { openDataset, replayQuarantine } from 'syncline'
import * as v from 'valibot'
import { equal, fails, has } from '../assert.ts'
import { rowsIn } from '../rows.ts'
import type { Theme } from '../suite.ts'

const Item = v.object({
  id: v.number(),
  name: v.pipe(v.string(), v.toUpperCase()),
  at: v.optional(v.string(), 'never'),
})
const single = { paginator: 'single_page' }
const good = Array.from({ length: 20 }, (_, i) => ({ id: i + 1, name: `n${i}`, more: true }))

export const schema: Theme = {
  name: 'schema',
  cases: [
    {
      name: 'rows are as the schema puts them out',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: good.slice(0, 1), by: 'none' } })
        const source = api.source({ endpoint: single, schema: Item })
        await api.sync(source, store())
        equal(await rowsIn(source, store()), [{ id: 1, name: 'N0', at: 'never' }])
      },
    },
    {
      name: 'a row that does not fit is kept in quarantine, whole',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: [...good, { id: 99, name: 7 }], by: 'none' } })
        const source = api.source({ endpoint: single, schema: Item })
        has((await api.sync(source, store())).resources.items, { added: 20, quarantined: 1 })
        const data = await openDataset(source, store())
        const kept: object[] = []
        for await (const { code, record } of data.quarantine()) kept.push({ code, record })
        equal(kept, [{ code: 'schema_invalid', record: { id: 99, name: 7 } }])
      },
    },
    {
      name: 'too many of them fail the run',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: good.map(({ id }) => ({ id, name: id })), by: 'none' } })
        await fails(api.sync(api.source({ endpoint: single, schema: Item }), store()), 'schema_invalid')
      },
    },
    {
      name: 'without a schema the types are found, and widen',
      async run({ api, store }) {
        const rows = [
          { id: 1, n: 1, day: '2026-01-01', at: '2026-01-01T00:00:00Z', tags: [], deep: {}, on: true, none: null },
          { id: 2, n: 1.5, day: '2026-01-02', at: '2026-01-01T00:00:00+02:00', tags: ['x'], deep: { a: 1 }, on: false },
        ]
        await api.serves({ '/items': { rows, by: 'none' } })
        const source = api.source({ endpoint: single })
        await api.sync(source, store())
        const { items } = await (await openDataset(source, store())).schema()
        equal(
          Object.entries(items?.columns ?? {})
            .map(([name, { type }]) => [name, type])
            .sort(),
          [
            ['at', 'timestamp'],
            ['day', 'date'],
            ['deep', 'object'],
            ['id', 'integer'],
            ['n', 'number'],
            ['none', 'null'],
            ['on', 'boolean'],
            ['tags', 'array'],
          ],
        )
      },
    },
    {
      name: 'integers beyond 2^53-1: kept aside with their digits, or stored as text, and back by a replay',
      async run({ api, store }) {
        const records = [
          ...good.map((row) => JSON.stringify(row)),
          '{"id":99,"n":-9007199254740993}',
          '{"id":98,"n":1e400}',
        ]
        const reply = { text: `[${records}]`, headers: { 'content-type': 'application/json' } }
        await api.serves({ '/items': [reply] })
        const source = (bigint: 'error' | 'string') =>
          api.source({ endpoint: { ...single, dataSelector: '$' } }, [], { bigint })
        has((await api.sync(source('error'), store())).resources.items, { added: 20, quarantined: 2 })
        const kept: object[] = []
        const data = await openDataset(source('error'), store())
        for await (const { code, record } of data.quarantine()) kept.push({ code, record })
        equal(kept, [
          { code: 'unsafe_integer', record: { id: 99, n: '-9007199254740993' } },
          { code: 'number_overflow', record: { id: 98, n: 'Infinity' } },
        ])
        has((await replayQuarantine(source('string'), store())).resources.items, { replayed: 1, kept: 1 })
        has(await data.table('items').get(99), { n: '-9007199254740993' })
      },
    },
    {
      name: 'a contract puts aside what is new, by the rows before it, and a replay takes it back',
      async run({ api, store }) {
        const later = [
          { id: 30, when: '2026-01-01' },
          { id: 31, when: 7 },
        ]
        await api.serves({ '/items': { rows: good, by: 'none' } })
        const source = api.source({ endpoint: single, schemaContract: { dataType: 'discard_row' } })
        await api.sync(source, store())
        await api.serves({ '/items': { rows: [...good, ...later], by: 'none' } })
        has((await api.sync(source, store())).resources.items, { added: 1, quarantined: 1 })
        const { resources } = await replayQuarantine(source, store(), { schemaContract: 'evolve' })
        has(resources.items, { replayed: 1, added: 1 })
        const { items } = await (await openDataset(source, store())).schema()
        equal(items?.columns.when, { type: ['integer', 'date'], nullable: false, optional: true })
      },
    },
    {
      name: 'steps filter, change and multiply before anything else looks',
      async run({ api, store }) {
        await api.serves({ '/items': { rows: good.slice(0, 3), by: 'none' } })
        const processingSteps = [
          { filter: ({ id }: { id: number }) => id > 1 },
          { yieldMap: (row: { id: number }) => [row, { ...row, id: row.id * 10 }] },
          { map: ({ id }: { id: number }) => ({ id, made: true }) },
        ]
        const source = api.source({ endpoint: single, processingSteps })
        has((await api.sync(source, store())).resources.items, { received: 3, rows: 5, filtered: 1, added: 4 })
        equal(
          await rowsIn(source, store()),
          [2, 3, 20, 30].map((id) => ({ id, made: true })),
        )
      },
    },
  ],
}
