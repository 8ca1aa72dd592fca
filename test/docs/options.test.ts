import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Where the fields of which interfaces are documented. */
const documented: readonly [sources: string[], page: string, internal?: RegExp][] = [
  [['source-config', 'client', 'retry', 'rate-limit', 'timeout', 'resource', 'endpoint'].map(config), 'docs/config.md'],
  [['incremental', 'sync-token', 'column', 'contract', 'write-disposition'].map(config), 'docs/config.md'],
  [['processing-step', 'response-action', 'parse'].map(config), 'docs/selecting.md'],
  [filesIn('src/auth', /^export const \w+: AuthScheme/m), 'docs/auth.md'],
  [filesIn('src/paginators/options', /^export interface \w+Options /m), 'docs/paging.md'],
  [['src/config/dlt.ts', 'src/config/dlt/runtime.ts'], 'docs/dlt.md'],
  [['src/sync/run/options.ts', 'src/report.ts'], 'docs/engine.md'],
  [['src/errors.ts'], 'docs/errors.md', /^SynclineError$/],
  [
    ['src/testing/mock-api.ts', ...filesIn('src/testing/mock', /^export interface Mock/m)],
    'docs/testing.md',
    /^(?!Mock)/,
  ],
  [['adapters/filesystem.ts', 'adapters/indexeddb.ts'], 'docs/storage.md', /^(?!(Filesystem|IndexedDb)Options$)/],
]

for (const [sources, page, internal] of documented) {
  const text = readFileSync(page, 'utf8')
  test.each(sources)(`every field of %s is in ${page}`, (source) => {
    const fields = fieldsOf(readFileSync(source, 'utf8'), internal)
    expect(fields).not.toEqual([])
    expect(fields.filter((field) => !new RegExp(`\`[^\`]*\\b${field}\\b[^\`]*\``).test(text))).toEqual([])
  })
}

test.each(filesIn('src/auth', /^export const \w+: AuthScheme/m))(
  'every option of %s is in an example of its section that is run',
  (file) => {
    const source = readFileSync(file, 'utf8')
    const [, type = ''] = /^ {2}type: '(\w+)',$/m.exec(source) ?? []
    const [, section = ''] = readFileSync('docs/auth.md', 'utf8').split(new RegExp(`^## ${type}$`, 'm'))
    const [own = ''] = section.split(/^## /m)
    const examples = [...own.matchAll(/^```ts run\n([\s\S]*?)^```$/gm)].map(([, code]) => code).join('\n')
    expect(fieldsOf(source).filter((field) => !new RegExp(`\\b${field}\\b`).test(examples))).toEqual([])
    expect(own).toContain('**Errors:**')
  },
)

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

function filesIn(folder: string, pattern: RegExp): string[] {
  const files = readdirSync(folder).map((name) => `${folder}/${name}`)
  return files.filter((file) => pattern.test(readFileSync(file, 'utf8')))
}

/** The names of the fields of exported interfaces. */
function fieldsOf(source: string, internal?: RegExp): string[] {
  const interfaces = source.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)
  return [...interfaces].flatMap(([, name = '', body = '']) =>
    internal?.test(name)
      ? []
      : [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].flatMap(([, field]) => field ?? []),
  )
}
