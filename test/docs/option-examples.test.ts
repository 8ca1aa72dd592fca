import { readFileSync } from 'node:fs'
import ts from 'typescript'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { mechanisms } from '../../src/paginators/index.ts'
import { readExamples } from '../../tools/examples/read-markdown.ts'

// Every option stands in an example that is compiled and executed: `examples.test.ts` does both.

const options = Object.entries(mechanisms).map(([type, schema]) => row('docs/paging.md', type, schema))

test.each(options)('in %s there is an example of each option of %s', (page, type, names) => {
  const examples = readExamples(page, readFileSync(page, 'utf8')).filter(({ run }) => run)
  const shown = new Set(examples.flatMap(({ blocks }) => optionsIn(blocks.at(-1)?.code ?? '', type)))
  expect(names.filter((name) => !shown.has(name))).toEqual([])
})

test('the options are those of the schemas, and examples are searched at any depth', () => {
  expect(options).toContainEqual(['docs/paging.md', 'json_link', ['type', 'nextUrlPath']])
  expect(optionsIn("f({ a: [{ type: 'x', b: { c: 1 } }] }, 'y'); g({ type: 'y', d })", 'x')).toEqual(['type', 'b'])
  expect(optionsIn("f({ a: 'y' })", 'y')).toEqual(['type'])
})

/** The names of the options: a schema lists them when it meets one that it does not know. */
function row(page: string, type: string, schema: v.GenericSchema<unknown>): [string, string, string[]] {
  const { issues = [] } = v.safeParse(schema, { type, '?': 1 })
  const [unknown] = issues.filter((issue) => issue.type === 'never')
  return [page, type, unknown?.message.split(' ') ?? []]
}

/** The options that objects with this `type` have in the code. The type alone, as a text, has none. */
function optionsIn(code: string, type: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit)
    if (ts.isObjectLiteralExpression(node)) {
      const typed = node.properties.some((each) => each.name?.getText() === 'type' && isText(each, type))
      if (typed) found.push(...node.properties.flatMap((each) => each.name?.getText() ?? []))
    } else if (ts.isPropertyAssignment(node) && node.name.getText() !== 'type' && isText(node, type)) found.push('type')
  }
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true))
  return found
}

function isText(node: ts.Node, text: string): boolean {
  return ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer) && node.initializer.text === text
}
