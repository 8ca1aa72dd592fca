import type { CommitResult, Dataset } from '../../../src/store/index.ts'

/** Commits rows and position together, in turn small and large, going on from where the position is. */
export async function commitNext(dataset: Dataset, unit: string): Promise<number> {
  const { value, version } = await dataset.position(unit)
  const n = Number(value ?? 0) + 1
  await commitNumber(dataset, unit, n, version)
  return n
}

function commitNumber(dataset: Dataset, unit: string, n: number, expect: string): Promise<CommitResult> {
  const put = Array.from({ length: rowsOf(n) }, (_, i) => ({
    key: [unit, n, i],
    value: { i, text: `row ${i} `.repeat(20) },
  }))
  return dataset.commit({ unit, position: n, expect, tables: { t: { put } } })
}

/** Of every third commit so many that they do not fit into the head. */
function rowsOf(n: number): number {
  return n % 3 === 0 ? 200 : 2
}

/** The position of each unit; throws unless the rows are exactly those that the positions promise. */
export async function checkRows(dataset: Dataset): Promise<Record<string, number>> {
  for (;;) {
    const before = await dataset.version()
    const { positions, problem } = await compare(dataset)
    // What was committed in the midst of looking proves nothing.
    if (before !== (await dataset.version())) continue
    if (problem !== undefined) throw new Error(problem)
    return positions
  }
}

async function compare(dataset: Dataset): Promise<{ positions: Record<string, number>; problem?: string }> {
  const positions: Record<string, number> = {}
  let promised = 0
  for (const unit of await dataset.units()) {
    const last = Number((await dataset.position(unit)).value)
    positions[unit] = last
    for (let n = 1; n <= last; n++) promised += rowsOf(n)
  }
  let found = 0
  for await (const rows of dataset.scan('t')) {
    for (const { key } of rows) {
      const [unit, n] = key as [string, number, number]
      const last = positions[unit] ?? 0
      if (n > last) return { positions, problem: `A row of commit ${n}, but the position is ${last}` }
      found++
    }
  }
  if (found === promised) return { positions }
  return { positions, problem: `${found} rows, where the positions promise ${promised}` }
}
