import { expect, test } from 'vitest'
import { checkFences } from '../../../tools/fences/check.ts'

/** A house in which every rule holds; each case below adds one file that breaks one. */
const HOUSE = {
  'src/index.ts': `export { sync } from './sync/sync.ts'\nexport type { Key } from './store/key.ts'\n`,
  'src/json.ts': `export type JsonValue = null | string\nexport const isNull = (value: unknown) => value === null\n`,
  'src/sync/sync.ts': `import { send } from '../http/client.ts'\nexport const sync = () => send('/')\n`,
  'src/http/client.ts': `import { ofetch } from 'ofetch'\nexport const send = (path: string) => ofetch.raw(path)\n`,
  'src/select/jsonpath.ts': `import { query } from 'json-p3'\nexport const jsonpath = (path: string) => query(path, {})\n`,
  'src/store/index.ts': `export * from './chunked/chunked.ts'\n`,
  'src/store/key.ts': `export type Key = string\n`,
  'src/store/chunked/chunked.ts': `export const chunked = () => new Map<string, string>()\n`,
  'adapters/memory.ts': `import { chunked } from '../src/store/index.ts'\nexport const memoryStore = () => chunked()\n`,
  'src/cli/main.ts': `import { sync } from '../index.ts'\nimport { argv } from 'node:process'\nsync()\nargv.slice(2)\n`,
}

test('a house in order has no violations', () => {
  expect(checkFences(HOUSE)).toEqual([])
})

const BREACHES: [path: string, text: string, problem: string][] = [
  ['src/sync/a.ts', `import { sync } from '../index.ts'`, 'src/sync may not import src/index.ts'],
  [
    'src/sync/a.ts',
    `import { jsonpath } from '../select/jsonpath.ts'`,
    'src/sync may not import src/select/jsonpath.ts',
  ],
  [
    'src/sync/a.ts',
    `import { memoryStore } from '../../adapters/memory.ts'`,
    'src/sync may not import adapters/memory.ts',
  ],
  ['src/sync/unit/a.ts', `import { sync } from '../sync.ts'`, 'src/sync/unit may not import src/sync/sync.ts'],
  ['src/sync/a.ts', `export const late = () => import('../cli/main.ts')`, 'src/sync may not import src/cli/main.ts'],
  ['src/sync/a.ts', `export const late = (name: string) => import(name)`, 'src/sync may not import (computed)'],
  ['src/sync/a.ts', `import { gone } from './gone.ts'`, 'src/sync/gone.ts does not exist'],
  ['src/paginators/a.ts', `import { sync } from '../sync/sync.ts'`, 'src/paginators may not import src/sync/sync.ts'],
  [
    'src/paginators/a.ts',
    `import type { sync } from '../sync/sync.ts'`,
    'src/paginators may not import src/sync/sync.ts',
  ],
  [
    'src/paginators/a.ts',
    `import { type Sent, send } from '../http/client.ts'`,
    'src/paginators may not import more than types from src/http/client.ts',
  ],
  ['adapters/memory.ts', `import { sync } from '../src/index.ts'`, 'adapters may not import src/index.ts'],
  ['src/http/a.ts', `import { ofetch } from 'ofetch'`, 'src/http may not import ofetch'],
  ['src/store/a.ts', `import { query } from 'json-p3'`, 'src/store may not import json-p3'],
  ['src/store/a.ts', `export * from 'left-pad'`, 'src/store may not import left-pad'],
  ['src/store/a.ts', `export type Buf = import('node:buffer').Buffer`, 'src/store may not import node:buffer'],
  ['src/store/a.ts', `export const root = () => process.cwd()`, 'process is not a global of every runtime'],
  ['src/store/a.ts', `export const at = () => ({ ...window.location })`, 'window is not a global of every runtime'],
  ['src/store/a.ts', `export const n = () => globalThis.navigator.locks`, 'navigator is not a global of every runtime'],
  ['src/store/a.ts', `export const s = (x = localStorage) => x`, 'localStorage is not a global of every runtime'],
  ['src/store/a.ts', `export const b = () => ({ Buffer })`, 'Buffer is not a global of every runtime'],
  [
    'src/store/a.ts',
    `export const later = () => setTimeout(() => 1, 5)`,
    'setTimeout is not a global of every runtime',
  ],
  ['src/store/a.ts', `export const s = () => AbortSignal.any([])`, 'AbortSignal.any keeps its sources alive'],
  [
    'src/store/a.ts',
    `export const s = () => globalThis.AbortSignal.timeout(1)`,
    'AbortSignal.timeout cannot be cleared',
  ],
  ['src/store/a.ts', `export const run = (code: string) => eval(code)`, 'eval is refused'],
  ['src/store/a.ts', `export const { process } = globalThis`, 'globalThis hides what is taken from it'],
  ['src/store/a.ts', `export let count = 0`, 'a variable that can change, at import time'],
  [
    'src/store/a.ts',
    `export const seen = new Map<string, string>()`,
    'a collection that is filled later, at import time',
  ],
  ['src/store/a.ts', `Object.freeze({})`, 'a statement that runs, at import time'],
  ['src/store/a.ts', `export const text = await fetch('/')`, 'an await, at import time'],
  ['src/attic/a.ts', `export const old = 1`, 'belongs to no room'],
  ['adapters/memory.ts', 'export {}\n'.repeat(251), '251 lines, more than the 250 of an adapter'],
  [
    'src/store/key.ts',
    `import type { Chunk } from './chunked/chunked.ts'`,
    'a circle of imports: src/store/key.ts -> src/store/chunked/chunked.ts -> src/store/key.ts',
  ],
]

test.each(BREACHES)('%s: %s', (path, text, problem) => {
  const chunked = {
    'src/store/chunked/chunked.ts': `import type { Key } from '../key.ts'\nexport type Chunk = Key[]\n`,
  }
  const problems = checkFences({ ...HOUSE, ...(problem.includes('circle') && chunked), [path]: text })
  const own = problems.filter((found) => found.startsWith(path) || found.includes('circle'))
  expect(own).toHaveLength(1)
  expect(own[0]).toContain(problem)
})

test('portable names, shadowed names, member names and types are no violations', () => {
  const text = `
    import type { JsonValue } from '../json.ts'
    interface Named { process: string }
    type Old = typeof document
    const SIZES = new Set([1, 2])
    const cache = new WeakMap<object, JsonValue>()
    export function pick(window: Named, { name: Buffer }: { name: string }) {
      const size = { process: window.process, Buffer, localStorage: 1 }
      return [size.localStorage, SIZES, cache, new URL('x:y'), Math.max(1), globalThis.fetch, undefined as Old | undefined]
    }
    export class Box implements Named { process = 'a'; setTimeout() { return structuredClone(this.process) } }
  `
  expect(checkFences({ ...HOUSE, 'src/store/a.ts': text })).toEqual([])
})
