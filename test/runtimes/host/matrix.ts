import type { Listed } from '../entries/list.ts'
import type { Outcome } from '../suite/suite.ts'
import type { Runtime } from './runtime.ts'

export type Cell = 'passed' | { readonly failed: string } | { readonly notHere: string }

/** One column. `undefined`: it was not run. */
export type Column = ReadonlyMap<string, Cell> | undefined

export const cellName = (theme: string, name: string) => `${theme}: ${name}`

/** Why a case does not apply. */
function notHere({ lacks }: Pick<Runtime, 'lacks'>, needs: readonly string[] = []): string | undefined {
  return needs.map((need) => lacks[need as keyof typeof lacks]).find((why) => why !== undefined)
}

/** All cells, as they have to be: a case passes, or does not apply for a reason that is known beforehand. */
export function expectedColumn(themes: readonly Listed[], runtime: Pick<Runtime, 'lacks'>): ReadonlyMap<string, Cell> {
  const cells = themes.flatMap(({ name: theme, cases }) =>
    cases.map(({ name, needs }): [string, Cell] => {
      const why = notHere(runtime, needs)
      return [cellName(theme, name), why === undefined ? 'passed' : { notHere: why }]
    }),
  )
  return new Map(cells)
}

/** What came of a run: a case without an outcome has failed, and so has an outcome that belongs to no case. */
export function actualColumn(
  expected: ReadonlyMap<string, Cell>,
  outcomes: readonly Outcome[],
): ReadonlyMap<string, Cell> {
  const results = new Map(outcomes.map((outcome) => [cellName(outcome.theme, outcome.name), outcome]))
  const column = new Map<string, Cell>()
  for (const [name, cell] of expected) {
    const result = results.get(name)
    results.delete(name)
    if (cell !== 'passed') column.set(name, cell)
    else if (result === undefined) column.set(name, { failed: 'It was not run' })
    else column.set(name, result.failed === undefined ? 'passed' : { failed: result.failed })
  }
  for (const [name, { failed = 'Nobody asked for it' }] of results) column.set(name, { failed })
  return column
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  /** Reasons why cases do not apply, each once. */
  readonly notHere: readonly string[]
}

/** A theme in a column. */
export function countTheme(column: ReadonlyMap<string, Cell>, theme: string): Counts {
  const cells = [...column].filter(([name]) => name.startsWith(`${theme}: `)).map(([, cell]) => cell)
  const reasons = cells.flatMap((cell) => (typeof cell === 'object' && 'notHere' in cell ? [cell.notHere] : []))
  const failed = cells.filter((cell) => typeof cell === 'object' && 'failed' in cell).length
  const passed = cells.filter((cell) => cell === 'passed').length
  return { passed, failed, notHere: [...new Set(reasons)] }
}

/** Why cases do not apply: each reason once, with the themes and the runtimes that it is about. */
export function reasonsNotHere(
  themes: readonly Listed[],
  runtimes: readonly Pick<Runtime, 'name' | 'lacks'>[],
): { why: string; about: string }[] {
  const found = new Map<string, { themes: Set<string>; runtimes: Set<string> }>()
  for (const runtime of runtimes) {
    const column = expectedColumn(themes, runtime)
    for (const { name: theme } of themes) {
      for (const why of countTheme(column, theme).notHere) {
        const about = found.get(why) ?? { themes: new Set(), runtimes: new Set() }
        found.set(why, about)
        about.themes.add(theme)
        about.runtimes.add(runtime.name)
      }
    }
  }
  return [...found].map(([why, about]) => {
    return { why, about: `${[...about.themes].join('; ')} (${[...about.runtimes].join(', ')})` }
  })
}
