import { expect, test } from 'vitest'
import { lockProblems } from '../../../tools/lock.ts'

test('optional packages may lie beside or above the package that wants them', () => {
  const packages = {
    '': {},
    'node_modules/a': { optionalDependencies: { 'a-linux': '1', '@b/mac': '1' } },
    'node_modules/a-linux': {},
    'node_modules/@b/mac': {},
    'node_modules/@c/d/node_modules/e': { optionalDependencies: { f: '1', g: '1' } },
    'node_modules/@c/d/node_modules/e/node_modules/f': {},
    'node_modules/@c/d/node_modules/g': {},
  }
  expect(lockProblems({ packages })).toEqual([])
})

test('an optional package that the registry did not have is found, also when another package has its own', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { 'a-linux': '1' } },
    'node_modules/b': {},
    'node_modules/b/node_modules/a-linux': {},
  }
  expect(lockProblems({ packages })).toEqual([expect.stringMatching(/^node_modules\/a: .* a-linux is not in the lock/)])
})

test('the address of a registry is found, a local file is not one', () => {
  const packages = {
    'node_modules/a': { resolved: 'https://registry.example/a.tgz' },
    'node_modules/b': { resolved: 'file:../b' },
  }
  expect(lockProblems({ packages })).toEqual([expect.stringMatching(/^node_modules\/a: names the registry/)])
})
