import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { expect, inject, test } from 'vitest'
import { runNode } from './support/run.ts'

const consumer = inject('consumer')
const packed = inject('packed')

const ON_DEMAND = ['engine', 'writer', 'describe', 'oauth', 'auto', 'parse-text', 'subscription', 'changes']
const OF_FILES = ['filesystem-lease', 'filesystem-watch']

/** The files that a module of the package imports, those that it loads later not among them. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(consumer, 'node_modules/syncline', file), 'utf8')
  return [...code.matchAll(/(?:\bfrom|^import) ?["'](\.[^"']+)["']/gm)].map(([, path = '']) =>
    join(dirname(file), path),
  )
}

test('what is needed on demand lies in files of its own, which nothing imports at once', () => {
  const atOnce = new Set(packed.filter((file) => /^dist\/(index|dlt|store|adapters\/\w+)\.js$/.test(file)))
  for (const file of atOnce) for (const imported of importsOf(file)) atOnce.add(imported)
  const parts = [...ON_DEMAND, ...OF_FILES]
  const files = packed.filter((file) => parts.some((name) => new RegExp(`^dist/${name}-\\w{8}\\.js$`).test(file)))
  expect(files).toHaveLength(parts.length)
  expect(files.filter((file) => atOnce.has(file))).toEqual([])
})

/** Loads every part: the engine, what writes, OAuth, automatic paging, what calls a parse function, what tells changes. */
const program = `
const auth = { type: 'oauth2_client_credentials', accessTokenUrl: 'https://api.example.com/token', clientId: 'a', clientSecret: 'b' }
const source = defineSource({
  name: 'crm',
  client: { baseUrl: 'https://api.example.com', auth },
  resources: [{ name: 'items', primaryKey: 'id', endpoint: { parse: (text, { json }) => ({ body: json(text), ended: true }) } }],
})
const fetch = async (url) => Response.json(url.endsWith('/token') ? { access_token: 't' } : [{ id: 1 }, { id: 2 }])
const store = memoryStore()
const run = () => sync(source, store, { ports: { fetch } })
openDataset(source, store)
  .then((data) => {
    const told = new Promise((resolve) => {
      const stop = data.table('items').subscribe((changes) => resolve([changes, stop()]))
    })
    return run()
      .then(() => told)
      .then(([changes]) => console.log(changes.map(({ type, key }) => type + key).join()))
      .then(() => data.table('items').count())
  })
  .then((rows) => console.log(rows))
`
const OUTPUT = 'added1,added2\n2\n'
const imports = `
import { defineSource, openDataset, sync } from 'syncline'
import { memoryStore } from 'syncline/adapters/memory'`
const requires = `
const { defineSource, openDataset, sync } = require('syncline')
const { memoryStore } = require('syncline/adapters/memory')`

test('it works with its files as they are, imported and required', () => {
  expect(runNode(consumer, '--input-type=module', '-e', imports + program)).toBe(OUTPUT)
  expect(runNode(consumer, '--input-type=commonjs', '-e', requires + program)).toBe(OUTPUT)
})

test.each([
  { title: 'in one file', format: 'esm', splitting: false },
  { title: 'in one file of CommonJS', format: 'cjs', splitting: false },
  { title: 'in chunks', format: 'esm', splitting: true },
] as const)('it works bundled $title', async ({ title, format, splitting }) => {
  const outdir = join(consumer, title.replaceAll(' ', '-'))
  await build({
    stdin: { contents: imports + program, resolveDir: consumer },
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.mjs' },
    outdir,
    format,
    splitting,
  })
  expect(runNode(consumer, join(outdir, format === 'cjs' ? 'stdin.cjs' : 'stdin.mjs'))).toBe(OUTPUT)
})
