import { expect } from 'vitest'
import type { Store } from '../../src/store/index.ts'
import { changedStore } from './items.ts'

class Cut extends Error {}

/**
 * Plays a story once undisturbed, then once for every commit of it, dying just before that commit, and just after it. The
 * story gets the store and a function for each of its runs, which is called again after a death, as a new process would.
 * All of them must end alike.
 */
export async function atEveryCommit<World extends { store: Store }, End>(
  begin: () => World,
  play: (world: World, run: <T>(work: (store: Store) => Promise<T>) => Promise<T>) => Promise<End>,
): Promise<End> {
  const tell = async (at: number, when: 'before' | 'after') => {
    const world = begin()
    let commits = 0
    const dying = changedStore(world.store, (dataset) => ({
      async commit(commit) {
        const dies = ++commits === at
        if (dies && when === 'before') throw new Cut()
        const result = await dataset.commit(commit)
        if (dies) throw new Cut()
        return result
      },
    }))
    const end = await play(world, async (work) => {
      try {
        return await work(dying)
      } catch (error) {
        if (!(error instanceof Cut)) throw error
        return work(dying)
      }
    })
    return { end, commits }
  }
  const { end, commits } = await tell(0, 'before')
  for (let at = 1; at <= commits; at++) {
    for (const when of ['before', 'after'] as const) {
      expect({ at, when, end: (await tell(at, when)).end }).toEqual({ at, when, end })
    }
  }
  return end
}
