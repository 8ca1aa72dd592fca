import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { authSchemes, fieldsOf, filesIn, mechanisms, sectionOf } from './option-names.ts'

/** Interfaces whose fields have a row each in a table of a section. */
const inTables: [source: string, page: string, heading: string][] = [
  [config('source-config'), 'docs/config.md', 'Source'],
  [config('client'), 'docs/config.md', 'client'],
  [config('retry'), 'docs/config.md', 'client\\.retry'],
  [config('rate-limit'), 'docs/config.md', 'client\\.rateLimit'],
  [config('timeout'), 'docs/config.md', 'client\\.timeout'],
  [config('resource'), 'docs/config.md', 'Resource'],
  [config('endpoint'), 'docs/config.md', 'Endpoint'],
  [config('incremental'), 'docs/config.md', 'incremental'],
  [config('sync-token'), 'docs/config.md', 'Sync tokens'],
  [config('column'), 'docs/config.md', 'columns and schemaContract'],
  [config('write-disposition'), 'docs/config.md', 'Write dispositions'],
  [config('processing-step'), 'docs/selecting.md', 'Processing steps'],
  [config('response-action'), 'docs/selecting.md', 'Response actions'],
  ...authSchemes.map(([type, file]): [string, string, string] => [file, 'docs/auth.md', type]),
  ...mechanisms.map(([type, file]): [string, string, string] => [file, 'docs/paging.md', type]),
  ['src/errors.ts', 'docs/errors.md', 'What an error carries'],
]

/** Where the fields of other interfaces are named. */
const named: [sources: string[], page: string, internal?: RegExp][] = [
  [[config('contract')], 'docs/config.md'],
  [[config('parse')], 'docs/selecting.md'],
  [['src/config/dlt.ts', 'src/config/dlt/runtime.ts'], 'docs/dlt.md'],
  [['src/sync/run/options.ts', 'src/report.ts'], 'docs/engine.md'],
  [
    ['src/testing/mock-api.ts', ...filesIn('src/testing/mock', /^export interface Mock/m)],
    'docs/testing.md',
    /^(?!Mock)/,
  ],
  [['adapters/filesystem.ts', 'adapters/indexeddb.ts'], 'docs/storage.md', /^(?!(Filesystem|IndexedDb)Options$)/],
]

test.each(inTables)('each field of %s has a row in %s, %s', (source, page, heading) => {
  const fields = fieldsOf(source, /^AllowedOrigin$/).filter((field) => page !== 'docs/paging.md' || field !== 'type')
  const first = [...sectionOf(page, heading).matchAll(/^\|(.*?)\|/gm)].flatMap(([, cell]) => cell ?? []).join()
  const rows = [...first.matchAll(/`([^`]*)`/g)].flatMap(([, code = '']) => code.match(/\w+/g) ?? [])
  expect(fields.filter((field) => !rows.includes(field))).toEqual([])
})

test('the fields are read', () => {
  expect(authSchemes).toHaveLength(6)
  expect(mechanisms).toHaveLength(8)
  expect(inTables.filter(([source]) => fieldsOf(source).length === 0)).toEqual([])
})

for (const [sources, page, internal] of named) {
  const text = readFileSync(page, 'utf8')
  test.each(sources)(`every field of %s is in ${page}`, (source) => {
    const fields = fieldsOf(source, internal)
    expect(fields).not.toEqual([])
    expect(fields.filter((field) => !new RegExp(`\`[^\`]*\\b${field}\\b[^\`]*\``).test(text))).toEqual([])
  })
}

test.each(authSchemes)('docs/auth.md says which errors %s has', (type) => {
  expect(sectionOf('docs/auth.md', type)).toContain('**Errors:**')
})

test('every event is in docs/engine.md', () => {
  const [, events = ''] = /export type SyncEvent =([\s\S]*)$/.exec(readFileSync('src/report.ts', 'utf8')) ?? []
  const types = [...events.matchAll(/type: '(\w+)'/g)].flatMap(([, type]) => type ?? [])
  const page = readFileSync('docs/engine.md', 'utf8')
  expect(types).toContain('commit')
  expect(types.filter((type) => !page.includes(`| \`${type}\` |`))).toEqual([])
})

function config(name: string): string {
  return `src/config/${name}.ts`
}
