/**
 * For tests of your own: the contract that every store fulfils, as cases that any test runner can run, and `mockApi`, an
 * API over records of yours that pages, refuses and fails as real ones do. Only `mockApi` needs the package msw.
 *
 * @example
 * import { test } from 'vitest'
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

export type { MockAuth, MockClientCredentials } from './mock/auth.ts'
export type { MockFault } from './mock/faults.ts'
export type {
  MockCursor,
  MockHeaderLink,
  MockJsonLink,
  MockOffset,
  MockPageNumber,
  MockPaging,
  MockSinglePage,
} from './mock/paging.ts'
export type { MockRateLimit } from './mock/rate-limit.ts'
export type { MockRecords } from './mock/records.ts'
export type { MockRequest } from './mock/request-log.ts'
export type { MockResource } from './mock/resource.ts'
export { type MockApi, type MockApiOptions, type MockPath, mockApi } from './mock-api.ts'
export { type StoreCase, type StoreHarness, storeContract } from './store-contract.ts'
