import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { entries } from '../../tools/entries.ts'

const jsr = JSON.parse(readFileSync('jsr.json', 'utf8'))
const { version, license } = JSON.parse(readFileSync('package.json', 'utf8'))

test('JSR gets what npm gets, as sources', () => {
  const exports = Object.fromEntries(Object.entries(entries).map(([entry, source]) => [entry, `./${source}`]))
  expect(jsr).toMatchObject({ exports, version, license })
})

test('Deno would publish it: every entry and all that they import', () => {
  const deno = resolve('test/runtimes/node_modules/.bin/deno')
  const args = ['publish', '--dry-run', '--allow-dirty', '--no-check', '--allow-slow-types']
  const env = { ...process.env, NO_COLOR: '1' }
  const output = execFileSync(deno, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env })
  expect(output).not.toContain('src/cli')
})
