import { seal } from './chunk.ts'
import type { Ref } from './chunk-store.ts'
import { FORMAT, type Head, type Meta, type SlimSlice, type SlimSlices } from './head.ts'
import { runOf, type Slices } from './slice.ts'

/** The head's text: a line of JSON, then the lines of the tails. `slim` moves long lists of slices to pages. */
export function encodeHead(head: Head, slim: (slices: Slices) => SlimSlices): string {
  const tails: string[] = []
  const { units, tables, ...rest } = head
  const meta: Meta = {
    ...rest,
    units: [...units].map(([name, { version, position }]) => [name, version, position]),
    tables: [...tables].map(([name, { count, sweep, tail, runs, level }]) => {
      for (const row of tail.values()) tails.push(`${row.line}\n`)
      return [name, count, sweep, tail.size, runs.map(slim), slim(level)]
    }),
  }
  return `syncline ${FORMAT}\n${seal(`${JSON.stringify(meta)}\n${tails.join('')}`)}`
}

/** As `fullSlices` reads them. */
export function slimSlices(slices: Slices): SlimSlice[] {
  let last = ''
  const slim = (ref: Ref) => {
    const run = runOf(ref)
    const same = run === last && run !== ref
    last = run
    return same ? ref.slice(run.length) : ref
  }
  return slices.map(({ ref, sidecar, min, end, rows, chars }, i) => {
    return [slim(ref), slim(sidecar), min, slices[i + 1]?.min === end ? 0 : end, rows, chars]
  })
}
