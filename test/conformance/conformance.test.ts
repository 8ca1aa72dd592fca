import { afterAll, describe, test } from 'vitest'
import { type Case, loadCases } from './cases.ts'
import { runCase } from './run.ts'
import { runStepwise } from './run-stepwise.ts'
import { summary } from './summary.ts'

const cases = loadCases()
const due = cases.filter(({ syncline }) => syncline !== 'later')
const passed = new Set<Case>()

for (const suite of new Set(due.map((one) => one.suite))) {
  describe(`dlt ${suite}`, () => {
    for (const one of due.filter((each) => each.suite === suite)) {
      test(one.name, async () => {
        await runCase(one)
        passed.add(one)
      })
      if (one.mode !== 'extract' || one.server === undefined) continue
      const { server } = one
      test(`${one.name}, one page a step`, () => runStepwise(one, server))
    }
  })
}

afterAll(() => {
  process.stdout.write(summary(cases, passed))
})
