/** One line of the table: what was measured, and whether it is what it should be. */
export interface Figure {
  readonly what: string
  readonly figure: string
  /** What issue and docs promise; figures without are for information. */
  readonly aim?: string
  readonly holds?: boolean
}

/** A part of the bench. Parts of one group run by the group's name, too. */
export interface Part {
  readonly name: string
  readonly what: string
  run(): Promise<Figure[]>
}

export function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
}

export function sum(list: readonly number[]): number {
  return list.reduce((total, each) => total + each, 0)
}

export const mean = (list: readonly number[]) => sum(list) / list.length

export async function timed(run: () => unknown): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

export const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`
export const times = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)}x`

/** `value` is to be at most, or at least, the bound. */
export function atMost(what: string, value: number, bound: number, shown: string, unit = ''): Figure {
  return { what, figure: shown, aim: `<= ${bound}${unit}`, holds: value <= bound }
}

export function atLeast(what: string, value: number, bound: number, shown: string, unit = ''): Figure {
  return { what, figure: shown, aim: `>= ${bound}${unit}`, holds: value >= bound }
}

export function print(figures: readonly Figure[]): void {
  const rows = figures.map(({ what, figure, aim = '', holds }) => {
    return [what, figure, aim, holds === undefined ? '' : holds ? 'ok' : 'MISSED']
  })
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => (row[at] as string).length)))
  for (const row of rows) {
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at] as number))
        .join('  ')
        .trimEnd(),
    )
  }
}
