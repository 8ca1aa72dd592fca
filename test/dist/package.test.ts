import { existsSync, readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { expect, inject, test } from 'vitest'
import { cliEntry, entries, exportsField } from '../../tools/entries.ts'
import { runNode } from './support/run.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const packed = inject('packed')

test('package.json exports exactly the entries that are built, and their sources exist', () => {
  expect(manifest.exports).toEqual(exportsField())
  expect([...Object.values(entries), cliEntry].filter((source) => !existsSync(source))).toEqual([])
})

test('every file that package.json names is in the package', () => {
  const targets = Object.values<Record<string, string> | string>(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  )
  const named = [...targets, ...Object.values<string>(manifest.bin)].map((file) => file.replace('./', ''))
  expect(named.filter((file) => !packed.includes(file))).toEqual([])
})

test('the package has these files and no others', async () => {
  // Shared code lies in files whose names carry a hash of their content, and how many there are is the bundler's affair.
  const names = packed.map((file) => file.replace(/(?:chunk|[\w-]+)-[\w-]{8}(\.d\.ts|\.js)/, 'shared$1'))
  await expect(`${[...new Set(names)].sort().join('\n')}\n`).toMatchFileSnapshot('files.txt')
})

test('publint finds nothing', async () => {
  const { buffer } = new Uint8Array(readFileSync(inject('tarball')))
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true })
  expect(messages.map((message) => formatMessage(message, manifest, { color: false }))).toEqual([])
})

test('attw finds the types of every entry under every resolution that reads ESM', () => {
  const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js'
  const report = runNode('.', attw, inject('tarball'), '--profile', 'esm-only', '--format', 'ascii', '--no-emoji')
  expect(report.match(/bundler: OK/g)).toHaveLength(Object.keys(exportsField()).length)
})

test('the types name no package but those that users of the entry have', () => {
  const named = packed
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?:from|import|import\() ?'([^.'][^']*)'/g)].map((m) => m[1]),
    )
  expect(
    [...new Set(named)].filter((name) => !/^(valibot|msw(\/node)?|json-p3|syncline\/\w+)$/.test(name ?? '')),
  ).toEqual([])
})
