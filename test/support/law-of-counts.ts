import { vi } from 'vitest'
import type * as RunStep from '../../src/sync/run-step.ts'
import { expectBalance } from './balance.ts'

/**
 * The law of counts holds in every step that a test of this project takes, whatever it is about: also of one that fails or
 * is interrupted. What is bundled before it runs (`test/simulation`, `test/dist`) asserts it by itself.
 */
vi.mock('../../src/sync/run-step.ts', async (original) => {
  const { runStep } = await original<typeof RunStep>()
  const counted: typeof runStep = async (...args) => {
    const result = await runStep(...args)
    expectBalance(result.report)
    return result
  }
  return { runStep: counted }
})
