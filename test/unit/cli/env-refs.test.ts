import { expect, test } from 'vitest'
import { resolveEnvRefs } from '../../../src/cli/env-refs.ts'

const env = { KEY: 'k', URL_2: 'https://api.example.com', EMPTY: '' }

test('a whole string that names a variable is replaced, at any depth, and nothing else is', () => {
  const config = {
    client: { base_url: '$URL_2', auth: { api_key: '$KEY', name: 'KEY' } },
    resources: [
      { endpoint: { path: '/a/$KEY', data_selector: '$', params: { q: '$.data', n: 7, none: null, on: true } } },
    ],
  }
  expect(resolveEnvRefs(config, env)).toEqual({
    client: { base_url: 'https://api.example.com', auth: { api_key: 'k', name: 'KEY' } },
    resources: config.resources,
  })
})

test.each(['$MISSING', '$EMPTY', '$toString'.toUpperCase()])(
  '%s is refused with its place, not with any value',
  (ref) => {
    const config = { client: { auth: { token: '$KEY' } }, resources: ['a', { headers: { x: ref } }] }
    expect(() => resolveEnvRefs(config, env)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        path: 'resources[1].headers.x',
        message: expect.not.stringContaining('"k"'),
      }),
    )
  },
)

test('a key named __proto__ stays an own property', () => {
  const config = resolveEnvRefs(JSON.parse('{"__proto__":{"a":"$KEY"}}'), env)
  expect(JSON.stringify(config)).toBe('{"__proto__":{"a":"k"}}')
})
