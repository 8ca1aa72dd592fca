import { expect, test } from 'vitest'
import { type Example, readExamples } from '../../../tools/examples/read-markdown.ts'
import { runExample } from '../../../tools/examples/run.ts'
import { typeCheck } from '../../../tools/examples/type-check.ts'

const DOC = `# A page
<!-- setup
import { fakeApi } from './tools/examples/fake-api.ts'
fakeApi(({ pathname }) => ({ pathname }))
declare const env: { KEY: string }
-->
\`\`\`ts run
import { isSynclineError, SynclineError } from 'syncline'
const error = new SynclineError('network', 'It broke')
error.code // => 'network'
console.log(isSynclineError(error)) // => true
\`\`\`
- in a list:
  \`\`\`ts continues run
  const { code } = error
  const body = await (await fetch('https://a.example/x?y')).json() // => { pathname: '/x' }
  for (const n of [1, 1]) {
    n + 1 // => 2
  }
  \`\`\`
\`\`\`\`md
\`\`\`ts
const not: number = 'an example'
\`\`\`
\`\`\`\`
\`\`\`ts
const error: string = env.KEY
\`\`\`
`

function only(code: string): Example {
  const [example] = readExamples('doc.md', `\`\`\`ts run\n${code}\n\`\`\``)
  if (example === undefined) throw new Error('no example')
  return example
}

test('an example knows its place, its setup and what it continues', () => {
  const examples = readExamples('doc.md', DOC)
  expect(examples.map(({ line, run, blocks }) => [line, run, blocks.map((block) => block.line)])).toEqual([
    [8, true, [3, 8]],
    [15, true, [3, 8, 15]],
    [27, false, [3, 27]],
  ])
})

test('sound examples compile and run', async () => {
  const examples = readExamples('doc.md', DOC)
  expect([...typeCheck(examples).values()]).toEqual([[], [], []])
  for (const example of examples.filter(({ run }) => run)) expect(await runExample(example)).toEqual([])
})

test('an example that does not compile is reported at its line, once', () => {
  const wrong = DOC.replace('const { code } = error', 'const { cod } = error')
  const [first, second, third] = typeCheck(readExamples('doc.md', wrong)).values()
  expect([first, third]).toEqual([[], []])
  expect(second).toEqual([expect.stringMatching(/^doc\.md:15: Property 'cod' does not exist on type 'SynclineError'/)])
})

test('an error in the hidden setup is reported', () => {
  const examples = readExamples('doc.md', DOC.replace('{ KEY: string }', '{ KEY: strin }'))
  expect([...typeCheck(examples).values()].flat()).toContainEqual(
    expect.stringMatching(/^doc\.md:5: Cannot find name 'strin'/),
  )
})

test.each([
  ['1 + 1 // => 3', 'doc.md:2: is 2, not 3'],
  ['const a = { b: [1] } // => { b: [2] }', 'doc.md:2: is { b: [ 1 ] }, not { b: [2] }'],
  ['// a comment\nif (Math.max(1) > 2) {\n  1 // => 1\n}', 'doc.md:4: was never reached'],
  ['function nothing() {} // => 1', 'doc.md:2: was never reached, or stands after nothing that has a value'],
])('a value that is not as promised is reported: %s', async (code, problem) => {
  expect(await runExample(only(code))).toEqual([expect.stringContaining(problem)])
})

test('an example without a fake API reaches no network', async () => {
  await expect(runExample(only(`await fetch('http://127.0.0.1:9')`))).rejects.toThrow('no network')
})

test.each([
  ['```ts\nconst open = 1', 'doc.md:1: this block is never closed'],
  ['```ts runs\n```', 'doc.md:1: "runs" is none of run, continues'],
  ['text\n```ts continues\n```', 'doc.md:2: there is no example before'],
])('a fence that cannot be read is an error: %j', (doc, message) => {
  expect(() => readExamples('doc.md', doc)).toThrow(message)
})
