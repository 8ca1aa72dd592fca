import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readExamples } from '../../tools/examples/read-markdown.ts'
import { runExample } from '../../tools/examples/run.ts'
import { typeCheck } from '../../tools/examples/type-check.ts'

const files = [
  'README.md',
  'CONTRIBUTING.md',
  ...(existsSync('docs') ? readdirSync('docs', { recursive: true, encoding: 'utf8' }) : []).map((name) =>
    join('docs', name),
  ),
].filter((file) => file.endsWith('.md') && existsSync(file))

const examples = files.flatMap((file) => readExamples(file, readFileSync(file, 'utf8')))
const problems = typeCheck(examples)

for (const example of examples) {
  test(`${example.file}:${example.line} compiles`, () => {
    expect(problems.get(example)).toEqual([])
  })
}

for (const example of examples.filter(({ run }) => run)) {
  test(`${example.file}:${example.line} runs as it says`, async () => {
    expect(await runExample(example)).toEqual([])
  })
}

test('the documents are read', () => {
  expect(files).toContain('CONTRIBUTING.md')
})
