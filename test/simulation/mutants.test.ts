import { afterAll, expect, test } from 'vitest'
import { loadEngine } from './engine.ts'
import { play } from './history.ts'
import { mutants, waiting } from './mutants/list.ts'

/** A fault that is not found within so many histories counts as not found. */
const MOST = 5000

const figures: string[] = []
afterAll(() => {
  const lines = [
    `planted faults, and how many histories each took (of at most ${MOST}):`,
    ...figures,
    ...waiting.map((fault) => `${'-'.padStart(6)}  ${fault.name}: waits for ${fault.for}`),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
})

// Seeds before `found` are known to pass; `SIMULATION=1` plays them all the same.
test.each(mutants)(
  'finds: $name',
  async ({ name, edits, found }) => {
    const engine = await loadEngine(edits)
    const from = process.env.SIMULATION === undefined ? found - 1 : 0
    let histories = from
    let violation: string | undefined
    while (violation === undefined && histories < MOST) violation = (await play(engine, histories++)).violation?.message
    figures.push(`${String(histories).padStart(6)}  ${name}  (${violation?.slice(0, 80).replaceAll('\n', ' ')})`)
    expect(violation, `after ${histories} histories`).toBeDefined()
  },
  600_000,
)
