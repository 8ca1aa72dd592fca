import { resolve } from 'node:path'
import ts from 'typescript'
import { entries } from '../entries.ts'
import type { Example } from './read-markdown.ts'

/** The errors of each example, as `README.md:12: message`. All are compiled together, with the sources as `syncline`. */
export function typeCheck(examples: readonly Example[]): Map<Example, string[]> {
  const options = compilerOptions()
  const modules = new Map(examples.map((example, i) => [resolve(`example-${i}.ts`), example]))
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  const textOf = (path: string) => {
    const example = modules.get(resolve(path))
    return example && `${example.blocks.map(({ code }) => code).join('\n')}\nexport {}\n`
  }
  host.fileExists = (path) => modules.has(resolve(path)) || fileExists(path)
  host.readFile = (path) => textOf(path) ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = textOf(path)
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version)
  }
  const program = ts.createProgram([...modules.keys()], options, host)
  return new Map([...modules].map(([path, example]) => [example, problemsOf(program, path, example)]))
}

function compilerOptions(): ts.CompilerOptions {
  const file = resolve('tsconfig.node.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, ts.sys.readFile).config,
    ts.sys,
    resolve('.'),
  )
  const paths = Object.entries(entries).map(([entry, source]) => [entry.replace('.', 'syncline'), [resolve(source)]])
  // Examples may name what they do not use.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false, paths: Object.fromEntries(paths) }
}

/** Without those of the blocks before it: they are reported where they stand. */
function problemsOf(program: ts.Program, path: string, example: Example): string[] {
  const source = program.getSourceFile(path)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].flatMap((problem) => {
    const line = problem.file?.getLineAndCharacterOfPosition(problem.start ?? 0).line ?? 0
    const place = placeOf(example, line)
    const message = ts.flattenDiagnosticMessageText(problem.messageText, '\n')
    return place === undefined ? [] : [`${example.file}:${place}: ${message}`]
  })
}

/** The line in the document of a line in the module; undefined in a block that another example reports. */
function placeOf({ blocks, line }: Example, at: number): number | undefined {
  let first = 0
  for (const block of blocks) {
    const length = block.code.split('\n').length
    if (at < first + length) return block.hidden || block.line === line ? block.line + at - first : undefined
    first += length
  }
  return line
}
