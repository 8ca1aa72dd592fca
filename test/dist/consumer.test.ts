import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, inject, test } from 'vitest'
import { entries } from '../../tools/entries.ts'
import { runNode } from './support/run.ts'

const consumer = inject('consumer')
const names = Object.keys(entries).map((entry) => entry.replace('.', 'syncline'))

const run = (...args: string[]) => runNode(consumer, ...args)

const COMPILERS = {
  'nodenext, in a browser project': { module: 'nodenext', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] },
  'nodenext, in a Node project': { module: 'nodenext', lib: ['ES2022'], types: ['node'] },
  'bundler, in a browser project': { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM'], types: [] },
}

test.each(Object.entries(COMPILERS))('all types check with skipLibCheck false: %s', (title, options) => {
  // msw's own types do not check without DOM's.
  const checked = options.lib.includes('DOM') ? names : names.filter((name) => name !== 'syncline/testing')
  const file = `${title.replaceAll(/\W+/g, '-')}.ts`
  const imports = checked.map((name, i) => `import * as entry${i} from '${name}'`)
  const uses = checked.map((_, i) => `typed(entry${i})`)
  writeFileSync(
    join(consumer, file),
    `${imports.join('\n')}
    // A module without types would be any.
    function typed<Module>(_module: 0 extends 1 & Module ? never : Module): void {}
    ${uses.join('\n')}
    `,
  )
  const compilerOptions = { ...options, target: 'es2022', strict: true, skipLibCheck: false, noEmit: true }
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
  expect(run(resolve('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json')).toBe('')
})

test.each(names)('%s can be imported and required', (name) => {
  const print = 'console.log(Object.keys(entry).sort().join())'
  const imported = run('--input-type=module', '-e', `import * as entry from '${name}'; ${print}`)
  expect(imported.trim()).not.toBe('')
  expect(run('--input-type=commonjs', '-e', `const entry = require('${name}'); ${print}`)).toBe(imported)
})

/** Later versions of Node, where they are installed for the runtimes. */
const later = ['node22', 'node24', 'node26'].map((name) => resolve(`test/runtimes/node_modules/${name}/bin/node`))

test('all of it can be required in later versions of Node too, without a warning', () => {
  const script = `for (const name of ${JSON.stringify(names)}) require(name)`
  for (const node of later.filter((path) => existsSync(path))) {
    const { stderr, status } = spawnSync(node, ['-e', script], { cwd: consumer, encoding: 'utf8' })
    expect([node, stderr, status]).toEqual([node, '', 0])
  }
})

test('the command runs', () => {
  expect(run('node_modules/syncline/dist/cli.js', '--help')).toContain('syncline')
})
