import { step } from 'syncline'
import { manyRows } from '../../../support/fake-api.ts'
import type { Script } from '../../api/script.ts'
import type { Api } from '../api.ts'
import { equal, fails, has } from '../assert.ts'
import { idsIn, rowsIn } from '../rows.ts'
import type { Theme } from '../suite.ts'

const PARENTS = 12

/** Twelve items with two notes each. */
function family(): Script {
  const items = manyRows(PARENTS)
  const notes = items.map(({ id }) => [
    `/items/${id}/notes`,
    { rows: manyRows(2, Number(id) * 100), by: 'none' as const },
  ])
  return { '/items': { rows: items, by: 'offset' }, ...Object.fromEntries(notes) }
}

const source = (api: Api, notes: object = {}) =>
  api.source({}, [
    { name: 'notes', endpoint: { path: '/items/{resources.items.id}/notes', paginator: 'single_page' }, ...notes },
  ])

const allNotes = manyRows(PARENTS).flatMap(({ id }) => [Number(id) * 100, Number(id) * 100 + 1])

export const children: Theme = {
  name: 'children',
  cases: [
    {
      name: 'each parent is asked for its children once',
      async run({ api, store }) {
        await api.serves(family())
        const { resources } = await api.sync(source(api), store())
        has(resources.items, { added: PARENTS, complete: true })
        has(resources.notes, { added: 2 * PARENTS, complete: true })
        equal(await idsIn(source(api), store(), 'notes'), allNotes)
        equal((await api.log()).length, 2 + PARENTS)
      },
    },
    {
      name: 'steps of a few requests ask for each once as well',
      async run({ api, store }) {
        await api.serves(family())
        let steps = 0
        for (let status = 'more'; status === 'more' && steps < 50; steps++) {
          status = (await step(source(api), store(), { ports: api.ports, budget: { requests: 3 } })).status
        }
        const paths = (await api.log()).map(({ path, query }) => `${path}?${query.offset ?? ''}`)
        equal([paths.length, new Set(paths).size], [2 + PARENTS, 2 + PARENTS])
        equal(await idsIn(source(api), store(), 'notes'), allNotes)
      },
    },
    {
      name: 'fields of the parent go into the rows of its children',
      async run({ api, store }) {
        await api.serves(family())
        const withName = source(api, { includeFromParent: ['name'] })
        await api.sync(withName, store())
        const [first] = await rowsIn(withName, store(), 'notes')
        equal([first?.id, first?._items_name], [100, 'row 1'])
      },
    },
    {
      name: 'a value of a parent is one segment of the path, whatever it is',
      async run({ api, store }) {
        const odd = ['a/b', 'ä ?#%', '..%2f', 'x'.repeat(300)]
        await api.serves({ '/items': { rows: odd.map((id) => ({ id })), by: 'offset' } })
        const lenient = source(api, {
          endpoint: {
            path: '/items/{resources.items.id}/notes',
            paginator: 'single_page',
            responseActions: [{ statusCode: 404, action: 'ignore' }],
          },
        })
        await api.sync(lenient, store())
        equal(
          (await api.log())
            .slice(1)
            .map(({ path }) => path.split('/').slice(2).map(decodeURIComponent))
            .sort(),
          odd.map((id) => [id, 'notes']).sort(),
        )
      },
    },
    {
      name: 'a parent that is gone says how to pass over it, and the next run goes on',
      async run({ api, store }) {
        const script = family()
        await api.serves({ ...script, '/items/7/notes': [{ status: 404 }] })
        const error = await fails(api.sync(source(api), store()), 'http_status')
        equal([error.status, error.resource], [404, 'notes'])
        await api.serves(script)
        await api.sync(source(api), store())
        equal(await idsIn(source(api), store(), 'notes'), allNotes)
      },
    },
    {
      name: 'one row under two parents is an error',
      async run({ api, store }) {
        const notes = manyRows(PARENTS).map(({ id }) => [
          `/items/${id}/notes`,
          { rows: [{ id: 7 }], by: 'none' as const },
        ])
        await api.serves({ ...family(), ...Object.fromEntries(notes) })
        await fails(api.sync(source(api), store(), { full: true }), 'key_not_unique')
      },
    },
  ],
}
