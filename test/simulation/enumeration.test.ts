import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, loadEngine } from './engine.ts'
import { playCut } from './enumerate.ts'
import { violationOf } from './history.ts'
import type { Fate } from './process.ts'
import { scenarios, unsteady } from './scenarios-named.ts'

const KINDS: readonly Fate['kind'][] = ['abort', 'throw', 'crash', 'crash-after']

let engine: Engine
beforeAll(async () => {
  engine = await loadEngine()
})

const sum = { positions: 0, broken: 0 }
const figures: string[] = []
afterAll(() => {
  const all = `enumeration: ${sum.positions} positions (abort, throw and crash at every await), ${sum.broken} violations`
  process.stdout.write(`${[all, ...figures].join('\n')}\n`)
})

test.each([...scenarios, ...scenarios.slice(0, 3).map(unsteady)])(
  'cut anywhere: $name',
  async (named) => {
    const points = await playCut(engine, named)
    expect(points).toBeGreaterThan(15)
    figures.push(`${String(points).padStart(6)} await points: ${named.name}`)
    const broken: string[] = []
    for (const kind of KINDS) {
      for (let at = 1; at <= points; at++) {
        const violation = await violationOf(playCut(engine, named, { at, kind }))
        sum.positions++
        if (violation === undefined) continue
        sum.broken++
        broken.push(`${kind} at ${at}: ${violation.message}`)
      }
    }
    expect(broken).toEqual([])
  },
  120_000,
)
