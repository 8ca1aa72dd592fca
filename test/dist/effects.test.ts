import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, inject, test } from 'vitest'
import { entries } from '../../tools/entries.ts'
import { runNode } from './support/run.ts'

const consumer = inject('consumer')
const packed = inject('packed')
const library = packed.filter((file) => file.endsWith('.js') && file !== 'dist/cli.js')
const names = Object.keys(entries).map((entry) => entry.replace('.', 'syncline'))
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

const read = (file: string) => readFileSync(join(consumer, 'node_modules/syncline', file), 'utf8')

/** Code that is made of text, and awaits outside of functions. */
function findings(text: string): string[] {
  const file = ts.createSourceFile('x.js', text, ts.ScriptTarget.ES2022, true)
  const found: string[] = []
  const visit = (node: ts.Node, inFunction: boolean): void => {
    const called = (ts.isCallExpression(node) || ts.isNewExpression(node)) && node.expression.getText(file)
    if (called === 'eval' || called === 'Function') found.push(called)
    if (!inFunction && (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)))
      found.push('await')
    ts.forEachChild(node, (child) => visit(child, inFunction || ts.isFunctionLike(node)))
  }
  visit(file, false)
  return found
}

test('the check finds what it looks for', () => {
  expect(findings('eval("1"); new Function("x"); await 1; for await (const a of b); async () => await 1')).toEqual([
    'eval',
    'Function',
    'await',
    'await',
  ])
})

test('no file makes code of text or awaits while it is loaded', () => {
  expect(library.length).toBeGreaterThan(10)
  expect(library.flatMap((file) => findings(read(file)).map((found) => `${file}: ${found}`))).toEqual([])
})

/** Counts what modules do while they are loaded. */
const watcher = `
const before = Reflect.ownKeys(globalThis).length
const done = []
for (const name of ['fetch', 'setTimeout', 'setInterval', 'queueMicrotask', 'addEventListener']) {
  const original = globalThis[name]
  if (original) globalThis[name] = (...args) => (done.push(name), original(...args))
}
for (const method of ['log', 'warn', 'error', 'info']) {
  const original = console[method]
  console[method] = (...args) => (done.push(method), original(...args))
}
const random = Math.random
Math.random = () => (done.push('random'), random())
Date.now = () => (done.push('now'), 0)
void [process.stdout, process.stderr]
const resources = process.getActiveResourcesInfo()
const after = () => [done, Reflect.ownKeys(globalThis).length - before, process.getActiveResourcesInfo().slice(resources.length)]
`

test('importing does nothing: no global, no timer, no request, no output', () => {
  const script = `${watcher}
  for (const name of ${JSON.stringify(names)}) require(name)
  process.stdout.write(JSON.stringify(after()))`
  expect(JSON.parse(runNode(consumer, '--input-type=commonjs', '-e', script))).toEqual([[], 0, []])
})

test('package.json says so', () => {
  expect(manifest.sideEffects).toBe(false)
})

test('every file has its source map, with the sources in it', () => {
  for (const file of library) {
    const [, url = ''] = /\n\/\/# sourceMappingURL=(.+)\s*$/.exec(read(file)) ?? []
    const { sources, sourcesContent } = JSON.parse(read(join(file, '..', url)))
    expect([file, sourcesContent.length]).toEqual([file, sources.length])
    expect(sources.filter((source: string) => !/^(?:\.\.\/)+(?:src|adapters)\//.test(source))).toEqual([])
  }
})
