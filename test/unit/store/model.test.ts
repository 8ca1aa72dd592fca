import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../adapters/memory.ts'
import { checkHistory, commands } from './model.ts'

// Small chunks, so that short histories fold, move, promote and split.
test.each([
  ['everything in the head', { chunkBytes: 300, inlineBytes: 1_000_000 }],
  ['a run per commit', { chunkBytes: 300, inlineBytes: 0 }],
  ['both', { chunkBytes: 300, inlineBytes: 800 }],
  ['a chunk per row', { chunkBytes: 1, inlineBytes: 200 }],
  ['few operations allowed', { chunkBytes: 300, inlineBytes: 100, maxOps: 30 }],
])(
  'a store in memory behaves like maps: %s',
  async (_, limits) => {
    let histories = 0
    await fc.assert(
      fc.asyncProperty(commands, async (history) => {
        const store = memoryStore({ limits })
        await checkHistory(history, () => store.open('dataset'))
        histories++
      }),
      { numRuns: 60 },
    )
    expect(histories).toBeGreaterThanOrEqual(60)
  },
  60_000,
)
