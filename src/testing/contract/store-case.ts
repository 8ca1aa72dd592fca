import type { Store } from '../../store/dataset.ts'

/** One fresh place per case. */
export interface StoreHarness {
  readonly store: Store
  /** The same place, as another tab, process or isolate sees it: nothing is shared in memory. */
  other(): Store
  /** Makes the store's clock show a later time. */
  advance(ms: number): void
  /**
   * What the place does not have. `lease`: its leases exclude each other within one store only. `cas`: it says so in its
   * limits, so all that writes at the same time must write through one store. `watch`: it hears of what is committed
   * through the same store only.
   */
  readonly lacks?: readonly ('lease' | 'cas' | 'watch')[]
}

export interface StoreCase {
  readonly name: string
  run(harness: StoreHarness): Promise<void>
}
