// The store contract is for those who write stores; they need not install what only `mockApi` needs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, inject, onTestFinished, test } from 'vitest'
import { installConsumer } from './support/consumer.ts'
import { runNode } from './support/run.ts'

const program = `
import { mockApi, storeContract } from 'syncline/testing'
mockApi({ baseUrl: 'https://api.example.com', resources: {} }).catch(({ code, hint }) => {
  console.log(storeContract.length > 10, code, hint)
})
`
const OUTPUT = 'true not_implemented Install it: npm install --save-dev msw\n'

test('without msw, `syncline/testing` works all but mockApi, which says what is missing; bundled, too', async () => {
  const temp = mkdtempSync(join(tmpdir(), 'syncline-dist-'))
  onTestFinished(() => rmSync(temp, { recursive: true, force: true }))
  const consumer = installConsumer(join(temp, 'consumer'), inject('tarball'), [])
  expect(runNode(consumer, '--input-type=module', '-e', program)).toBe(OUTPUT)
  const outfile = join(consumer, 'bundle.mjs')
  const stdin = { contents: program, resolveDir: consumer }
  await build({ stdin, bundle: true, platform: 'browser', format: 'esm', outfile, logLevel: 'silent' })
  expect(runNode(consumer, outfile)).toBe(OUTPUT)
})
