import { expect, test } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'

const family = (parent: object, child: object, incremental: object = {}) => ({
  name: 'family',
  client: { baseUrl: 'https://api.example.com' },
  resources: [
    {
      name: 'a',
      primaryKey: 'id',
      endpoint: { path: 'a', incremental: { cursorPath: 'at', ...incremental } },
      ...parent,
    },
    { name: 'b', endpoint: 'b/{resources.a.id}', ...child },
  ],
})

test.each([
  ['rows of the child are merged', family({}, { primaryKey: 'id' })],
  ['rows of the child are appended', family({}, { writeDisposition: 'append' })],
  ['the parent is replaced too, and so read whole', family({ writeDisposition: 'replace' }, {})],
  ['each run reads the same range', family({}, {}, { initialValue: 1, endValue: 9 })],
  ['the parent has no cursor', family({ endpoint: 'a' }, {})],
])('a child below a resource with a cursor: fine where %s', (_, config) => {
  expect(resolveConfig(config).resources).toHaveLength(2)
})
