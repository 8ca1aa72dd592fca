import { expect, test } from 'vitest'
import { defineSource, resolve } from '../../src/source.ts'

const config = { name: 'crm', client: { baseUrl: 'https://api.example.com' }, resources: ['items'] } as const

test('a source is opaque and frozen, and the engine can read its config', () => {
  const source = defineSource(config)
  expect(JSON.stringify(source)).toBe('{"name":"crm"}')
  expect(Object.isFrozen(source)).toBe(true)
  expect(Object.keys(source)).toEqual(['name'])
  expect(resolve(source).resources.map(({ name }) => name)).toEqual(['items'])
  expect(resolve(source)).toBe(resolve(source))
})

test('a config is refused when the source is defined', () => {
  const invalid = expect.objectContaining({ code: 'config_invalid', path: 'resources[0].endpoint.paginator.limit' })
  const paginator = { type: 'offset', limit: 0 } as const
  expect(() => defineSource({ ...config, resources: [{ name: 'items', endpoint: { paginator } }] })).toThrow(invalid)
})

test('what is no source is refused', () => {
  const refused = expect.objectContaining({ code: 'config_invalid', hint: 'Make it with defineSource or fromDlt.' })
  expect(() => resolve({ name: 'crm' })).toThrow(refused)
})
