import { afterAll, describe, expect, test } from 'vitest'
import { type Case, caseId, loadCases } from './cases.ts'
import { waiting } from './features.ts'
import { runCase } from './run.ts'
import { runStepwise } from './run-stepwise.ts'
import { summary } from './summary.ts'

const cases = loadCases()
const listed = waiting.flatMap(({ cases }) =>
  Object.entries(cases).flatMap(([suite, names]) => names.map((name) => caseId({ suite, name }))),
)
const marked = cases.filter(({ syncline }) => syncline !== 'later')
const due = marked.filter((one) => !listed.includes(caseId(one)))
const early = marked.filter((one) => listed.includes(caseId(one)))
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

describe('cases that wait', () => {
  test('each is in the corpus, and listed once', () => {
    expect([...listed].sort()).toEqual(early.map(caseId).sort())
  })

  test('none passes: one that does comes off the list in features.ts', async () => {
    const passing: string[] = []
    for (const one of early) if (await passes(one)) passing.push(caseId(one))
    expect(passing).toEqual([])
  }, 60_000)
})

/** Whether a case passes. What has not come yet may hang as well. */
async function passes(one: Case): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 2000)
  })
  const run = runCase(one).then(
    () => true,
    () => false,
  )
  return Promise.race([run, late]).finally(() => clearTimeout(timer))
}

afterAll(() => {
  process.stdout.write(summary(cases, passed.size))
})
