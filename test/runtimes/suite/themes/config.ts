import { createClient, defineSource } from 'syncline'
import { fromDlt } from 'syncline/dlt'
import { jsonpath } from 'syncline/jsonpath'
import { equal, fails, ok } from '../assert.ts'
import type { Case, Theme } from '../suite.ts'

type Code = Parameters<typeof fails>[1]

/** A config that is refused when it is defined, with the place of the mistake, and without a request. */
function refused(name: string, code: Code, path: string, resource: unknown, client: object = {}): Case {
  return {
    name,
    async run({ api }) {
      const config: object = { name: 'test', client: { baseUrl: api.base, ...client }, resources: [resource] }
      const error = await fails(
        Promise.resolve().then(() => defineSource(config as never)),
        code,
      )
      equal(error.path, path)
      equal(await api.log(), [])
    },
  }
}

const items = (endpoint: object, more: object = {}) => ({ name: 'items', endpoint, ...more })

export const config: Theme = {
  name: 'config errors',
  cases: [
    refused(
      'an unknown option',
      'config_invalid',
      'resources[0].endpoint.paginator.limt',
      items({ paginator: { type: 'offset', limit: 1, limt: 1 } }),
    ),
    refused('a wrong type', 'config_invalid', 'resources[0].endpoint.path', items({ path: 7 })),
    refused('a base URL with a password', 'config_invalid', 'client.baseUrl', 'items', {
      baseUrl: 'https://u:p@a.example',
    }),
    refused(
      'an unknown parent',
      'config_invalid',
      'resources[0].endpoint.path',
      items({ path: '/{resources.itms.id}' }),
    ),
    refused('an unbound placeholder', 'config_invalid', 'resources[0].endpoint.path', items({ path: '/{since}' })),
    refused(
      'a body twice',
      'body_conflict',
      'resources[0].endpoint.data',
      items({ method: 'POST', json: {}, data: 'x' }),
    ),
    refused('a GET with a body', 'get_with_body', 'resources[0].endpoint.json', items({ json: {} })),
    refused(
      'a selector that is none',
      'selector_invalid',
      'resources[0].endpoint.dataSelector',
      items({ dataSelector: 'a[' }),
    ),
    refused(
      'merge without a key',
      'schema_invalid',
      'resources[0].writeDisposition',
      items({}, { writeDisposition: 'merge' }),
    ),
    {
      name: 'all mistakes at once, and the nearest name',
      async run({ api }) {
        const wrong: object = {
          name: 'test',
          client: { baseUrl: api.base, retri: {} },
          resources: [items({ pth: '/' })],
        }
        const error = await fails(
          Promise.resolve().then(() => defineSource(wrong as never)),
          'config_invalid',
        )
        ok(error.message.includes('retri') && error.message.includes('pth'), error.message)
        ok(`${error.hint}`.includes('retry'), `hint: ${error.hint}`)
      },
    },
    {
      name: 'a client is checked at its first request',
      async run({ api }) {
        const client = () => createClient({ baseUrl: api.base, ath: 1 } as never).request('/')
        await fails(Promise.resolve().then(client), 'config_invalid')
      },
    },
    {
      name: 'a config of dlt is read, and its mistakes are told in its words',
      async run({ api }) {
        const dlt = { client: { base_url: api.base, paginator: 'single_page' }, resources: ['items'] }
        equal(fromDlt(dlt as never).name.length > 0, true)
        const error = await fails(
          Promise.resolve().then(() => fromDlt({ ...dlt, resorces: [] } as never)),
          'config_invalid',
        )
        ok(error.message.includes('resorces'), error.message)
      },
    },
    {
      name: 'JSONPath selects',
      async run({ api }) {
        await api.serves({
          '/items': [{ json: { groups: [{ rows: [{ id: 1 }, { id: 2 }] }, { rows: [{ id: 3 }] }] } }],
        })
        const rows = await api.read({ paginator: 'single_page', dataSelector: jsonpath('$.groups[*].rows[?@.id > 1]') })
        equal(rows, [{ id: 2 }, { id: 3 }])
      },
    },
  ],
}
