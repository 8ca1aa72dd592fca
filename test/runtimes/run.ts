/**
 * Runs the suite in every runtime, prints one matrix of themes by runtimes and the cells that failed, and writes all
 * cells to a file. `run.ts 'Node 20' Deno`: only these. `--theme=retry`: only this.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { startApi } from './api/server.ts'
import { actualColumn, type Cell, expectedColumn } from './host/matrix.ts'
import { createConsumer } from './host/package.ts'
import { printFailures, printMatrix } from './host/print.ts'
import type { Host, Runtime } from './host/runtime.ts'
import { runtimes } from './host/runtimes.ts'
import type { Outcome } from './suite/suite.ts'

const MATRIX = 'node_modules/.cache/syncline/runtimes.json'

const args = process.argv.slice(2)
const theme = args.find((arg) => arg.startsWith('--theme='))?.slice('--theme='.length)
const asked = args.filter((arg) => !arg.startsWith('--'))
const chosen = runtimes.filter(({ name }) => asked.length === 0 || asked.includes(name))

async function runOne(runtime: Runtime, host: Host): Promise<ReadonlyMap<string, Cell> | undefined> {
  const program = await runtime.find()
  if (program === undefined) return undefined
  const start = performance.now()
  const expected = expectedColumn(themes, runtime)
  const cases = [...expected].filter(([, cell]) => cell === 'passed').map(([name]) => name)
  const place = { api: host.api.api, foreign: host.api.foreign, runtime: runtime.name.replaceAll(/\W+/g, '-') }
  const outcomes: Outcome[] = await runtime
    .run(program, { ...place, cases }, host)
    .catch((error) => [{ theme: 'runtime', name: 'it runs', failed: String(error?.stack ?? error) }])
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stderr.write(`${runtime.name}: ${outcomes.length} cases in ${seconds} s\n`)
  return actualColumn(expected, outcomes)
}

const api = await startApi()
const consumer = createConsumer()
const themes = (await consumer.list()).filter(({ name }) => theme === undefined || name === theme)
try {
  const columns = new Map<string, ReadonlyMap<string, Cell> | undefined>()
  const queue = [...chosen]
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      columns.set(next.name, await runOne(next, { api, consumer }))
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 2) }, worker))
  printMatrix(themes, chosen, columns)
  const failures = printFailures(chosen, columns)
  mkdirSync(dirname(MATRIX), { recursive: true })
  const cells = chosen.map(({ name }) => [name, Object.fromEntries(columns.get(name) ?? [])])
  writeFileSync(MATRIX, JSON.stringify(Object.fromEntries(cells), null, 2))
  process.exitCode = failures > 0 ? 1 : 0
} finally {
  consumer.remove()
  api.close()
}
