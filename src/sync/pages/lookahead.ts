import { hash64 } from '../../hash.ts'
import type { HttpResponse, RequestSpec } from '../../http/request.ts'
import { MOST_PAGES } from '../../paginators/options/entries.ts'

type Send = (request: RequestSpec, signal: AbortSignal) => Promise<HttpResponse>

/** What makes two requests the same. */
export function requestKey({ method, url, params, headers, json, data }: RequestSpec): string {
  return hash64(JSON.stringify([method, url, params, headers, json ?? null, data ?? null]))
}

/**
 * Pages that were asked for before their turn: while a commit runs, or in a window. Answers are taken in the order of
 * the pages. One that turns out to be another page than was expected is never taken.
 */
export class Lookahead {
  readonly #send: Send
  readonly #signal: AbortSignal | undefined
  readonly #asked = new Map<string, Promise<HttpResponse>>()
  #controller = new AbortController()
  /** Of the last pages that were read, what tells their records apart. */
  #read: ReadonlySet<string>[] = []
  readonly #onAbort = () => this.#controller.abort(this.#signal?.reason)

  constructor(send: Send, signal: AbortSignal | undefined) {
    this.#send = send
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
  }

  has(request: RequestSpec): boolean {
    return this.#asked.has(requestKey(request))
  }

  /** Asks for what has not been asked for. */
  ask(requests: readonly RequestSpec[]): void {
    for (const request of requests) {
      const key = requestKey(request)
      if (this.#asked.has(key)) continue
      const answer = this.#send(request, this.#controller.signal)
      // Its failure is for those who take it.
      answer.catch(() => {})
      this.#asked.set(key, answer)
    }
  }

  /** The answer to a request that was asked for; else `undefined`, and what was asked for after it is dropped. */
  async take(request: RequestSpec): Promise<HttpResponse | undefined> {
    const key = requestKey(request)
    const answer = this.#asked.get(key)
    this.#asked.delete(key)
    if (answer === undefined) await this.#drop()
    return answer
  }

  get isWaiting(): boolean {
    return this.#asked.size > 0
  }

  /**
   * Pages that are asked for at once may be answered in any order. Where rows came in before this page, as those show that
   * are on it again, others may have moved to a page that was answered before: what is under way is dropped.
   */
  async note(keys: readonly string[]): Promise<void> {
    if (this.isWaiting && keys.some((key) => this.#read.some((page) => page.has(key)))) await this.#drop()
    this.#read = [...this.#read.slice(1 - MOST_PAGES), new Set(keys)]
  }

  /** Ends what is under way, and waits until it has. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    await this.#drop()
  }

  async #drop(): Promise<void> {
    const answers = [...this.#asked.values()]
    if (answers.length === 0) return
    this.#asked.clear()
    this.#controller.abort()
    this.#controller = new AbortController()
    await Promise.allSettled(answers)
  }
}
