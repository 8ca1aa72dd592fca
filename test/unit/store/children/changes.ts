import type { Entry, TableChanges } from '../../../../src/store/index.ts'

/** What the n-th commit of a unit does, for ever different and always the same: small and large ones, deletions. */
export function changesOf(unit: string, n: number): Required<Pick<TableChanges, 'put' | 'delete'>> {
  const size = n % 3 === 0 ? 120 : 4
  const keys = Array.from({ length: size }, (_, i) => [unit, (n * 131 + i * 7) % 600] as const)
  if (n % 7 === 6) return { put: [], delete: keys }
  return {
    put: keys.map((key) => ({ key, value: { n, text: `${n} `.repeat(1 + (n % 40)) } }) satisfies Entry),
    delete: [],
  }
}
