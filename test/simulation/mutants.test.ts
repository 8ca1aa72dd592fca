import { afterAll, expect, test } from 'vitest'
import { type Engine, loadEngine } from './engine.ts'
import { play } from './history.ts'
import { mutants, mutantsOfWrites, waiting } from './mutants/list.ts'

/** A fault that is not found within so many histories counts as not found, unless the seed of a rare one is known. */
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

async function lawBroken(engine: Engine, seed: number): Promise<string | undefined> {
  return (await play(engine, seed)).violation?.law
}

// The seed that is known to find it comes first, which saves the time of the search; `SIMULATION=1` searches from 0 on.
test.each([...mutants, ...mutantsOfWrites])(
  'finds: $name',
  async ({ name, edits, found, family = 0 }) => {
    const engine = await loadEngine(edits)
    let histories = found
    let law = process.env.SIMULATION === undefined ? await lawBroken(engine, family + found - 1) : undefined
    if (law === undefined) histories = 0
    while (law === undefined && histories < MOST) law = await lawBroken(engine, family + histories++)
    figures.push(`${String(histories).padStart(6)}  ${name} (law: ${law})`)
    expect(law, `after ${histories} histories`).toBeDefined()
  },
  600_000,
)
