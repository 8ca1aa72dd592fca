import { type Case, caseId } from './cases.ts'
import { waiting } from './features.ts'

/** What a reader of the test output must know: how much of the corpus holds, and what does not yet, by name. */
export function summary(cases: readonly Case[], passed: number): string {
  const later = cases.filter(({ syncline }) => syncline === 'later')
  const counts = waiting.map(({ issue, cases }) => [issue, Object.values(cases).flat().length] as const)
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  const byIssue = counts.map(([issue, count]) => `issue ${issue} (${count})`).join(', ')
  const lines = [
    `conformance: ${passed} of ${cases.length} run and pass${total > 0 ? `, ${total} wait for: ${byIssue}` : ''}, ${later.length} are left out`,
    ...waiting.flatMap(({ issue, brings, cases }) => [
      `  issue ${issue} (${brings}):`,
      ...Object.entries(cases).map(([suite, names]) => `    ${suite}: ${names.join(', ')}`),
    ]),
    '  left out:',
    ...later.map((one) => `    ${caseId(one)}: ${one.syncline_reason}`),
  ]
  return `\n${lines.join('\n')}\n`
}
