import type { Ports } from '../../src/ports.ts'
import type { World } from './world.ts'

/** What befalls a process at one of its await points, counted from 1. */
export interface Fate {
  readonly at: number
  /** `crash`: what it waited for has not happened; `crash-after`: it has, but nobody was told. */
  readonly kind: 'crash' | 'crash-after' | 'abort' | 'throw'
}

/** The reason of every abort here. */
export class Aborted extends Error {
  override readonly name = 'AbortError'
}

/**
 * A running program: what it waits for can be cut anywhere. After a crash none of its promises settles any more, which
 * is all that a crash is to those that are left.
 */
export class Process {
  readonly name: string
  readonly world: World
  readonly signal: AbortSignal
  readonly reason = new Aborted('stop')
  alive = true
  /** How far its clock is ahead of the true time, in ms. */
  clockAhead = 0
  /** Await points so far. */
  points = 0
  fate: Fate | undefined
  /** Requests that reached its network. */
  requests = 0
  /** Requests for a token that are under way, and the most that were at once. */
  renewing = 0
  renewingAtOnce = 0
  /** Sleeps and timers that have not ended. */
  timers = 0
  listeners = 0
  readonly crashed: Promise<'crashed'>
  readonly #controller = new AbortController()
  #onCrash: (value: 'crashed') => void = () => {}

  constructor(name: string, world: World) {
    this.name = name
    this.world = world
    this.signal = this.#watched(this.#controller.signal)
    this.crashed = new Promise((resolve) => {
      this.#onCrash = resolve
    })
  }

  get aborted(): boolean {
    return this.#controller.signal.aborted
  }

  now(): number {
    return this.world.now + this.clockAhead
  }

  crash(): void {
    this.alive = false
    this.#onCrash('crashed')
  }

  abort(): void {
    this.#controller.abort(this.reason)
  }

  /** One await point: after `ms`, `effect` happens and the promise settles as it does. `fail`: an injected failure. */
  wait<T>(what: string, ms: number, effect: () => T, fail?: () => unknown): Promise<T> {
    if (!this.alive) return new Promise(() => {})
    return new Promise((resolve, reject) => {
      this.world.after(ms, () => {
        if (!this.alive) return
        const fate = this.point(what)
        if (fate === 'crash') return this.crash()
        if (fate === 'throw' && fail !== undefined) return reject(fail())
        try {
          const value = effect()
          if (fate === 'crash-after') return this.crash()
          if (fate === 'abort') this.abort()
          resolve(value)
        } catch (error) {
          if (fate === 'crash-after') return this.crash()
          if (fate === 'abort') this.abort()
          reject(error)
        }
      })
    })
  }

  /** Counts an await point, and says what befalls the process there. */
  point(what: string): Fate['kind'] | undefined {
    this.points++
    const fate = this.fate?.at === this.points ? this.fate.kind : undefined
    if (fate !== undefined) this.world.trace?.(`${this.name}: ${fate.toUpperCase()} at await ${this.points} (${what})`)
    return fate
  }

  timer(ms: number, run: () => void): () => void {
    this.timers++
    let open = true
    const end = () => {
      if (open) this.timers--
      open = false
    }
    const cancel = this.world.after(ms, () => {
      if (!this.alive) return
      end()
      run()
    })
    return () => {
      cancel()
      end()
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const cut = () => {
        cancel()
        reject(signal?.reason)
      }
      const cancel = this.timer(ms, () => {
        signal?.removeEventListener('abort', cut)
        const fate = this.point(`sleep of ${ms} ms`)
        if (fate?.startsWith('crash')) return this.crash()
        if (fate === 'abort') this.abort()
        resolve()
      })
      signal?.addEventListener('abort', cut, { once: true })
    })
  }

  ports(fetch: Ports['fetch']): Ports {
    return {
      fetch,
      now: () => this.now(),
      sleep: (ms, signal) => this.sleep(ms, signal),
      timer: (ms, run) => this.timer(ms, run),
      random: this.world.dice.next,
    }
  }

  /** The signal, with its listeners counted. */
  #watched(signal: AbortSignal): AbortSignal {
    const held = new Set<unknown>()
    const count = () => {
      this.listeners = held.size
    }
    const { addEventListener: add, removeEventListener: remove } = signal
    // All listeners here are for once.
    add.call(signal, 'abort', () => {
      held.clear()
      count()
    })
    return Object.assign(signal, {
      addEventListener: (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
        held.add(listener)
        count()
        add.call(signal, type, listener, options)
      },
      removeEventListener: (type: string, listener: EventListener) => {
        held.delete(listener)
        count()
        remove.call(signal, type, listener)
      },
    })
  }
}
