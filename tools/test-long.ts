/**
 * `npm run test:long`: the tests of the main project, with far more to try where they draw what they try: hours of it. A
 * variable that is set counts instead of the number here; arguments go to vitest.
 */
import { spawnSync } from 'node:child_process'
import process from 'node:process'

const LONG = { SIMULATION: '2000000', FAULTS: '10', FUZZ_RUNS: '100' }

// A test that tries a hundred times as much may take so much longer. A shell, since vitest is a script on Windows.
const { status } = spawnSync(['vitest run --project main --testTimeout=0', ...process.argv.slice(2)].join(' '), {
  shell: true,
  stdio: 'inherit',
  env: { ...LONG, ...process.env },
})
process.exitCode = status ?? 1
