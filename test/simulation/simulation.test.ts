import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, loadEngine } from './engine.ts'
import { type Outcome, play } from './history.ts'
import { regressions } from './regressions.ts'
import { WRITES } from './scenario.ts'

/** `SIMULATION_SEED=7`: plays one history and shows what happens. `SIMULATION=2000000`: so many histories, however long. */
const { SIMULATION_SEED, SIMULATION } = process.env

/** Histories of a run of the tests: of the plain family, and of that of ways to write. */
const HISTORIES = Number(SIMULATION ?? 20_000)
const OF_WRITES = SIMULATION === undefined ? 400 : HISTORIES
/** In a long run, every fifth history is one that has never been played before. A run of the tests is the same each time. */
const FRESH = SIMULATION === undefined ? Number.POSITIVE_INFINITY : 5

let engine: Engine
beforeAll(async () => {
  engine = await loadEngine()
})

const figures: string[] = []
afterAll(() => {
  if (figures.length > 0) process.stdout.write(`${figures.join('\n')}\n`)
})

function expectSound({ seed, violation }: Outcome): void {
  if (violation === undefined) return
  throw new Error(
    `seed ${seed} breaks a law: ${violation.message}\nSIMULATION_SEED=${seed} npx vitest run --project main test/simulation/simulation.test.ts`,
  )
}

test.runIf(SIMULATION_SEED !== undefined)('one history, told', async () => {
  const lines: string[] = []
  const outcome = await play(engine, Number(SIMULATION_SEED), (line) => lines.push(line))
  process.stdout.write(`${lines.join('\n')}\n`)
  expectSound(outcome)
})

test.runIf(SIMULATION_SEED === undefined)(
  'seeds that have found something find nothing any more',
  async () => {
    for (const { seed } of regressions) expectSound(await play(engine, seed))
  },
  60_000,
)

test.runIf(SIMULATION_SEED === undefined).each([
  ['', 0, HISTORIES],
  [' of ways to write', WRITES, OF_WRITES],
])(
  'no history%s breaks a law',
  async (family, from, histories) => {
    const cpu = process.cpuUsage()
    const base = from + Math.floor(Math.random() * (WRITES - histories))
    const sum = { histories: 0, requests: 0, steps: 0, crashes: 0, losses: 0 }
    const broken: Outcome[] = []
    while (sum.histories < histories && broken.length < 5) {
      const n = sum.histories++
      const outcome = await play(engine, n % FRESH === 1 ? base + n : from + n)
      for (const key of ['requests', 'steps', 'crashes', 'losses'] as const) sum[key] += outcome[key]
      if (outcome.violation !== undefined) broken.push(outcome)
    }
    const { user, system } = process.cpuUsage(cpu)
    figures.push(
      `simulation: ${sum.histories} histories${family} (seeds from ${from}${SIMULATION === undefined ? '' : `, every fifth one fresh from ${base}`}), ` +
        `${broken.length} violations, ${((user + system) / 1000 / sum.histories).toFixed(1)} ms of CPU each; ` +
        `${sum.requests} requests, ${sum.steps} steps, ${sum.crashes} crashes; ` +
        `${sum.losses} live rows were deleted by page drift, and came back`,
    )
    for (const { seed, violation } of broken) figures.push(`  seed ${seed}: ${violation?.message}`)
    for (const outcome of broken) expectSound(outcome)
    expect(sum.histories).toBeGreaterThan(100)
  },
  SIMULATION === undefined ? 1_800_000 : 2 ** 31 - 1,
)
