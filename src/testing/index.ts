/**
 * For tests of your own: the contract that every store fulfils, as cases that any test runner can run.
 *
 * @example
 * import { test } from 'node:test'
 * import { memoryStore } from 'syncline/adapters/memory'
 * import { storeContract } from 'syncline/testing'
 *
 * for (const { name, run } of storeContract) {
 *   test(name, async () => {
 *     let ahead = 0
 *     const store = memoryStore({ ports: { now: () => Date.now() + ahead } })
 *     await run({ store, other: () => store, advance: (ms) => void (ahead += ms) })
 *   })
 * }
 *
 * @module
 */
export { type StoreCase, type StoreHarness, storeContract } from './store-contract.ts'
