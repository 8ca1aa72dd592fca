import process from 'node:process'
import type { Listed } from '../entries/list.ts'
import { type Column, countTheme, reasonsNotHere } from './matrix.ts'
import type { Runtime } from './runtime.ts'

type Columns = ReadonlyMap<string, Column>

const print = (line = '') => process.stdout.write(`${line}\n`)

/**
 * One line for each theme: how many cases passed, `-` where none applies, `!` and the count of those that failed; then why
 * cases do not apply, and which runtimes are not there.
 */
export function printMatrix(themes: readonly Listed[], runtimes: readonly Runtime[], columns: Columns): void {
  const there = runtimes.filter(({ name }) => columns.get(name) !== undefined)
  const width = Math.max(...themes.map(({ name }) => name.length)) + 2
  const cell = (text: string, { name }: Runtime) => text.padStart(Math.max(name.length, 4) + 2)
  print(`${''.padEnd(width)}${there.map((runtime) => cell(runtime.name, runtime)).join('')}`)
  for (const { name: theme } of themes) {
    const texts = there.map((runtime) => {
      const { passed, failed } = countTheme(columns.get(runtime.name) ?? new Map(), theme)
      return cell(failed > 0 ? `!${failed}` : passed > 0 ? String(passed) : '-', runtime)
    })
    print(`${theme.padEnd(width)}${texts.join('')}`)
  }
  for (const { why, about } of reasonsNotHere(themes, there)) print(`Does not apply, ${why}: ${about}`)
  for (const { name, missing } of runtimes.filter(({ name }) => columns.get(name) === undefined)) {
    print(`!!! NOT RUN, SO NOTHING IS PROVED ABOUT IT: ${name} (${missing}) !!!`)
  }
}

/** Each cell that failed, and why. How many there are. */
export function printFailures(runtimes: readonly Runtime[], columns: Columns): number {
  let failures = 0
  for (const { name: runtime } of runtimes) {
    for (const [name, cell] of columns.get(runtime) ?? []) {
      if (cell === 'passed' || 'notHere' in cell) continue
      failures++
      print(`\nFAIL ${runtime}, ${name}\n${cell.failed}`)
    }
  }
  return failures
}
