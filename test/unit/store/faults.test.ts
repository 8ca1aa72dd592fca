import { afterAll, expect, test } from 'vitest'
import { memoryChunks } from '../../../adapters/memory.ts'
import { isSynclineError, SynclineError } from '../../../src/errors.ts'
import type { ChunkStore } from '../../../src/store/chunked/chunk-store.ts'
import { chunked } from '../../../src/store/chunked/chunked.ts'
import { type Change, checkPair, expected, histories, type Limits, playOn, type Tables } from './histories.ts'

type Call = () => Promise<unknown>

/** What a fault may do besides running the call or not. */
interface Around {
  /** Writes the first chunk of a run, and no more; other calls have no parts. */
  part?: () => Promise<unknown>
  /** The process is no more: whatever waits for an answer waits for ever. */
  kill(): Promise<never>
  /** Another process commits, and collects what nobody names. */
  meanwhile(): Promise<void>
}

type Fault = (call: Call, around: Around) => Promise<unknown>

const faults: Record<string, Fault> = {
  'fails before it takes effect': async () => {
    throw injected()
  },
  'fails after it took effect': async (call) => {
    await call()
    throw injected()
  },
  throws: () => {
    throw injected()
  },
  'is the last one before a kill': async (call, { kill }) => {
    await call()
    return kill()
  },
  'is cut short by a kill': async (_, { kill, part }) => {
    await part?.()
    return kill()
  },
  'takes effect late': async (call, { meanwhile }) => {
    await meanwhile()
    return call()
  },
}

const positions = new Map<string, number>()
afterAll(() => {
  const all = [...positions.values()].reduce((sum, count) => sum + count, 0)
  process.stdout.write(
    `storage faults: ${all} positions in ${histories.length} histories x ${positions.size} faults, 0 violations\n`,
  )
})

test.each(Object.keys(faults).flatMap((fault) => histories.map((history) => [fault, ...history] as const)))(
  'a storage call that %s, at every position of "%s": the old pair or the new pair',
  async (fault, _, limits, changes) => {
    const states = expected(changes)
    let count = 0
    for (let at = 0; ; at++) {
      if (!(await strike({ limits, changes, states }, at, faults[fault] as Fault))) break
      count++
    }
    expect(count).toBeGreaterThan(5)
    positions.set(fault, (positions.get(fault) ?? 0) + count)
  },
  60_000,
)

test('more than two thousand positions were tried', () => {
  expect([...positions.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2000)
})

interface History {
  readonly limits: Limits
  readonly changes: readonly Change[]
  readonly states: readonly Tables[]
}

/** Plays the history with one storage call struck, then to the end; false if there are fewer calls. */
async function strike({ limits, changes, states }: History, at: number, fault: Fault): Promise<boolean> {
  let now = 0
  let calls = 0
  const ports = { now: () => now }
  const chunks = memoryChunks({ limits: { ...limits, dropAfterMs: 1 }, ports })
  const advance = () => {
    now += 1000
  }
  const clean = () => chunked(chunks, { ports })

  let dead = () => {}
  const death = new Promise<void>((resolve) => {
    dead = resolve
  })
  let killed = false
  const around: Around = {
    kill() {
      killed = true
      dead()
      return new Promise<never>(() => {})
    },
    async meanwhile() {
      const other = await clean()
      const upTo = Number((await other.position('u')).value ?? -1) + 3
      await other.lease(() => playOn(other, changes.slice(0, upTo), advance))
    },
  }
  const faulty = intercept(chunks, (call, part) => {
    if (killed) return new Promise<never>(() => {})
    return calls++ === at ? fault(call, { ...around, ...(part && { part }) }) : call()
  })
  const play = async (place: ChunkStore) => {
    const dataset = await chunked(place, { ports })
    await dataset.lease(() => playOn(dataset, changes, advance))
  }
  for (let ended = false; !ended; ) {
    const playing = play(faulty).then(() => {
      ended = true
    })
    try {
      await Promise.race([playing, death])
    } catch (error) {
      expect(isSynclineError(error, 'store_unavailable') || isSynclineError(error, 'conflict')).toBe(true)
    }
    await checkPair(await clean(), states)
    if (killed) {
      await play(chunks)
      ended = true
    }
  }
  expect(await checkPair(await clean(), states)).toBe(changes.length - 1)
  return calls > at
}

/** Calls `on` in the place of every storage operation. `part` writes the first chunk of a run, and no more. */
function intercept(chunks: ChunkStore, on: (call: Call, part?: Call) => Promise<unknown>): ChunkStore {
  const through = <R>(call: () => Promise<R>, part?: Call) => on(call, part) as Promise<R>
  return {
    limits: chunks.limits,
    head: (before) => through(() => chunks.head(before)),
    read: (refs) => through(() => chunks.read(refs)),
    writeRun: (source) =>
      through(
        () => chunks.writeRun(source),
        () => chunks.writeRun(first(source)),
      ),
    publish: (head, expect) => through(() => chunks.publish(head, expect)),
    remove: (refs) => through(() => chunks.remove(refs)),
    async *list() {
      await through(async () => {})
      yield* chunks.list()
    },
  }
}

async function* first<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of source) {
    yield item
    return
  }
}

function injected(): SynclineError {
  return new SynclineError('store_unavailable', 'injected')
}
