/**
 * For tests of your own: the contract that every store fulfils, as cases that any test runner can run.
 *
 * @example
 * import { storeContract } from 'syncline/testing'
 * for (const { name, run } of storeContract) test(name, () => run(harness()))
 *
 * @module
 */
export { type StoreCase, type StoreHarness, storeContract } from './store-contract.ts'
