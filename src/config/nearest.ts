/** The valid name that was probably meant: differs in case or underscores only, or in at most a third of its letters. */
export function nearest(name: string, valid: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of valid) {
    const distance = plain(name) === plain(candidate) ? 0 : editDistance(name, candidate)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

const plain = (name: string) => name.toLowerCase().replace(/[_-]/g, '')

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let [before, row]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : Infinity
      next.push(Math.min(replaced, swapped, at(row, j) + 1, at(next, j - 1) + 1))
    }
    ;[before, row] = [row, next]
  }
  return at(row, b.length)
}

const at = (row: readonly number[] | undefined, index: number) => row?.[index] ?? Infinity
