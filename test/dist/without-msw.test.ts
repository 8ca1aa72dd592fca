// The store contract is for those who write stores; they need not install what only `mockApi` needs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { bundlers } from './support/bundlers.ts'
import { installConsumer } from './support/consumer.ts'
import { runNode } from './support/run.ts'

const program = `
import { mockApi, storeContract } from 'syncline/testing'
mockApi({ baseUrl: 'https://api.example.com', resources: {} }).catch(({ code, hint }) => {
  console.log(storeContract.length > 10, code, hint)
})
`
const OUTPUT =
  'true not_implemented Install it: npm install --save-dev msw. In Deno it also needs --allow-env=DEBUG,LOG_LEVEL,NODE_ENV.\n'

const temp = mkdtempSync(join(tmpdir(), 'syncline-dist-'))
afterAll(() => rmSync(temp, { recursive: true, force: true }))
const consumer = installConsumer(join(temp, 'consumer'), inject('tarball'), [])
const entry = join(consumer, 'main.mjs')
writeFileSync(entry, program)

test('without msw, `syncline/testing` works all but mockApi, which says what is missing', () => {
  expect(runNode(consumer, entry)).toBe(OUTPUT)
})

test.each(Object.entries(bundlers))('nor does it need msw when %s bundles it', async (name, bundle) => {
  // Some warn, which is an error to this helper; what they have written works.
  await bundle(consumer, entry, join(consumer, name)).catch(({ message }) => expect(message).toContain('msw'))
  expect(runNode(consumer, join(consumer, name, 'main.js'))).toBe(OUTPUT)
})
