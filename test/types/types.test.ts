import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, expect, test } from 'vitest'

/**
 * The fixtures (`*.test-d.ts`) compile: each deliberate mistake has a `@ts-expect-error` above it, followed by what the
 * compiler shows: a sentence of ours, or, after `TS:`, a part of its own message. Here they are compiled without those
 * directives, and what is shown is compared with what is expected, line by line.
 */
const folder = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const fixtures = readdirSync(folder).filter((file) => file.endsWith('.test-d.ts'))
const DIRECTIVE = /^\s*\/\/ @ts-expect-error (.*)$/

let program: ts.Program

const SLOW = 120_000

beforeAll(() => {
  program = compile(new Map())
}, SLOW)

test.each(fixtures)(
  '%s shows what it says',
  (file) => {
    expect(shown(file)).toEqual(expected(file))
  },
  SLOW,
)

test('the runner sees a missing mistake, another sentence and a surplus mistake', () => {
  const line = (text: string) => ({ line: 1, text })
  expect(
    matches([line('Type \'"x"\' is not assignable to type \'"no paginator \\"x\\""\'.')], 'no paginator "x"'),
  ).toBe(true)
  expect(
    matches([line('Type \'"x"\' is not assignable to type \'"no paginator \\"y\\""\'.')], 'no paginator "x"'),
  ).toBe(false)
  expect(matches([line("Type '\"x\"' is not assignable to type 'never'.")], 'no paginator "x"')).toBe(false)
  expect(matches([line('a'), line('a')], 'TS: a')).toBe(false)
  expect(matches([], 'TS: a')).toBe(false)
})

test(
  '200 resources with schemas, parents and cursors are cheap to check',
  () => {
    const files = new Map([[`${folder}large.test-d.ts`, largeSource(200)]])
    const large = compile(files)
    const errors = large.getSemanticDiagnostics(large.getSourceFile(`${folder}large.test-d.ts`))
    expect(errors.map(({ messageText }) => messageText)).toEqual([])
    // Counted instead of timed, since a count is the same on every machine. About 3,000 for each resource.
    expect((large as ts.Program & { getInstantiationCount(): number }).getInstantiationCount()).toBeLessThan(800_000)
  },
  SLOW,
)

interface Shown {
  readonly line: number
  readonly text: string
}

/** Line by line: the expected text where exactly it is shown, else whatever is. */
function shown(file: string): Shown[] {
  const source = program.getSourceFile(folder + file)
  const found = program.getSemanticDiagnostics(source).map(({ start = 0, messageText }) => ({
    line: (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1,
    text: ts.flattenDiagnosticMessageText(messageText, '\n'),
  }))
  const wanted = new Map(expected(file).map(({ line, text }) => [line, text]))
  const lines = [...new Set(found.map(({ line }) => line))].sort((a, b) => a - b)
  return lines.map((line) => {
    const here = found.filter((each) => each.line === line)
    const text = wanted.get(line)
    return { line, text: text !== undefined && matches(here, text) ? text : here.map((each) => each.text).join('\n') }
  })
}

function expected(file: string): Shown[] {
  const lines = readFileSync(folder + file, 'utf8').split('\n')
  return lines.flatMap((line, i) => {
    const text = DIRECTIVE.exec(line)?.[1]
    return text === undefined ? [] : [{ line: i + 2, text }]
  })
}

/** Exactly one mistake, with this text. A sentence of ours is a whole string type. */
function matches(found: readonly Shown[], text: string): boolean {
  const [only, ...more] = found
  if (only === undefined || more.length > 0) return false
  return only.text.includes(text.startsWith('TS: ') ? text.slice(4) : `type '${JSON.stringify(text)}'`)
}

function compile(virtual: ReadonlyMap<string, string>): ts.Program {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists } = host
  const read = (name: string) =>
    virtual.get(name) ?? readFile.call(host, name)?.replaceAll('@ts-expect-error', 'expects')
  host.readFile = read
  host.fileExists = (name) => virtual.has(name) || fileExists.call(host, name)
  host.getSourceFile = (name, target) => {
    const text = read(name)
    return text === undefined ? undefined : ts.createSourceFile(name, text, target)
  }
  const names = virtual.size > 0 ? [...virtual.keys()] : fixtures.map((file) => folder + file)
  return ts.createProgram(names, { ...options, noUnusedLocals: false, noUnusedParameters: false }, host)
}

function largeSource(count: number): string {
  const indexes = Array.from({ length: count }, (_, i) => i)
  const schemas = indexes.map(
    (i) =>
      `const S${i} = v.object({ id: v.string(), a${i}: v.nullable(v.number()), b: v.object({ c: v.array(v.string()) }) })`,
  )
  const resources = indexes.map((i) => {
    const parent = i === 0 ? '' : `/{resources.r${i - 1}.id}`
    return `{
      name: 'r${i}', schema: S${i}, ${i === 0 ? '' : `includeFromParent: ['a${i - 1}'],`}
      processingSteps: [{ filter: (row) => row.id !== '${i}' }],
      endpoint: {
        path: '/r${i}${parent}', params: { q: '${i}' }, paginator: { type: 'offset', limit: ${i + 1} },
        incremental: { cursorPath: 'at', startParam: 'since', initialValue: ${i} },
      },
    }`
  })
  return `import * as v from 'valibot'
import { defineSource, type RowOf } from '../../src/source.ts'
${schemas.join('\n')}
const source = defineSource({
  name: 'large', client: { baseUrl: 'https://api.example.com' }, resourceDefaults: { primaryKey: 'id' },
  resources: [${resources.join(',\n')}],
})
export const amount: RowOf<typeof source, 'r${count - 1}'>['a${count - 1}'] = 1
`
}
