import { changeCases } from './contract/changes.ts'
import { commitCases } from './contract/commits.ts'
import { datasetCases } from './contract/datasets.ts'
import { dropAndSwapCases } from './contract/drop-and-swap.ts'
import { keyAndValueCases } from './contract/keys-and-values.ts'
import { leaseCases } from './contract/leases.ts'
import { readingCases } from './contract/reading.ts'
import { rowCases } from './contract/rows.ts'
import type { StoreCase } from './contract/store-case.ts'

export type { StoreCase, StoreHarness } from './contract/store-case.ts'

/** What every store must do. Plain cases, so that any test runner on any platform can run them. */
export const storeContract: readonly StoreCase[] = /* @__PURE__ */ [
  rowCases,
  keyAndValueCases,
  readingCases,
  commitCases,
  dropAndSwapCases,
  changeCases,
  leaseCases,
  datasetCases,
].flat()
