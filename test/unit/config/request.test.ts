import { expect, test } from 'vitest'
import { buildRequest } from '../../../src/config/request.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { JsonValue } from '../../../src/json.ts'

const VALUES: Record<string, JsonValue> = {
  'resources.posts.id': 7,
  'resources.posts.slug': 'a/b c',
  'resources.posts.tags': ['x', 'y'],
  'resources.posts.none': null,
  'incremental.start_value': '2024-01-01',
  'incremental.end_value': 9,
}

function request(endpoint: object, { client = {}, values = VALUES }: { client?: object; values?: typeof VALUES } = {}) {
  const source = resolveConfig({
    name: 'crm',
    client: { baseUrl: 'https://api.example.com/v1/', ...client },
    resources: ['posts', { name: 'c', endpoint: { path: 'c', ...endpoint } }],
  })
  const [, resource] = source.resources
  if (resource === undefined) throw new Error('no resource')
  return buildRequest(source.client, resource, (expression) => values[expression])
}

const cursor = { cursorPath: 'at', initialValue: 1, endValue: 9 }

// endpoint, what the request has
const table: [title: string, endpoint: object, expected: object][] = [
  [
    'base and path are joined',
    { path: '/c' },
    { method: 'GET', url: 'https://api.example.com/v1/c', params: {}, headers: {} },
  ],
  [
    'an absolute path replaces the base',
    { path: 'https://other.example.org/x' },
    { url: 'https://other.example.org/x' },
  ],
  ['an empty path is the base', { path: '' }, { url: 'https://api.example.com/v1/' }],
  ['a query in the path stays', { path: 'c?a=1' }, { url: 'https://api.example.com/v1/c?a=1' }],
  [
    'a value is one segment',
    { path: 'p/{resources.posts.slug}/c' },
    { url: 'https://api.example.com/v1/p/a%2Fb%20c/c', pathTemplate: 'p/{resources.posts.slug}/c' },
  ],
  [
    'parameters named in the path go there',
    { path: '{org}/{repo}/c', params: { org: 'o1', repo: 'r/1', k: 'v' } },
    { url: 'https://api.example.com/v1/o1/r%2F1/c', params: { k: 'v' } },
  ],
  [
    'parameters in the path may have placeholders',
    { path: 'p/{id}', params: { id: 'x-{resources.posts.id}' } },
    { url: 'https://api.example.com/v1/p/x-7', params: {} },
  ],
  [
    'parameters keep their types',
    { params: { n: 1, b: true, e: '', l: ['a', 2], t: 'x' } },
    { params: { n: 1, b: true, e: '', l: ['a', 2], t: 'x' } },
  ],
  [
    'null leaves a parameter out',
    { params: { a: null, b: '{resources.posts.none}', c: 'x{resources.posts.none}', d: 1 } },
    { params: { d: 1 } },
  ],
  [
    'placeholders in parameters are text',
    { params: { a: '{resources.posts.id}', b: 't-{resources.posts.id}', c: '{{no}}', l: ['{resources.posts.id}'] } },
    { params: { a: '7', b: 't-7', c: '{no}', l: ['7'] } },
  ],
  [
    'a JSON text that is one placeholder keeps the type',
    {
      method: 'POST',
      json: {
        a: '{resources.posts.id}',
        b: 'id {resources.posts.id}',
        c: ['{resources.posts.tags}'],
        d: '{{x}}',
        e: '{resources.posts.none}',
      },
    },
    { json: { a: 7, b: 'id 7', c: [['x', 'y']], d: '{x}', e: null } },
  ],
  [
    'a form as an object',
    { method: 'POST', data: { a: '{resources.posts.id}', b: '{{k}}', c: null } },
    { data: { a: '7', b: '{k}' } },
  ],
  [
    'a form as pairs',
    {
      method: 'POST',
      data: [
        ['a', '1'],
        ['a', '{resources.posts.id}'],
      ],
    },
    {
      data: [
        ['a', '1'],
        ['a', '7'],
      ],
    },
  ],
  ['a raw body', { method: 'POST', data: 'id={resources.posts.id}' }, { data: 'id=7' }],
  [
    'headers',
    { headers: { 'X-Id': '{resources.posts.id}', 'X-None': '{resources.posts.none}', 'x-{resources.posts.id}': 'n' } },
    { headers: { 'x-id': '7', 'x-7': 'n' } },
  ],
  [
    'start and end of a cursor',
    { incremental: { ...cursor, startParam: 'since', endParam: 'until' } },
    { params: { since: '2024-01-01', until: 9 } },
  ],
  ['a cursor without parameters', { incremental: cursor }, { params: {} }],
  [
    'a cursor in placeholders',
    { path: 'c/{incremental.start_value}', params: { e: '{incremental.end_value}' }, incremental: cursor },
    { url: 'https://api.example.com/v1/c/2024-01-01', params: { e: '9' } },
  ],
  [
    'a cursor parameter goes before a set one',
    { params: { since: 'never' }, incremental: { cursorPath: 'at', startParam: 'since' } },
    { params: { since: '2024-01-01' } },
  ],
]

test.each(table)('%s', (_, endpoint, expected) => {
  const built = request(endpoint)
  expect(built).toMatchObject(expected)
  const { params, headers } = expected as Partial<typeof built>
  if (params) expect(built.params).toEqual(params)
  if (headers) expect(built.headers).toEqual(headers)
})

test('without a start value the parameter is not sent', () => {
  expect(request({ incremental: { cursorPath: 'at', startParam: 'since' } }, { values: {} }).params).toEqual({})
})

test('headers of the endpoint replace those of the client in any spelling; the client’s have no placeholders', () => {
  const client = { headers: { 'X-A': '{not}', 'X-B': 'client', 'X-C': 'client' } }
  const { headers } = request({ headers: { 'x-b': 'own', 'X-C': '{resources.posts.none}' } }, { client })
  expect(headers).toEqual({ 'x-a': '{not}', 'x-b': 'own', 'x-c': 'client' })
})

test('null takes a header of the client away, in any spelling, and one that is not there', () => {
  const client = { headers: { 'X-A': 'client', 'X-B': 'client' } }
  expect(request({ headers: { 'x-a': null, 'X-C': null } }, { client }).headers).toEqual({ 'x-b': 'client' })
})

test('a path without its value is no request', () => {
  expect(() => request({ path: 'p/{resources.posts.none}/c' })).toThrow(
    expect.objectContaining({ code: 'path_param_invalid' }),
  )
  expect(() => request({ path: 'p/{id}', params: { id: '..' } })).toThrow(
    expect.objectContaining({ code: 'path_param_invalid' }),
  )
})

test('bodies that are not set are absent', () => {
  expect(Object.keys(request({})).sort()).toEqual(['headers', 'method', 'params', 'pathTemplate', 'url'])
})
