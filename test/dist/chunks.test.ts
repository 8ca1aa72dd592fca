import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { expect, inject, test } from 'vitest'
import { cjsProgram, esmProgram, OUTPUT } from './support/program.ts'
import { runNode } from './support/run.ts'

const consumer = inject('consumer')
const packed = inject('packed')

const ON_DEMAND = [
  'engine',
  'writer',
  'describe',
  'oauth',
  'auto',
  'parse-text',
  'post-form',
  'redirect',
  'response-actions',
  'leftovers',
  'sweep',
  'orphans',
  'subscription',
  'changes',
]
const OF_FILES = ['filesystem-drop', 'filesystem-lease', 'filesystem-watch']

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

test('it works with its files as they are, imported and required', () => {
  expect(runNode(consumer, '--input-type=module', '-e', esmProgram)).toBe(OUTPUT)
  expect(runNode(consumer, '--input-type=commonjs', '-e', cjsProgram)).toBe(OUTPUT)
})

test.each([
  { title: 'in one file', format: 'esm', splitting: false },
  { title: 'in one file of CommonJS', format: 'cjs', splitting: false },
  { title: 'in chunks', format: 'esm', splitting: true },
] as const)('it works bundled $title', async ({ title, format, splitting }) => {
  const outdir = join(consumer, title.replaceAll(' ', '-'))
  await build({
    stdin: { contents: esmProgram, resolveDir: consumer },
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
