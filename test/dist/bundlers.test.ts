import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { bundlers } from './support/bundlers.ts'
import { esmProgram, OUTPUT } from './support/program.ts'
import { runNode } from './support/run.ts'

const consumer = inject('consumer')
const entry = join(consumer, 'main.mjs')
writeFileSync(entry, esmProgram)
/** What is bundled is run as ES modules. */
const folderOf = (name: string) => join(consumer, `bundled-${name}`)

test.each(Object.entries(bundlers))('an app bundled with %s runs, its rare parts in chunks', async (name, bundle) => {
  const file = await bundle(consumer, entry, folderOf(name))
  // No code may be made of text: the strictest content security policy allows it.
  expect(runNode(consumer, '--disallow-code-generation-from-strings', file)).toBe(OUTPUT)
  expect(readdirSync(folderOf(name), { recursive: true }).length).toBeGreaterThan(4)
})

test.each(Object.entries(bundlers))('%s leaves nothing of an import that is not used', async (name, bundle) => {
  const unused = join(consumer, 'main.mjs')
  writeFileSync(
    unused,
    "import { sync } from 'syncline'\nimport { jsonpath } from 'syncline/jsonpath'\nconsole.log('alone')\n",
  )
  const file = await bundle(consumer, unused, folderOf(`${name}-unused`))
  expect(runNode(consumer, file)).toBe('alone\n')
  expect(readFileSync(file, 'utf8').length).toBeLessThan(100)
})
