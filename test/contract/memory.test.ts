import { describe, test } from 'vitest'
import { memoryStore } from '../../adapters/memory.ts'
import { storeContract } from '../../src/testing/store-contract.ts'

describe.each([
  ['with its own limits', {}],
  ['with small chunks and nothing in the head', { chunkBytes: 500, inlineBytes: 0 }],
  ['with small chunks', { chunkBytes: 500, inlineBytes: 2000 }],
])('memoryStore %s', (_, limits) => {
  test.each(storeContract)('$name', async ({ run }) => {
    let ahead = 0
    const store = memoryStore({ limits, ports: { now: () => Date.now() + ahead } })
    await run({
      store,
      other: () => store,
      advance: (ms) => {
        ahead += ms
      },
    })
  })
})
