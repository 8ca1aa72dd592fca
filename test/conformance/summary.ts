import { type Case, caseId } from './cases.ts'

/** What a reader of the test output must know: how much of the corpus holds, suite by suite, and what is left out. */
export function summary(cases: readonly Case[], passed: ReadonlySet<Case>): string {
  const later = cases.filter(({ syncline }) => syncline === 'later')
  const suites = [...new Set(cases.map(({ suite }) => suite))]
  const lines = [
    `conformance: ${passed.size} of ${cases.length} run and pass, ${later.length} are left out`,
    `  ${marks(cases, passed)}`,
    ...suites.map(
      (suite) =>
        `    ${suite}: ${marks(
          cases.filter((one) => one.suite === suite),
          passed,
        )}`,
    ),
    '  left out:',
    ...later.map((one) => `    ${caseId(one)}: ${one.syncline_reason}`),
  ]
  return `\n${lines.join('\n')}\n`
}

/** `same: 1 of 1 (100 %), differs: 19 of 19`: those that pass, of those with the mark. */
function marks(cases: readonly Case[], passed: ReadonlySet<Case>): string {
  const figures = (['same', 'differs'] as const).map((mark) => {
    const marked = cases.filter(({ syncline }) => syncline === mark)
    const held = marked.filter((one) => passed.has(one)).length
    const share = mark === 'same' && marked.length > 0 ? ` (${Math.floor((100 * held) / marked.length)} %)` : ''
    return `${mark}: ${held} of ${marked.length}${share}`
  })
  return figures.join(', ')
}
