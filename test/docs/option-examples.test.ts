import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { readExamples } from '../../tools/examples/read-markdown.ts'
import { authSchemes, fieldsOf, mechanisms } from './option-names.ts'

// Every option stands in an example that is compiled and executed: `examples.test.ts` does both.

/** `owner` is the `type` of the options, or the option that has them below it. */
const options: [page: string, owner: string, file: string][] = [
  ...mechanisms.map(([type, file]): [string, string, string] => ['docs/paging.md', type, file]),
  ...authSchemes.map(([type, file]): [string, string, string] => ['docs/auth.md', type, file]),
  ...Object.entries({
    client: 'client',
    retry: 'retry',
    rateLimit: 'rate-limit',
    timeout: 'timeout',
    resources: 'resource',
    endpoint: 'endpoint',
    incremental: 'incremental',
    columns: 'column',
    schemaContract: 'contract',
    writeDisposition: 'write-disposition',
  }).map(([owner, name]): [string, string, string] => ['docs/config.md', owner, `src/config/${name}.ts`]),
  ['docs/selecting.md', 'responseActions', 'src/config/response-action.ts'],
  ['docs/selecting.md', 'processingSteps', 'src/config/processing-step.ts'],
]

test.each(options)('in %s there is an example of each option of %s', (page, owner, file) => {
  const examples = readExamples(page, readFileSync(page, 'utf8')).filter(({ run }) => run)
  const shown = new Set(examples.flatMap(({ blocks }) => optionsIn(blocks.at(-1)?.code ?? '', owner)))
  expect(fieldsOf(file).filter((name) => !shown.has(name))).toEqual([])
})

test('examples are searched at any depth', () => {
  expect(optionsIn("f({ a: [{ type: 'x', b: { c: 1 } }] }, 'y'); g({ type: 'y', d })", 'x')).toEqual(['type', 'b'])
  expect(optionsIn("f({ a: 'y' })", 'y')).toEqual(['type'])
  expect(optionsIn('f({ z: [{ a: { b: 1 } }, 7, { *c() {} }], d: 1 })', 'z')).toEqual(['a', 'b', 'c'])
})

/** The options that objects with this `type` have in the code, or that stand below this option at any depth. */
function optionsIn(code: string, owner: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node, below: boolean): void => {
    const inside = below || (ts.isPropertyAssignment(node) && node.name.getText() === owner)
    if (ts.isObjectLiteralExpression(node)) {
      const typed = node.properties.some((each) => each.name?.getText() === 'type' && isText(each, owner))
      if (typed || below) found.push(...node.properties.flatMap((each) => each.name?.getText() ?? []))
    } else if (ts.isPropertyAssignment(node) && node.name.getText() !== 'type' && isText(node, owner)) {
      // The name alone stands for options with this type and nothing else.
      found.push('type')
    }
    ts.forEachChild(node, (child) => visit(child, inside))
  }
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true), false)
  return found
}

function isText(node: ts.Node, text: string): boolean {
  return ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer) && node.initializer.text === text
}
