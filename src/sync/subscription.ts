import { isSynclineError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { Change, Dataset, Version } from '../store/dataset.ts'
import type { Key } from '../store/key.ts'

/** What happened to a row. `deleted` may be one that the listener never heard of: it came and went in between. */
export type RowChange<Row> =
  | { readonly type: 'added' | 'updated'; readonly key: Key; readonly value: Row }
  | { readonly type: 'deleted'; readonly key: Key }

/**
 * Gets the changes of a table, or `'reset'` when they are not known: read the table again then. It is called once at a
 * time: a promise that it returns is waited for.
 */
export type ChangeListener<Row> = (changes: RowChange<Row>[] | 'reset') => void | Promise<void>

export interface SubscribeOptions {
  /** Ends the subscription, as the function does that `subscribe` returns. */
  signal?: AbortSignal
  /** Begins with a `'reset'`, so that the listener has one way of reading the table. @default false */
  initial?: boolean
  /**
   * Looks every so many ms, too: for stores that do not hear of commits made elsewhere, as KV and R2. It keeps the
   * process alive. @default never
   */
  pollMs?: number
  /**
   * Gets what the listener throws, and what keeps the store from being read, which is tried again after 1 s, 2 s, up to
   * a minute. @default uncaught, as of an event listener; what is retryable is only tried again
   */
  onError?: (error: unknown) => void
}

export interface Subscription<Row> {
  readonly dataset: Dataset
  readonly table: string
  /** When the subscription began. */
  readonly since: Version
  readonly listener: ChangeListener<Row>
  readonly options: SubscribeOptions
  readonly end: AbortController
  /** Aborts when the dataset is closed. */
  readonly closed: AbortSignal
  readonly timer: Required<Ports>['timer']
}

/**
 * Tells the listener what changes, until it ends. Every look asks for all changes since the last one, so that notices
 * may be missed, and what comes while the listener is busy comes in one.
 */
export function follow<Row>({ dataset, table, since, listener, options, end, closed, timer }: Subscription<Row>): void {
  const { signal, initial, pollMs, onError } = options
  const ended = end.signal
  let told: Version | undefined = initial ? undefined : since
  let failures = 0
  let looking = false
  let again = false
  let cancelTimer = () => {}

  const report = (error: unknown) =>
    queueMicrotask(() => {
      if (onError === undefined) throw error
      onError(error)
    })

  async function tell(changes: RowChange<Row>[] | 'reset'): Promise<void> {
    if (ended.aborted) return
    try {
      await listener(changes)
    } catch (error) {
      report(error)
    }
  }

  async function tellChanges(): Promise<void> {
    const changes = told === undefined ? 'reset' : await dataset.changes(told, table)
    if (changes === 'reset') {
      told = await dataset.version()
      return tell('reset')
    }
    for await (const batch of changes) {
      if (ended.aborted) return
      await tell(batch.map((change) => rowChange(change)))
    }
    told = changes.version
  }

  async function tryToTell(): Promise<number | undefined> {
    try {
      await tellChanges()
      failures = 0
      return pollMs
    } catch (error) {
      if (!ended.aborted && (onError !== undefined || !isRetryable(error))) report(error)
      return Math.min(1000 * 2 ** failures++, 60_000)
    }
  }

  async function look(): Promise<void> {
    again = true
    if (looking) return
    looking = true
    while (again && !ended.aborted) {
      again = false
      cancelTimer()
      const waitMs = await tryToTell()
      if (waitMs !== undefined && !ended.aborted) cancelTimer = timer(waitMs, look)
    }
    looking = false
  }

  const sources = [closed, ...(signal === undefined ? [] : [signal])]
  if (ended.aborted || sources.some(({ aborted }) => aborted)) return
  const stop = () => end.abort()
  const unwatch = dataset.watch?.(look)
  for (const source of sources) source.addEventListener('abort', stop)
  ended.addEventListener('abort', () => {
    cancelTimer()
    unwatch?.()
    for (const source of sources) source.removeEventListener('abort', stop)
  })
  void look()
}

function rowChange<Row>({ table: _, ...change }: Change): RowChange<Row> {
  return change as RowChange<Row>
}

function isRetryable(error: unknown): boolean {
  return isSynclineError(error) && error.retryable === true
}
