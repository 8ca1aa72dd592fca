/**
 * Runs the suite in every runtime, two at a time, prints one matrix of themes by runtimes and the cells that failed, and
 * writes all cells to a file. `run.ts 'Node 20' Deno`: only these; `--theme=retry`: only this; `--write`: nothing but the
 * matrix in the documentation.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { startApi } from './api/server.ts'
import { matrixIsDocumented } from './host/document.ts'
import { actualColumn, type Cell, expectedColumn } from './host/matrix.ts'
import { createConsumer } from './host/package.ts'
import { printFailures, printMatrix } from './host/print.ts'
import type { Host, Runtime } from './host/runtime.ts'
import { runtimes } from './host/runtimes.ts'
import { CAPABILITIES } from './suite/suite.ts'

const CACHE = 'node_modules/.cache/syncline'
const AT_ONCE = 2

const args = process.argv.slice(2)
const theme = args.find((arg) => arg.startsWith('--theme='))?.slice('--theme='.length)
const asked = args.filter((arg) => !arg.startsWith('--'))
const chosen = runtimes.filter(({ name }) => asked.length === 0 || asked.includes(name))

const api = await startApi()
const consumer = createConsumer()
const themes = (await consumer.list()).filter(({ name }) => theme === undefined || name === theme)

async function runOne(runtime: Runtime, host: Host): Promise<ReadonlyMap<string, Cell> | undefined> {
  const program = await runtime.find()
  const mustBeThere = runtime.fromNpm && process.platform === 'linux' && process.arch === 'x64'
  if (program === undefined)
    return mustBeThere ? new Map([['it is installed', { failed: runtime.missing }]]) : undefined
  const start = performance.now()
  const expected = expectedColumn(themes, runtime)
  const cases = [...expected].filter(([, cell]) => cell === 'passed').map(([name]) => name)
  const place = {
    api: host.api.api,
    foreign: host.api.foreign,
    runtime: runtime.name.replaceAll(/\W+/g, '-'),
    has: CAPABILITIES.filter((name) => runtime.lacks[name] === undefined),
  }
  const outcomes = await runtime
    .run(program, { ...place, cases }, host)
    .catch((error) => [{ theme: 'runtime', name: 'it runs', failed: String(error?.stack ?? error) }])
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stderr.write(`${runtime.name}: ${outcomes.length} cases in ${seconds} s\n`)
  return actualColumn(expected, outcomes)
}

async function runAll(): Promise<Map<string, ReadonlyMap<string, Cell> | undefined>> {
  const columns = new Map<string, ReadonlyMap<string, Cell> | undefined>()
  // Those that take longest stand last.
  const queue = [...chosen].reverse()
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      columns.set(next.name, await runOne(next, { api, consumer }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return columns
}

/** `counts`: as vitest writes them. */
function save(name: string, value: object): void {
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(`${CACHE}/${name}.json`, JSON.stringify(value, null, 2))
}

async function main(): Promise<number> {
  if (themes.length === 0 || chosen.length === 0) throw new Error('There is no such theme or runtime')
  if (args.includes('--write')) return matrixIsDocumented(themes, runtimes, true) ? 0 : 1
  const columns = await runAll()
  printMatrix(themes, chosen, columns)
  let failed = printFailures(chosen, columns)
  if (theme === undefined && !matrixIsDocumented(themes, runtimes, false)) {
    failed++
    process.stdout.write('\nFAIL docs/runtimes.md has another matrix: npm run runtimes -- --write\n')
  }
  const cells = [...columns.values()].flatMap((column) => [...(column?.values() ?? [])])
  const passed = cells.filter((cell) => cell === 'passed').length
  process.stdout.write(`\n${passed} cells passed, ${failed} failed\n`)
  save('cells', Object.fromEntries(chosen.map(({ name }) => [name, Object.fromEntries(columns.get(name) ?? [])])))
  save('runtimes', { numPassedTests: passed, numFailedTests: failed, numPendingTests: 0, numTodoTests: 0 })
  return failed > 0 ? 1 : 0
}

try {
  process.exitCode = await main()
} finally {
  consumer.remove()
  api.close()
}
