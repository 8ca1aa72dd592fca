import {
  type ClientConfig,
  createClient,
  defineSource,
  type JsonObject,
  type Source,
  type Store,
  type SyncOptions,
  sync,
} from 'syncline'
import type { Script, Seen } from '../api/script.ts'
import { type HastyPorts, hastyPorts } from './ports.ts'
import type { Place } from './suite.ts'

/** The API as one case sees it: it says how paths are answered, and reads what was asked. */
export class Api {
  readonly ports: HastyPorts = hastyPorts()
  /** Base URLs, with the world of this case in the path. */
  readonly base: string
  readonly foreign: string
  readonly #control: string

  constructor(place: Place, world: string) {
    this.base = `${place.api}/${world}`
    this.foreign = `${place.foreign}/${world}`
    this.#control = `${place.api}/control/${world}`
  }

  /** From now on paths are answered like this. What was asked before stays in the log. */
  async serves(script: Script): Promise<void> {
    await fetch(this.#control, { method: 'PUT', body: JSON.stringify(script) })
  }

  async log(): Promise<Seen[]> {
    return (await fetch(this.#control)).json()
  }

  /** Values of one query parameter, request by request. */
  async asked(param: string): Promise<(string | undefined)[]> {
    return (await this.log()).map(({ query }) => query[param])
  }

  client(config: object = {}) {
    return createClient({ baseUrl: this.base, retry: { retries: 0 }, ...config } as ClientConfig, { ports: this.ports })
  }

  /** The records of all pages. */
  async read(endpoint: object, config: object = {}): Promise<JsonObject[]> {
    const rows: JsonObject[] = []
    for await (const { records } of this.client(config).paginate({ path: 'items', ...endpoint } as never)) {
      rows.push(...(records as JsonObject[]))
    }
    return rows
  }

  /** One resource `items`, merged by id, and what is added. */
  source(items: object = {}, more: object[] = [], config: object = {}): Source {
    const source: object = {
      name: 'test',
      client: { baseUrl: this.base, retry: { retries: 0 }, ...config },
      resourceDefaults: {
        primaryKey: 'id',
        endpoint: { dataSelector: 'data', paginator: { type: 'offset', limit: 10 } },
      },
      resources: [{ name: 'items', ...items }, ...more],
    }
    return defineSource(source as never) as Source
  }

  sync(source: Source, store: Store, options: SyncOptions = {}) {
    return sync(source, store, { ports: this.ports, ...options })
  }
}
