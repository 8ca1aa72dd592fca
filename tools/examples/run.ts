import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect, isDeepStrictEqual } from 'node:util'
import { build } from 'esbuild'
import ts from 'typescript'
import { entries } from '../entries.ts'
import type { Example } from './read-markdown.ts'

/** In `node_modules`, so that the packages are found. */
const FOLDER = resolve('node_modules/.cache/syncline-examples')

const EXPECTS = /^\/\/ => ?(?<value>.*)$/

/** A value that a document promises in a comment. */
interface Promised {
  readonly line: number
  readonly text: string
}

/**
 * Executes an example and compares what it promises: after an expression, a `console.log` of one or a `const`, a comment
 * `// => value` gives the value, as JavaScript. Returns what differs, as `README.md:12: ...`; without a `fetch` of the
 * setup's, every request is refused.
 */
export async function runExample(example: Example): Promise<string[]> {
  const code = example.blocks.map((block) => instrument(block.code, block.line)).join('\n')
  const promised = example.blocks.flatMap((block) => promises(block.code, block.line))
  const seen: [line: number, value: unknown][] = await execute(`${code}\nexport {}`)
  return promised.flatMap(({ line, text }) => {
    const values = seen.filter(([at]) => at === line).map(([, value]) => value)
    const expected: unknown = new Function(`return (${text})`)()
    if (values.length === 0)
      return [`${example.file}:${line}: was never reached, or stands after nothing that has a value`]
    const wrong = values.filter((value) => !isDeepStrictEqual(value, expected))
    return wrong.map((value) => `${example.file}:${line}: is ${inspect(value, { depth: 9 })}, not ${text}`)
  })
}

function promises(code: string, first: number): Promised[] {
  return code.split('\n').flatMap((text, i) => {
    const value = /\/\/ => ?(?<value>.*)$/.exec(text)?.groups?.value
    return value === undefined ? [] : [{ line: first + i, text: value }]
  })
}

/** Reports the value of each statement that has a `// =>` behind it. */
function instrument(code: string, first: number): string {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const edits: { start: number; end: number; text: string }[] = []
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit)
    const value = ts.isStatement(node) ? shownValue(node) : undefined
    if (value === undefined || !hasPromise(code, node.end)) return
    const line = first + file.getLineAndCharacterOfPosition(node.end).line
    const start = ts.isExpressionStatement(node) ? node.getStart(file) : node.end
    edits.push({ start, end: node.end, text: `;__seen(${line}, (${value.getText(file)}));` })
  }
  visit(file)
  return edits.reduceRight((text, { start, end, text: call }) => text.slice(0, start) + call + text.slice(end), code)
}

function hasPromise(code: string, end: number): boolean {
  return (ts.getTrailingCommentRanges(code, end) ?? []).some(({ pos, end: stop }) =>
    EXPECTS.test(code.slice(pos, stop)),
  )
}

/** What a reader takes for the value of a statement. */
function shownValue(node: ts.Statement): ts.Node | undefined {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.at(-1)?.name
  if (!ts.isExpressionStatement(node)) return undefined
  const { expression } = node
  const isLog = ts.isCallExpression(expression) && expression.expression.getText() === 'console.log'
  return isLog ? expression.arguments[0] : expression
}

async function execute(code: string): Promise<[number, unknown][]> {
  const contents = `export const __values = []; const __seen = (...seen) => { __values.push(structuredClone(seen)) }\n${code}`
  const names = Object.entries(entries).map(([entry, source]) => [entry.replace('.', 'syncline'), resolve(source)])
  const { outputFiles } = await build({
    stdin: { contents, loader: 'ts', resolveDir: resolve('.') },
    // The longest first: esbuild takes the first that is a prefix.
    alias: Object.fromEntries(names.sort(([a = ''], [b = '']) => b.length - a.length)),
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
  })
  mkdirSync(FOLDER, { recursive: true })
  const file = resolve(FOLDER, `${crypto.randomUUID()}.mjs`)
  writeFileSync(file, outputFiles[0]?.contents ?? '')
  const { fetch } = globalThis
  globalThis.fetch = () => Promise.reject(new TypeError('An example has no network: call fakeApi in the setup'))
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)).__values
  } finally {
    globalThis.fetch = fetch
    rmSync(file)
  }
}
