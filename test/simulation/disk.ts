import { SynclineError } from '../../src/errors.ts'
import type { ChunkLimits, ChunkStore, Ref } from '../../src/store/index.ts'
import type { Process } from './process.ts'

/** How often operations fail: shares of all operations of a kind. */
export interface DiskFaults {
  /** Fails, and nothing has happened. */
  readonly fail: number
  /** A publish fails, and it has happened all the same. */
  readonly unknown: number
  /** A publish that has happened is reported as a conflict. */
  readonly lie: number
}

export const SOUND: DiskFaults = { fail: 0, unknown: 0, lie: 0 }

/** What survives a crash: chunks, heads, and who holds the lease. */
export class Disk {
  readonly limits: ChunkLimits
  /** False: a place without a lease, or one whose lease was stolen: nobody waits for anybody. */
  exclusive = true
  faults: DiskFaults = SOUND
  /** How many heads have been published. */
  published = 0
  readonly #runs = new Map<Ref, { chunks: string[]; writtenAt: number }>()
  #heads: { value: string; version: string }[] = []
  #count = 0
  #holder: Process | undefined

  constructor(limits: ChunkLimits) {
    this.limits = limits
  }

  /** The disk as a process sees it: each operation takes time, and may fail. */
  mount(process: Process): ChunkStore {
    const { world } = process
    const op = <T>(what: string, run: () => T): Promise<T> => {
      const { faults } = this
      const fails = world.dice.chance(faults.fail)
      return process.wait(
        what,
        world.dice.int(0, 3),
        () => {
          if (!fails) return run()
          world.trace?.(`${process.name}: ${what} fails`)
          throw unavailable()
        },
        unavailable,
      )
    }
    return {
      limits: this.limits,
      head: (before) => op('head', () => this.#head(before)),
      read: (refs) => op(`read ${refs.length} chunks`, () => this.#read(refs)),
      writeRun: async (source) => {
        const chunks: string[] = []
        for await (const chunk of source) chunks.push(chunk)
        return op('write a run', () => this.#write(chunks, process.now()))
      },
      publish: (value, expect) =>
        op('publish', () => {
          const version = this.#publish(value, expect)
          world.trace?.(`${process.name}: published head ${version}`)
          if (world.dice.chance(this.faults.unknown)) throw unavailable()
          if (world.dice.chance(this.faults.lie)) throw conflict()
          return version
        }),
      list: () => this.#list(op),
      remove: (refs) =>
        op('remove', () => {
          for (const ref of refs) this.#runs.delete(ref)
        }),
      ...(this.exclusive && { lease: (run, options) => this.#lease(process, run, options?.signal) }),
    }
  }

  /** The disk as one who only looks sees it: at once, and without faults. */
  peek(): ChunkStore {
    const refuse = () => Promise.reject(new Error('who only looks does not write'))
    return {
      limits: this.limits,
      head: async (before) => this.#head(before),
      read: async (refs) => this.#read(refs),
      writeRun: refuse,
      publish: refuse,
      list: () => refuse() as never,
      remove: refuse,
    }
  }

  #head(before: string | undefined) {
    return before === undefined
      ? this.#heads[0]
      : this.#heads[this.#heads.findIndex(({ version }) => version === before) + 1]
  }

  #read(refs: readonly Ref[]): (string | undefined)[] {
    return refs.map((ref) => {
      const [run = '', at] = ref.split(':')
      return this.#runs.get(run)?.chunks[Number(at)]
    })
  }

  #write(chunks: string[], writtenAt: number): Ref[] {
    const run = String(++this.#count)
    this.#runs.set(run, { chunks, writtenAt })
    return chunks.map((_, at) => `${run}:${at}`)
  }

  #publish(value: string, expect: string | undefined): string {
    if (this.#heads[0]?.version !== expect) throw conflict()
    const version = String(++this.#count)
    this.#heads = [{ value, version }, ...this.#heads.slice(0, 1)]
    this.published++
    return version
  }

  async *#list(op: <T>(what: string, run: () => T) => Promise<T>) {
    yield* await op('list', () => [...this.#runs].map(([ref, { writtenAt }]) => ({ ref, writtenAt })))
  }

  /** Whoever crashes lets go, as with locks of an operating system. */
  async #lease<R>(process: Process, run: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    while (this.#holder?.alive && this.#holder !== process) {
      signal?.throwIfAborted()
      await process.sleep(20, signal)
    }
    this.#holder = process
    try {
      return await run()
    } finally {
      if (this.#holder === process) this.#holder = undefined
    }
  }
}

function unavailable(): SynclineError {
  return new SynclineError('store_unavailable', 'the disk does not answer', { retryable: true })
}

function conflict(): SynclineError {
  return new SynclineError('conflict', 'another writer has published a head', { retryable: true })
}
