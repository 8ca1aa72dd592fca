import { expect, test } from 'vitest'
import { pathText } from '../../../src/config/issues.ts'
import { nearest } from '../../../src/config/nearest.ts'

const valid = ['paginator', 'path', 'params', 'dataSelector', 'limit', 'limitParam', 'type']

test.each([
  ['paginatr', 'paginator'],
  ['pagniator', 'paginator'],
  ['paht', 'path'],
  ['data_selector', 'dataSelector'],
  ['DATASELECTOR', 'dataSelector'],
  ['limit-param', 'limitParam'],
  ['limits', 'limit'],
  ['typ', 'type'],
  ['x', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['selector', undefined],
])('%s: %s', (name, expected) => {
  expect(nearest(name, valid)).toBe(expected)
})

test('the path of an option', () => {
  expect(pathText(['resources', 1, 'endpoint', 'paginator', 'limit'])).toBe('resources[1].endpoint.paginator.limit')
  expect(pathText(['resources', 0, 'columns', 'a b', 'dataType'])).toBe('resources[0].columns["a b"].dataType')
  expect(pathText([])).toBe('')
  expect(pathText(['resources', 0, 'columns', 'aB', 'dataType'], (key) => key.toUpperCase())).toBe(
    'RESOURCES[0].COLUMNS.aB.DATATYPE',
  )
})
