/**
 * `npm test`: every check of the house, two at a time. Prints a line for each, the whole output of those that fail, and
 * as its last line `N passed, N failed`: the tests that vitest counts, and one for each other check.
 *
 * `npm run test:long`: the tests that can try more, for an hour or so: more faults, histories and inputs, and some of them
 * new ones. `FAULTS=100 npm run test:long`: even more of these.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { pack } from './pack.ts'

interface Check {
  readonly name: string
  readonly command: string
  /** Where it writes its counts, as vitest does. */
  readonly counts?: string
  /** What it prints is shown in any case. */
  readonly shown?: true
  /** How much more it tries, where the caller does not say. */
  readonly factors?: Readonly<Record<string, string>>
}

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const CACHE = 'node_modules/.cache/syncline'

const longChecks: readonly Check[] = [
  long('histories', 'test/simulation/simulation.test.ts', { SIMULATION: '200000' }),
  long('faults', 'test/unit/store test/contract', { FAULTS: '20' }),
  long('inputs', 'test/unit/fuzz', { FUZZ_RUNS: '50', FUZZ_SEED: String(Date.now() % 2 ** 31) }),
]

/** The slowest first, so that none is left over at the end. */
const shortChecks: readonly Check[] = [
  {
    name: 'runtimes',
    command: 'node --import ./tools/ts.mjs test/runtimes/run.ts',
    counts: `${CACHE}/runtimes.json`,
    shown: true,
  },
  vitest('package', 'dist'),
  vitest('tests', 'main'),
  { name: 'coverage', command: 'npm run --silent coverage' },
  { name: 'types', command: 'tsc -p tsconfig.node.json' },
  { name: 'types without Node', command: 'tsc -p tsconfig.json' },
  { name: 'lint', command: 'biome check --error-on-warnings .' },
  { name: 'import rules', command: 'node --import ./tools/ts.mjs tools/check-imports.ts' },
  { name: 'size', command: 'node --import ./tools/ts.mjs tools/size.ts' },
  { name: 'lock', command: 'node --import ./tools/ts.mjs tools/check-lock.ts' },
]

function vitest(name: string, project: string, files = ''): Check {
  const counts = `${CACHE}/${name}.json`
  const command = `vitest run --project ${project} --reporter=default --reporter=json --outputFile.json=${counts} ${files}`
  return { name, counts, command: command.trim() }
}

function long(name: string, files: string, factors: Record<string, string>): Check {
  return { ...vitest(name, 'main', files), factors, shown: true }
}

async function run(check: Check): Promise<Counts> {
  const start = performance.now()
  const { code, output } = await execute(check.command, check.factors)
  const counts = check.counts === undefined ? countOf(code) : readCounts(check.counts, code)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const detail = [
    check.counts && `${counts.passed} passed`,
    counts.failed && `${counts.failed} failed`,
    counts.skipped && `${counts.skipped} skipped`,
  ]
  console.log([counts.failed ? 'FAIL' : 'ok  ', check.name, `${seconds} s`, ...detail.filter(Boolean)].join('  '))
  if (counts.failed) console.log(`\n$ ${check.command}`)
  if (counts.failed || check.shown) console.log(`\n${output.trim()}\n`)
  return counts
}

/** Without colours where nobody sees them: vitest sends them to files too. */
const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' }

/** The packages' own commands are found as in an npm script. Without input, so that nothing can wait for an answer. */
function execute(command: string, factors: Check['factors']): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...factors, ...env } })
    let output = ''
    const add = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function countOf(code: number): Counts {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
}

/** A file that could not be loaded has no tests, and an error outside of tests none either: both count as a failure. */
function readCounts(file: string, code: number): Counts {
  try {
    const {
      numPassedTests: passed,
      numFailedTests,
      numPendingTests,
      numTodoTests,
    } = JSON.parse(readFileSync(file, 'utf8'))
    const failed = code !== 0 && numFailedTests === 0 ? 1 : numFailedTests
    return { passed, failed, skipped: numPendingTests + numTodoTests }
  } catch {
    return countOf(code || 1)
  }
}

/** Runs all, so many at a time, in their order. */
async function runAll(queue: Check[]): Promise<Counts[]> {
  const results: Counts[] = []
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) results.push(await run(check))
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker))
  return results
}

rmSync(CACHE, { recursive: true, force: true })
mkdirSync(CACHE, { recursive: true })
const checks = process.argv.includes('--long') ? longChecks : shortChecks
// Before all else: two checks use it.
if (checks === shortChecks) pack()
const results = await runAll([...checks])
const sum = (key: keyof Counts) => results.reduce((total, counts) => total + counts[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') > 0 ? 1 : 0
