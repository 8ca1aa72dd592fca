import { type Case, caseId } from './cases.ts'

/** What a reader of the test output must know: how much of the corpus holds, and what is left out, by name. */
export function summary(cases: readonly Case[], passed: number): string {
  const later = cases.filter(({ syncline }) => syncline === 'later')
  const lines = [
    `conformance: ${passed} of ${cases.length} run and pass, ${later.length} are left out`,
    '  left out:',
    ...later.map((one) => `    ${caseId(one)}: ${one.syncline_reason}`),
  ]
  return `\n${lines.join('\n')}\n`
}
