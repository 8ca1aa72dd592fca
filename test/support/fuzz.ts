import fc, { type IRawProperty } from 'fast-check'
import { afterAll } from 'vitest'

const SEED = Number(process.env.FUZZ_SEED ?? 20_260_101)
/** `FUZZ_RUNS=100` tries a hundred times as much. */
const FACTOR = Number(process.env.FUZZ_RUNS ?? 1)

const done = new Map<string, number>()

/** Tries a property on so many inputs, the same ones each time unless `FUZZ_SEED` says otherwise. */
export async function fuzz<T>(what: string, numRuns: number, property: IRawProperty<T>): Promise<void> {
  const runs = numRuns * FACTOR
  await fc.assert(property, { seed: SEED, numRuns: runs })
  done.set(what, (done.get(what) ?? 0) + runs)
}

/** Prints, after the tests of a file, how much was tried. */
export function printFigures(): void {
  afterAll(() => {
    const figures = [...done].map(([what, runs]) => `${what} ${runs.toLocaleString('en')}`)
    process.stdout.write(`fuzz, seed ${SEED}: ${figures.join(', ')}\n`)
  })
}

/**
 * A string that counts how often it is looked at, so that the time which a parser needs can be told without a clock. A
 * part costs as much as it is long.
 */
export function countedText(text: string): { text: string; steps(): number } {
  let steps = 0
  const view = (part: string): string => {
    const counted = {
      get length() {
        return part.length
      },
      charAt(at: number) {
        steps++
        return part.charAt(at)
      },
      charCodeAt(at: number) {
        steps++
        return part.charCodeAt(at)
      },
      indexOf(sign: string, from = 0) {
        const at = part.indexOf(sign, from)
        steps += (at < 0 ? part.length : at) - from + 1
        return at
      },
      slice(start: number, end?: number) {
        const cut = part.slice(start, end)
        steps += cut.length
        return steps > 0 && start === 0 ? view(cut) : cut
      },
    }
    return counted as unknown as string
  }
  return { text: view(text), steps: () => steps }
}
